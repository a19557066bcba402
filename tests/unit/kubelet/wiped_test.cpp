// SPDX-License-Identifier: Apache-2.0
// Every block that reading a request gives back is looked at: none may hold a piece of the token.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>

#include "common/unique_fd.hpp"
#include "kubelet/request_reader.hpp"

namespace {

constexpr const char *canary = "CANARY-of-the-token";
thread_local bool looking = false;
int found = 0;

void release(void *block) noexcept {
  if (looking && block != nullptr &&
      ::memmem(block, ::malloc_usable_size(block), canary, std::strlen(canary)) != nullptr) {
    ++found;
  }
  std::free(block);
}

}  // namespace

void *operator new(std::size_t size) {
  void *block = std::malloc(size > 0 ? size : 1);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void *block) noexcept { release(block); }
void operator delete(void *block, std::size_t) noexcept { release(block); }

namespace regcred::core {
namespace {

// Sends `text` in two writes and reads it as a request. Gives how many blocks came back with a piece of the token.
int blocks_with_canary(const std::string &text) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  const UniqueFd reader(ends[0]);
  std::thread writer([&text, end = UniqueFd(ends[1])] {
    const std::size_t half = text.size() / 2;
    if (::write(end.get(), text.data(), half) < 0) return;
    std::size_t at = half;
    while (at < text.size()) {
      const ssize_t size = ::write(end.get(), text.data() + at, text.size() - at);
      if (size < 0) return;
      at += static_cast<std::size_t>(size);
    }
  });
  found = 0;
  looking = true;
  {
    Result<std::string> bytes = read_request_bytes(reader.get());
    if (bytes) wipe(*bytes);
  }
  looking = false;
  ::signal(SIGPIPE, SIG_IGN);
  writer.join();
  return found;
}

TEST(RequestBytes, S1_no_buffer_of_a_long_request_is_left_with_the_token) {
  EXPECT_EQ(blocks_with_canary(canary + std::string(200U << 10U, 'x')), 0);
}

TEST(RequestBytes, S1_nor_one_of_a_request_that_is_too_large) {
  EXPECT_EQ(blocks_with_canary(canary + std::string((1U << 20U) + 10, 'x')), 0);
}

}  // namespace
}  // namespace regcred::core
