// SPDX-License-Identifier: Apache-2.0
// Secret: bytes that must not be printed, and that are wiped when they are no longer needed. Installed with the SDK.
//
// Limits: nlohmann/json and libcurl keep copies of what passes through them, and a process that is killed wipes
// nothing. The worker lives for seconds, cannot dump core and cannot be traced; Secret shortens the time that OUR
// copies live and makes printing one a compile error.
#pragma once

#include <cstring>
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
  explicit Secret(std::string_view bytes) {
    if (bytes.empty()) return;
    data_ = new char[bytes.size()];
    size_ = bytes.size();
    std::memcpy(data_, bytes.data(), size_);
  }

  Secret(Secret &&other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Secret &operator=(Secret &&other) noexcept {
    if (this != &other) {
      wipe();  // guard: replaced-secret-wiped
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
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
  void wipe() noexcept {
    if (data_ != nullptr) {
      ::explicit_bzero(data_, size_);  // guard: secret-wiped
      delete[] data_;
    }
    data_ = nullptr;
    size_ = 0;
  }

 private:
  char *data_ = nullptr;
  std::size_t size_ = 0;
};

// Wipes and empties a string that held a secret on its way into a Secret, or out of one.
inline void wipe(std::string &text) noexcept {
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

// Printing a secret must not compile: streams, and with them everything that formats through streams.
template <class Stream>
Stream &operator<<(Stream &, const Secret &) = delete;  // guard: no-secret-in-streams

// guard: secret-is-no-text
static_assert(!std::is_convertible_v<Secret, std::string_view>, "a secret never turns into text by itself");

}  // namespace regcred
