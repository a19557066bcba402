// SPDX-License-Identifier: Apache-2.0
// Reading what trusted_file.cpp has opened, and what need not be trusted.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <regcred/secret.hpp>
#include <system_error>

#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

// Makes room without leaving a copy of the bytes, which may be secret, where they were.
void grow(std::string &content, std::size_t capacity) {
  std::string larger;
  larger.reserve(capacity);
  larger = content;
  wipe(content);
  content.swap(larger);
}

}  // namespace

Result<std::string> read_all(int fd, std::size_t bytes_max, ErrorCode code, const std::string &where,
                             int silence_ms_max) {
  constexpr std::size_t step_bytes = 16384;
  struct stat status {};
  const bool has_size = ::fstat(fd, &status) == 0 && status.st_size > 0;  // a hint only
  std::string content;
  grow(content, has_size ? std::min(static_cast<std::size_t>(status.st_size), bytes_max) + step_bytes : step_bytes);
  while (true) {
    const std::size_t had = content.size();
    const std::size_t wanted = std::min(step_bytes, bytes_max + 1 - had);
    if (content.capacity() < had + wanted) grow(content, 2 * content.capacity() + wanted);
    content.resize(had + wanted);
    const ssize_t got = ::read(fd, content.data() + had, wanted);
    const int error = errno;
    content.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && error == EINTR) continue;
    if (got < 0 && error == EAGAIN) {
      pollfd entry{fd, POLLIN, 0};
      if (::poll(&entry, 1, silence_ms_max) != 0) continue;
      wipe(content);
      return fail(code, where, "gave nothing for " + std::to_string(silence_ms_max) + " ms", "see who writes to it");
    }
    if (got < 0) {
      wipe(content);
      return fail(code, where, "cannot be read: " + std::generic_category().message(error),
                  "check the disk and the file");
    }
    if (got == 0) return content;
    if (content.size() > bytes_max) {  // guard: file-limit
      wipe(content);
      return fail(code, where, "is larger than " + std::to_string(bytes_max) + " bytes",
                  "shorten it, or correct the path");
    }
  }
}

Result<std::string> read_named(const std::string &path, std::size_t bytes_max, ErrorCode code,
                               const std::string &cure) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));  // guard: fifo-no-wait
  if (!fd) return fail(code, path, "cannot be opened: " + std::generic_category().message(errno), cure);
  return read_all(fd.get(), bytes_max, code, path);
}

Result<std::string> read_trusted(const std::string &path, FileTrust trust, std::size_t bytes_max, ErrorCode code) {
  auto fd = open_trusted(path, trust, code);
  if (!fd) return tl::make_unexpected(fd.error());
  return read_all(fd->get(), bytes_max, code, path);
}

}  // namespace regcred::core
