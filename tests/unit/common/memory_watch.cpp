// SPDX-License-Identifier: Apache-2.0
// A source of its own, so that the compiler of a test sees no use of the bytes in operator delete and may drop a wipe
// that it thinks useless, as it may in the program.
#include "unit/common/memory_watch.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace regcred::testing_memory {

std::array<Watch, 2> watches;
Canary canary_watch;

namespace {

void release(void *block) noexcept {
  for (Watch &watch : watches) {
    if (block == nullptr || block != watch.block || watch.is_released) continue;
    const auto *bytes = static_cast<const volatile unsigned char *>(block);
    watch.is_released = true;
    watch.is_wiped = true;
    for (std::size_t i = 0; i < watch.size; ++i) watch.is_wiped = watch.is_wiped && bytes[i] == 0;
  }
  const std::string_view canary = canary_watch.text;
  if (block != nullptr && !canary.empty() &&
      ::memmem(block, ::malloc_usable_size(block), canary.data(), canary.size()) != nullptr) {
    ++canary_watch.found;
  }
  std::free(block);
}

void *take(std::size_t size) {
  void *block = std::calloc(std::max<std::size_t>(size, 1), 1);  // nothing of its last owner is found in it
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

}  // namespace
}  // namespace regcred::testing_memory

void *operator new(std::size_t size) { return regcred::testing_memory::take(size); }
void *operator new[](std::size_t size) { return regcred::testing_memory::take(size); }
void operator delete(void *block) noexcept { regcred::testing_memory::release(block); }
void operator delete(void *block, std::size_t) noexcept { regcred::testing_memory::release(block); }
void operator delete[](void *block) noexcept { regcred::testing_memory::release(block); }
void operator delete[](void *block, std::size_t) noexcept { regcred::testing_memory::release(block); }
