// SPDX-License-Identifier: Apache-2.0
#include "node/node_files.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "common/file_path.hpp"
#include "common/write_all.hpp"

namespace regcred::core {
namespace {

constexpr const char *label_name = "security.selinux";
constexpr std::size_t label_bytes_max = 4096;

// Beside `path`, with a dot at its beginning and no ending that the kubelet reads.
std::string temporary_of(const std::string &path) {
  return path.substr(0, path.rfind('/') + 1) + '.' + file_name_of(path) + ".regcred-new";
}

// An open directory of the node and a name in it.
struct Entry {
  UniqueFd directory;
  std::string name;
  std::string here;  // for messages

  [[nodiscard]] tl::unexpected<Error> failed(const char *what) const {
    const int reason = errno;
    return fail(ErrorCode::config, here, std::string(what) + ": " + std::strerror(reason),
                "see the file system that it lies on");
  }
};

Result<Entry> open_entry(const HostRoot &root, const std::string &path) {
  Result<UniqueFd> directory = root.open_trusted_directory(parent_of(path));
  if (!directory) return tl::make_unexpected(directory.error());
  return Entry{std::move(*directory), file_name_of(path), root.here(path)};
}

// Owner, mode and label of the file that is replaced.
void make_like(const Entry &entry, int fd, const std::string &like) {
  const UniqueFd old(::openat(entry.directory.get(), file_name_of(like).c_str(),
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (!old || ::fstat(old.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  static_cast<void>(::fchown(fd, status.st_uid, status.st_gid) == 0);
  static_cast<void>(::fchmod(fd, status.st_mode & 07777U) == 0);
  std::array<char, label_bytes_max> label{};
  const ssize_t size = ::fgetxattr(old.get(), label_name, label.data(), label.size());
  if (size > 0) static_cast<void>(::fsetxattr(fd, label_name, label.data(), static_cast<std::size_t>(size), 0) == 0);
}

Result<UniqueFd> create(const Entry &entry, unsigned mode) {
  UniqueFd fd(
      ::openat(entry.directory.get(), entry.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd || ::fchmod(fd.get(), mode) != 0) return entry.failed("cannot be created");
  return fd;
}

Status sync(const Entry &entry) {
  if (::fsync(entry.directory.get()) != 0) return entry.failed("cannot be written to the disk");
  return {};
}

}  // namespace

Status RealNodeFiles::make_directory(const std::string &path) {
  const Result<Entry> entry = open_entry(root_, path);
  if (!entry) return tl::make_unexpected(entry.error());
  const int directory = entry->directory.get();
  if (::mkdirat(directory, entry->name.c_str(), 0755) != 0) {
    return errno == EEXIST ? Status{} : Status(entry->failed("cannot be made"));
  }
  const UniqueFd made(::openat(directory, entry->name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made || ::fchmod(made.get(), 0755) != 0) return entry->failed("cannot be made");
  return sync(*entry);
}

Status RealNodeFiles::create_file(const std::string &path, std::string_view text, unsigned mode,
                                  const std::string &like) {
  const Result<Entry> entry = open_entry(root_, path);
  if (!entry) return tl::make_unexpected(entry.error());
  const Result<UniqueFd> fd = create(*entry, mode);
  if (!fd) return tl::make_unexpected(fd.error());
  if (!like.empty()) make_like(*entry, fd->get(), like);
  if (!write_all(fd->get(), text) || ::fsync(fd->get()) != 0) return entry->failed("cannot be written");
  return {};
}

Status RealNodeFiles::copy_file(const std::string &from_here, const std::string &path, unsigned mode) {
  const Result<Entry> entry = open_entry(root_, path);
  if (!entry) return tl::make_unexpected(entry.error());
  const UniqueFd from(::open(from_here.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!from) return entry->failed("cannot be copied");
  const Result<UniqueFd> fd = create(*entry, mode);
  if (!fd) return tl::make_unexpected(fd.error());
  constexpr std::size_t chunk_bytes = 1U << 30U;
  ssize_t copied = 0;
  do {
    copied = ::sendfile(fd->get(), from.get(), nullptr, chunk_bytes);
  } while (copied > 0 || (copied < 0 && errno == EINTR));
  if (copied < 0 || ::fsync(fd->get()) != 0) return entry->failed("cannot be copied");
  return {};
}

Status RealNodeFiles::make_link(const std::string &path, const std::string &target) {
  const Result<Entry> entry = open_entry(root_, path);
  if (!entry) return tl::make_unexpected(entry.error());
  if (::symlinkat(target.c_str(), entry->directory.get(), entry->name.c_str()) != 0) {
    return entry->failed("cannot be made a link");
  }
  return {};
}

Status RealNodeFiles::rename(const std::string &from, const std::string &to) {
  const Result<Entry> entry = open_entry(root_, to);
  if (!entry) return tl::make_unexpected(entry.error());
  const int directory = entry->directory.get();
  if (::renameat(directory, file_name_of(from).c_str(), directory, entry->name.c_str()) != 0) {
    return entry->failed("cannot be replaced");
  }
  return sync(*entry);
}

Status RealNodeFiles::remove(const std::string &path) {
  if (!root_.is_directory(parent_of(path))) return {};
  const Result<Entry> entry = open_entry(root_, path);
  if (!entry) return tl::make_unexpected(entry.error());
  if (::unlinkat(entry->directory.get(), entry->name.c_str(), 0) != 0 && errno != ENOENT) {
    return entry->failed("cannot be removed");
  }
  return sync(*entry);
}

Status RealNodeFiles::remove_tree(const std::string &path) {
  if (!root_.is_directory(parent_of(path))) return {};
  const Result<Entry> entry = open_entry(root_, path);
  if (!entry) return tl::make_unexpected(entry.error());
  std::error_code error;  // root alone may change what is below: open_entry has seen to that
  std::filesystem::remove_all("/proc/self/fd/" + std::to_string(entry->directory.get()) + '/' + entry->name, error);
  if (error) return fail(ErrorCode::config, entry->here, "cannot be removed: " + error.message());
  return sync(*entry);
}

Status RealNodeFiles::sync_directory(const std::string &path) {
  const Result<UniqueFd> directory = root_.open_trusted_directory(path);
  if (!directory) return tl::make_unexpected(directory.error());
  if (::fsync(directory->get()) == 0) return {};
  return fail(ErrorCode::config, root_.here(path),
              std::string("cannot be written to the disk: ") + std::strerror(errno));
}

Status make_directories(NodeFiles &files, const HostRoot &root, const std::string &path) {
  std::vector<std::string> missing;
  for (std::string place = path; place.size() > 1 && !root.is_directory(place); place = parent_of(place)) {
    missing.push_back(place);
  }
  for (; !missing.empty(); missing.pop_back()) {
    if (Status made = files.make_directory(missing.back()); !made) return made;
  }
  return {};
}

Status replace_file(NodeFiles &files, const std::string &path, std::string_view text, unsigned mode) {
  const std::string temporary = temporary_of(path);  // guard: replaced-in-one-step
  if (Status done = files.remove(temporary); !done) return done;
  if (Status done = files.create_file(temporary, text, mode, path); !done) return done;
  return files.rename(temporary, path);
}

Status replace_link(NodeFiles &files, const std::string &path, const std::string &target) {
  const std::string temporary = temporary_of(path);
  if (Status done = files.remove(temporary); !done) return done;
  if (Status done = files.make_link(temporary, target); !done) return done;
  return files.rename(temporary, path);
}

}  // namespace regcred::core
