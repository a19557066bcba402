// SPDX-License-Identifier: Apache-2.0
// The host's structs as hosts of other releases would pass them.
#pragma once

#include <regcred/abi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace regcred::conformance {

enum class Shape {
  current,      // as in abi.h of this build
  oldest,       // ABI 1.0's members only, and memory that must not be read right behind them
  newer,        // a later minor: larger, with bytes behind the known members that a backend of today ignores
  newer_minor,  // a later minor that added no member
};

// The size of each host-owned struct in ABI 1.0 (64-bit), the oldest release. Append only: these sizes are promised.
constexpr std::size_t bytes_1_0(const regcred_bytes_sink_v1 *) { return 24; }
constexpr std::size_t bytes_1_0(const regcred_http_response_v1 *) { return 72; }
constexpr std::size_t bytes_1_0(const regcred_http_v1 *) { return 24; }
constexpr std::size_t bytes_1_0(const regcred_log_v1 *) { return 32; }
constexpr std::size_t bytes_1_0(const regcred_clock_v1 *) { return 40; }
constexpr std::size_t bytes_1_0(const regcred_secret_v1 *) { return 24; }
constexpr std::size_t bytes_1_0(const regcred_crypto_v1 *) { return 40; }
constexpr std::size_t bytes_1_0(const regcred_process_result_v1 *) { return 48; }
constexpr std::size_t bytes_1_0(const regcred_process_v1 *) { return 24; }
constexpr std::size_t bytes_1_0(const regcred_host_v1 *) { return 24; }
constexpr std::size_t bytes_1_0(const regcred_request_v1 *) { return 72; }
constexpr std::size_t bytes_1_0(const regcred_sink_v1 *) { return 48; }

static_assert(sizeof(void *) == 8, "the sizes above are those of 64-bit machines");

inline constexpr std::uint16_t newer_minor = REGCRED_ABI_MINOR + 7;

// Pages whose last bytes hold a struct, with a page behind them that nobody may read.
class GuardedMemory {
 public:
  explicit GuardedMemory(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    size_ = 2 * page;
    void *pages = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();
    pages_ = static_cast<std::byte *>(pages);
    ::mprotect(pages_ + page, page, PROT_NONE);
    start_ = pages_ + page - bytes;
  }
  ~GuardedMemory() { ::munmap(pages_, size_); }
  GuardedMemory(const GuardedMemory &) = delete;
  GuardedMemory &operator=(const GuardedMemory &) = delete;

  [[nodiscard]] std::byte *start() const { return start_; }

 private:
  std::byte *pages_ = nullptr;
  std::byte *start_ = nullptr;
  std::size_t size_ = 0;
};

// A copy of `value` in the given shape; its struct_size and abi_minor are of that shape. Throws std::bad_alloc.
template <class Struct>
class Shaped {
 public:
  Shaped(const Struct &value, Shape shape) : memory_(bytes_of(shape) + readable_after(shape)) {
    static_assert(bytes_of_oldest <= sizeof(Struct), "structs only grow");
    const std::size_t bytes = bytes_of(shape);
    std::memset(memory_.start(), poison, bytes);
    std::memcpy(memory_.start(), &value, std::min(bytes, sizeof(Struct)));
    const auto size = static_cast<std::uint32_t>(bytes);
    const std::uint16_t minor = minor_of(shape);
    std::memcpy(memory_.start() + offsetof(Struct, struct_size), &size, sizeof size);
    std::memcpy(memory_.start() + offsetof(Struct, abi_minor), &minor, sizeof minor);
  }

  [[nodiscard]] const Struct *get() const { return reinterpret_cast<const Struct *>(memory_.start()); }

 private:
  static constexpr int poison = 0xA5;
  static constexpr std::size_t later_bytes = 64;
  static constexpr std::size_t bytes_of_oldest = bytes_1_0(static_cast<const Struct *>(nullptr));

  static std::size_t bytes_of(Shape shape) {
    if (shape == Shape::oldest) return bytes_of_oldest;
    return shape == Shape::newer ? sizeof(Struct) + later_bytes : sizeof(Struct);
  }

  // Only reading too far in an old host hits the guard page, so that only versions.oldest-host fails.
  static std::size_t readable_after(Shape shape) { return shape == Shape::oldest ? 0 : later_bytes; }

  static std::uint16_t minor_of(Shape shape) {
    switch (shape) {
      case Shape::current:
        return REGCRED_ABI_MINOR;
      case Shape::oldest:
        return 0;
      default:
        return newer_minor;
    }
  }

  GuardedMemory memory_;
};

}  // namespace regcred::conformance
