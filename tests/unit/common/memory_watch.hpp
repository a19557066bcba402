// SPDX-License-Identifier: Apache-2.0
// Looks at memory at the moment at which it is given back: operator delete of a program with memory_watch.cpp tells
// whether the bytes that a test watches were wiped by then.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace regcred::testing_memory {

// One block from new char[]; `is_released` and `is_wiped` are set when it is deleted, then nothing more changes.
struct Watch {
  const void *block = nullptr;
  std::size_t size = 0;  // bytes
  bool is_released = false;
  bool is_wiped = false;  // every byte was 0
};

extern std::array<Watch, 2> watches;

// Counts the blocks, of whatever owner, that are given back while they hold `text`; an empty one is looked for nowhere.
struct Canary {
  std::string_view text;
  std::size_t found = 0;
};

extern Canary canary_watch;

}  // namespace regcred::testing_memory
