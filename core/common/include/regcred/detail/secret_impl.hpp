// SPDX-License-Identifier: Apache-2.0
// The bodies of secret.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <cstring>
#include <regcred/secret.hpp>

namespace regcred {

inline Secret::Secret(std::string_view bytes) {
  if (bytes.empty()) return;
  data_ = new char[bytes.size()];
  size_ = bytes.size();
  std::memcpy(data_, bytes.data(), size_);
}

inline Secret &Secret::operator=(Secret &&other) noexcept {
  if (this != &other) {
    wipe();  // guard: replaced-secret-wiped
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

inline void Secret::wipe() noexcept {
  if (data_ != nullptr) {
    ::explicit_bzero(data_, size_);  // guard: secret-wiped
    delete[] data_;
  }
  data_ = nullptr;
  size_ = 0;
}

inline void wipe(std::string &text) noexcept {
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace regcred
