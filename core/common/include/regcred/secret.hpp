// SPDX-License-Identifier: Apache-2.0
// Secret: bytes that must not be printed, and that are wiped when they are no longer needed. Installed with the SDK.
//
// Limits: nlohmann/json and libcurl keep copies of what passes through them, and a process that is killed wipes
// nothing. The worker lives for seconds, cannot dump core and cannot be traced; Secret shortens the time that OUR
// copies live and makes printing one a compile error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace regcred {

// An owned, move-only byte string that is wiped with explicit_bzero before its memory is released (libc keeps that call
// where a plain memset may be optimised away). Not thread-safe, like std::string.
class Secret {
 public:
  Secret() noexcept = default;

  // Copies `bytes`; the source stays the caller's to wipe. Throws std::bad_alloc.
  explicit Secret(std::string_view bytes);

  // The bytes change their owner; `other` is empty then. Those that an assignment replaces are wiped.
  Secret(Secret &&other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Secret &operator=(Secret &&other) noexcept;
  Secret(const Secret &) = delete;  // guard: no-secret-copies
  Secret &operator=(const Secret &) = delete;
  ~Secret() { wipe(); }

  // An explicit second copy, where one is needed.
  [[nodiscard]] Secret clone() const { return Secret(reveal()); }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }   // guard: no-secret-as-text
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  // bytes

  // The bytes themselves, valid as long as this object and its content. The only access: every use of a secret can be
  // found by searching for this name.
  [[nodiscard]] std::string_view reveal() const noexcept { return {data_, size_}; }

  // Wipes and empties now.
  void wipe() noexcept;

 private:
  char *data_ = nullptr;
  std::size_t size_ = 0;
};

// Wipes and empties a string that held a secret on its way into a Secret, or out of one.
inline void wipe(std::string &text) noexcept;

// Printing a secret must not compile: streams, and with them everything that formats through streams.
template <class Stream>
Stream &operator<<(Stream &, const Secret &) = delete;  // guard: no-secret-in-streams

// guard: secret-is-no-text
static_assert(!std::is_convertible_v<Secret, std::string_view>, "a secret never turns into text by itself");

}  // namespace regcred

#include <regcred/detail/secret_impl.hpp>
