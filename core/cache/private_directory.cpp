// SPDX-License-Identifier: Apache-2.0
#include "cache/private_directory.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "common/advice.hpp"
#include "common/directory_names.hpp"
#include "common/file_path.hpp"
#include "common/replace_file.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr int never_follow = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

tl::unexpected<Error> refuse(const std::string &path, std::string what, std::string cure) {
  return fail(ErrorCode::config, path, std::move(what), std::move(cure));
}

// `path` with mode 0755, when there is nothing of that name below a directory that can be trusted.
void make_public(const std::string &path) {
  if (::access(path.c_str(), F_OK) == 0 || errno != ENOENT) return;
  if (!open_trusted_directory(parent_of(path), ErrorCode::config)) return;
  static_cast<void>(create_public_directory(path));  // another execution may have made it: judged when it is opened
}

Status judge(const std::string &path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return refuse(path, "cannot be looked at", "see what is there");
  if (status.st_uid != ::geteuid()) {  // guard: cache-directory-owner
    return refuse(path,
                  "belongs to user " + std::to_string(status.st_uid) + ", not to user " + std::to_string(::geteuid()),
                  "remove it: rm -r " + shell_word(path));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {  // guard: cache-directory-mode
    return refuse(path, "is open to others than its owner; what lies in it is not used",
                  "remove it: rm -r " + shell_word(path) + "; it is made again with mode 0700");
  }
  return {};
}

}  // namespace

bool PrivateDirectory::is_there(const std::string &path) noexcept {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

Result<PrivateDirectory> PrivateDirectory::open(const std::string &path, Missing missing) {
  if (missing == Missing::make) make_public(parent_of(path));
  const Result<UniqueFd> parent = open_trusted_directory(parent_of(path), ErrorCode::config);
  if (!parent) return tl::make_unexpected(parent.error());
  const std::string name = file_name_of(path);
  if (missing == Missing::make && ::mkdirat(parent->get(), name.c_str(), 0700) != 0 && errno != EEXIST) {
    return refuse(path, "cannot be made: " + std::generic_category().message(errno), "run regcred as root");
  }
  // guard: cache-directory-link
  UniqueFd fd(::openat(parent->get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) {
    return refuse(path, "cannot be opened as a directory: " + std::generic_category().message(errno),
                  "see what is there: ls -ld " + shell_word(path));
  }
  if (Status judged = judge(path, fd.get()); !judged) return tl::make_unexpected(judged.error());
  return PrivateDirectory(path, std::move(fd));
}

bool PrivateDirectory::is_in_memory() const noexcept {
  struct statfs mount {};
  return ::fstatfs(fd_.get(), &mount) == 0 && is_in_memory(mount);
}

bool PrivateDirectory::is_in_memory(const struct statfs &mount) noexcept {
  return mount.f_type == TMPFS_MAGIC || mount.f_type == RAMFS_MAGIC;
}

UniqueFd PrivateDirectory::open_file(const std::string &name, int flags) const noexcept {
  UniqueFd fd(::openat(fd_.get(), name.c_str(), flags | never_follow, 0600));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return {};
  const bool is_private = S_ISREG(status.st_mode) && status.st_uid == ::geteuid() &&
                          (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 && status.st_nlink <= 1;
  if (!is_private) return {};  // guard: cache-file-kind
  return fd;
}

std::optional<Secret> PrivateDirectory::read(const std::string &name, std::size_t bytes_max, bool &present) const {
  const UniqueFd fd = open_file(name, O_RDONLY);
  struct stat status {};
  present = fd || ::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!fd || ::fstat(fd.get(), &status) != 0 || static_cast<std::size_t>(status.st_size) > bytes_max) {
    return std::nullopt;
  }
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t size = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
  std::optional<Secret> content;
  if (size == status.st_size) content.emplace(bytes);
  wipe(bytes);
  return content;
}

int PrivateDirectory::replace(const std::string &name, std::string_view bytes) const {
  return replace_file(fd_.get(), name, name + '.' + std::to_string(::getpid()) + ".tmp", bytes, 0600);
}

bool PrivateDirectory::remove(const std::string &name) const noexcept {
  return ::unlinkat(fd_.get(), name.c_str(), 0) == 0 || errno == ENOENT;
}

std::vector<std::string> PrivateDirectory::names(std::size_t count_max) const {
  return names_in_directory(fd_.get(), count_max);
}

}  // namespace regcred::core
