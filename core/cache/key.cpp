// SPDX-License-Identifier: Apache-2.0
#include "cache/key.hpp"

#include <sys/stat.h>

#include <array>

namespace regcred::core {
namespace {

void add_status(KeyBuilder &key, const struct stat &status) {
  key.add_number(static_cast<std::int64_t>(status.st_dev)).add_number(static_cast<std::int64_t>(status.st_ino));
  key.add_number(status.st_size);
  for (const timespec &time : {status.st_mtim, status.st_ctim}) key.add_number(time.tv_sec).add_number(time.tv_nsec);
}

}  // namespace

KeyBuilder::KeyBuilder() : state_{} { SHA256Init(&state_); }

KeyBuilder &KeyBuilder::add_number(std::int64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (unsigned i = 0; i < bytes.size(); ++i) {
    bytes.at(i) = static_cast<std::uint8_t>((static_cast<std::uint64_t>(value) >> (8U * i)) & 0xFFU);
  }
  SHA256Update(&state_, bytes.data(), bytes.size());
  return *this;
}

KeyBuilder &KeyBuilder::add(std::string_view field) {
  add_number(static_cast<std::int64_t>(field.size()));  // guard: key-lengths
  SHA256Update(&state_, reinterpret_cast<const std::uint8_t *>(field.data()), field.size());
  return *this;
}

KeyBuilder &KeyBuilder::add_file(const std::string &path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return add("no file");
  add_status(add("file"), status);
  return *this;
}

KeyBuilder &KeyBuilder::add_open_file(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return add("no file");
  add_status(add("file"), status);
  return *this;
}

std::string KeyBuilder::hex() const {
  SHA2_CTX state = state_;
  std::array<char, SHA256_DIGEST_STRING_LENGTH> hex{};
  return SHA256End(&state, hex.data());
}

}  // namespace regcred::core
