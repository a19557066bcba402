// SPDX-License-Identifier: Apache-2.0
// Spans of time as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace regcred::core {

// "45 s", "59 min", "2 h 5 min", "12 days"; of the absolute value.
[[nodiscard]] std::string span_words(std::int64_t seconds);

}  // namespace regcred::core
