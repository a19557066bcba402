// Looks at memory at the moment at which it is given back: the operator delete[] of a program with memory_watch.cpp
// tells whether the bytes that a test watches were wiped by then.
#pragma once

#include <array>
#include <cstddef>

namespace regcred::testing_memory {

// One block from new char[]; `is_released` and `is_wiped` are set when it is deleted, then nothing more changes.
struct Watch {
  const void *block = nullptr;
  std::size_t size = 0;  // bytes
  bool is_released = false;
  bool is_wiped = false;  // every byte was 0
};

extern std::array<Watch, 2> watches;

}  // namespace regcred::testing_memory
