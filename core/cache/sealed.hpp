// SPDX-License-Identifier: Apache-2.0
// The format of every file of this folder: a magic text with the version, the fields of a value (worker/wire.hpp), and
// SHA-256 of all that precedes, in hexadecimal. A torn, foreign or damaged file does not pass.
#pragma once

#include <optional>
#include <regcred/secret.hpp>
#include <string_view>

#include "common/sha256.hpp"
#include "worker/wire.hpp"

namespace regcred::core {

inline constexpr std::size_t checksum_bytes = 64;

// The bytes of a file for `value`, which has on_wire().
template <class T>
[[nodiscard]] Secret sealed(std::string_view magic, T &value) {
  const Secret fields = encoded(value);
  std::string bytes;
  bytes.reserve(magic.size() + fields.size() + checksum_bytes);
  bytes.append(magic).append(fields.reveal());
  bytes.append(sha256_of_text(bytes));
  Secret file(bytes);
  wipe(bytes);
  return file;
}

// The reverse; empty for all bytes that sealed() does not write for this type.
template <class T>
[[nodiscard]] std::optional<T> unsealed(std::string_view magic, std::string_view file) {
  if (!file.starts_with(magic) || file.size() < magic.size() + checksum_bytes) return std::nullopt;
  const std::string_view content = file.substr(0, file.size() - checksum_bytes);
  if (sha256_of_text(content) != file.substr(content.size())) return std::nullopt;  // guard: cache-checksum
  return decoded<T>(content.substr(magic.size()));
}

}  // namespace regcred::core
