// SPDX-License-Identifier: Apache-2.0
#include "common/sha256.hpp"

#include <sha256.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "common/limits.hpp"

namespace regcred::core {

std::optional<std::string> sha256_of(int fd) {
  SHA2_CTX context;
  SHA256Init(&context);
  std::array<std::uint8_t, 65536> buffer{};
  for (off_t offset = 0; offset < static_cast<off_t>(limits::backend_file_bytes_max);) {
    const ssize_t size = ::pread(fd, buffer.data(), buffer.size(), offset);
    if (size < 0) return std::nullopt;
    if (size == 0) {
      std::array<char, SHA256_DIGEST_STRING_LENGTH> hex{};
      return std::string(SHA256End(&context, hex.data()));
    }
    SHA256Update(&context, buffer.data(), static_cast<std::size_t>(size));
    offset += size;
  }
  return std::nullopt;
}

std::string sha256_of_text(std::string_view text) {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const std::uint8_t *>(text.data()), text.size());
  std::array<char, SHA256_DIGEST_STRING_LENGTH> hex{};
  return SHA256End(&context, hex.data());
}

}  // namespace regcred::core
