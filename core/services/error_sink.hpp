// SPDX-License-Identifier: Apache-2.0
// An error of the core as a backend gets it.
#pragma once

#include <regcred/abi.h>

#include <string>

#include "common/result.hpp"

namespace regcred::core {

// `sink` may be null.
inline void hand_over(const Error &why, const regcred_bytes_sink_v1 *sink) {
  if (sink == nullptr) return;
  const std::string line = line_of(why);
  sink->bytes(sink->context, {line.data(), line.size()});
}

}  // namespace regcred::core
