// SPDX-License-Identifier: Apache-2.0
#include "node/node_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/advice.hpp"

namespace regcred::core {
namespace {

Status judge(const HostRoot &root, int fd, const std::string &path) {
  const std::string where = root.here(path);
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail(ErrorCode::config, where, std::strerror(errno));
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return fail(ErrorCode::config, where, "belongs to user " + std::to_string(status.st_uid) + ", not to root",
                "chown root " + shell_word(where));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {         // guard: node-directory-mode
    const bool is_shared = (status.st_mode & S_ISVTX) != 0;  // /tmp, which must stay as it is
    return fail(ErrorCode::config, where, "may be written to by others than root",
                is_shared ? "use a directory elsewhere" : "chmod go-w " + shell_word(where));
  }
  return {};
}

}  // namespace

Result<UniqueFd> open_node_directory(const HostRoot &root, const std::string &path) {
  UniqueFd fd(::open(root.here("/").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::string done;
  std::string rest = root.real_on_node(path);
  while (true) {
    if (!fd) {
      return fail(ErrorCode::config, root.here(done), std::string("cannot be opened: ") + std::strerror(errno),
                  "see what stands there");
    }
    if (Status judged = judge(root, fd.get(), done.empty() ? "/" : done); !judged) {
      return tl::make_unexpected(judged.error());
    }
    rest.erase(0, std::min(rest.find_first_not_of('/'), rest.size()));
    if (rest.empty()) break;
    const std::string name = rest.substr(0, rest.find('/'));
    rest.erase(0, name.size());
    done += '/' + name;
    fd = UniqueFd(::openat(fd.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  UniqueFd readable(::openat(fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (readable) return readable;
  return fail(ErrorCode::config, root.here(path), std::string("cannot be opened: ") + std::strerror(errno),
              "run this as root");
}

}  // namespace regcred::core
