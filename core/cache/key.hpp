// SPDX-License-Identifier: Apache-2.0
// The key of a stored answer: SHA-256 over everything that the answer may depend on. Pure.
#pragma once

#include <sha256.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace regcred::core {

// Adds fields one after the other. Each goes in as its length in 8 bytes and its bytes, so that two lists of fields
// that differ never give the same bytes.
class KeyBuilder {
 public:
  KeyBuilder();
  KeyBuilder &add(std::string_view field);
  KeyBuilder &add_number(std::int64_t value);
  // The file that `path` leads to: device, inode, size, times of its content and of its inode; or that there is none.
  KeyBuilder &add_file(const std::string &path);
  // The same of an open file.
  KeyBuilder &add_open_file(int fd);

  // 64 lower-case hexadecimal digits of all fields so far; more may be added afterwards.
  [[nodiscard]] std::string hex() const;

 private:
  SHA2_CTX state_;
};

}  // namespace regcred::core
