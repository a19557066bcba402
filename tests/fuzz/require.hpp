// SPDX-License-Identifier: Apache-2.0
// What a fuzz target asserts: a property that every input must keep. Ends the process, so that the fuzzer keeps the
// input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace regcred::fuzz {

// `detail` helps whoever looks at the finding: what was seen instead.
inline void require(bool holds, const char *property, const std::string &detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %s\n%s\n", property, detail.c_str());
  std::abort();
}

}  // namespace regcred::fuzz

// The entry point that libFuzzer and replay.cpp call.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);
