// SPDX-License-Identifier: Apache-2.0
#include "common/trusted_file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "common/advice.hpp"

// Why what was checked is what is used: the path is walked from / with one descriptor per step, each opened relative to
// the one before and without following links. Every directory is judged on its descriptor before its entry is opened,
// so nobody but root and us can change which entry that is; in a sticky directory the entry is ours or root's, or it is
// refused in its turn. A symlink is such an entry: it is judged and read on a descriptor of its own, and its target is
// walked like the rest of the path. The kernel's protected_symlinks would not help, since readlink(2) does not ask it.
// If somebody swaps a part of the path before the walk gets there, the walk either fails or arrives at another file
// that passes all the same rules. The file itself is judged on the descriptor that is handed out.

namespace regcred::core {
namespace {

enum class Kind { file, directory };

// One call: what to open, and how to report.
struct Judgement {
  const std::string &path;  // as the operator wrote it, below `root`
  Kind kind;
  FileTrust trust;
  DirectoryTrust entries;
  ErrorCode code;
  std::string_view root = {};  // where the walk begins, without a '/' at the end: empty for "/"

  [[nodiscard]] tl::unexpected<Error> refuse(std::string what, std::string cure) const {
    return fail(code, path, std::move(what), std::move(cure));
  }
};

std::string octal(mode_t mode) {
  std::string digits = "0000";
  for (std::size_t i = 4; i-- > 0; mode >>= 3U) digits[i] = static_cast<char>('0' + (mode & 7U));
  return digits;
}

mode_t permissions(const struct stat &status) { return status.st_mode & 07777U; }

tl::unexpected<Error> refuse_errno(const Judgement &judgement, int error) {
  const std::string_view kind = judgement.kind == Kind::file ? "file" : "directory";
  const std::string look = "look at it with: namei -l " + shell_word(judgement.path);
  switch (error) {
    case ENOENT:
      return judgement.refuse("no such " + std::string(kind) + ", or a symlink in its path that points nowhere",
                              "create it or correct the path; " + look);
    case EACCES:
    case EPERM:
      return judgement.refuse("user " + std::to_string(::geteuid()) + " has no permission to read it",
                              "run as root, or let this user read it and pass through its directories; " + look);
    case ELOOP:
      return judgement.refuse("its symlinks lead in a circle or changed while they were followed", look);
    case ENOTDIR:
      return judgement.refuse("a part of the path is not a directory", look);
    default:
      return judgement.refuse("cannot be opened: " + std::generic_category().message(error), look);
  }
}

std::string_view kind_name(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    case S_IFLNK:
      return "a symlink";
    default:
      return "a device";
  }
}

// Right kind of thing?
Status judge_kind(const Judgement &judgement, const struct stat &status) {
  const bool right = judgement.kind == Kind::file ? S_ISREG(status.st_mode) : S_ISDIR(status.st_mode);
  if (right) return {};  // guard: file-kind
  const std::string wanted = judgement.kind == Kind::file ? "regular file" : "directory";
  return judgement.refuse("is " + std::string(kind_name(status.st_mode)) + ", not a " + wanted,
                          "put a " + wanted + " there or correct the path");
}

// Owned by root or us? `subject` begins the sentence, `command` is its cure.
Status judge_owner(const Judgement &judgement, const struct stat &status, const std::string &subject,
                   const std::string &command) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {  // guard: file-owner
    const std::string us = ::geteuid() == 0 ? "" : " or user " + std::to_string(::geteuid());
    return judgement.refuse(subject + "belongs to user " + std::to_string(status.st_uid) + ", not to root" + us,
                            command);
  }
  return {};
}

// Owned by root or us, and not writable by others? `real` is the path; in a directory that is `sticky_passes`, others
// may make entries but replace none.
Status judge_writers(const Judgement &judgement, const struct stat &status, const std::string &subject,
                     const std::string &real, bool sticky_passes) {
  if (Status owner = judge_owner(judgement, status, subject, "chown root " + shell_word(real)); !owner) return owner;
  const bool by_all = (status.st_mode & S_IWOTH) != 0;
  const bool by_group = (status.st_mode & S_IWGRP) != 0;  // guard: file-group
  const bool is_sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  const bool entries_safe = sticky_passes && is_sticky;
  if ((!by_all && !by_group) || entries_safe) return {};                               // guard: file-mode
  const bool must_stay = is_sticky && judgement.entries == DirectoryTrust::whole_way;  // a node's /tmp
  return judgement.refuse(
      subject + "is writable by " + (by_all ? "everyone" : "its group") + " (mode " + octal(permissions(status)) + ")",
      must_stay ? "use a directory elsewhere" : "chmod go-w " + shell_word(real));
}

// "" for the path itself, else the directory above it that is meant, so that the operator sees which one is wrong.
std::string subject_of(const Judgement &judgement, const std::string &real, bool is_parent) {
  if (is_parent) return "its directory " + real + " ";
  return real == judgement.path ? "" : "the real file " + real + " ";
}

Status judge_file(const Judgement &judgement, const struct stat &status, const std::string &real) {
  if (auto kind = judge_kind(judgement, status); !kind) return kind;
  const mode_t mode = permissions(status);
  if (judgement.trust == FileTrust::secret && mode != 0600 && mode != 0400) {  // guard: secret-file-mode
    return judgement.refuse(
        subject_of(judgement, real, false) + "holds a secret, but has mode " + octal(mode) + " instead of 0600 or 0400",
        "chmod 0600 " + shell_word(real));
  }
  const bool sticky_passes = judgement.entries == DirectoryTrust::each_judged;  // guard: sticky-names
  return judge_writers(judgement, status, subject_of(judgement, real, false), real, sticky_passes);
}

Result<struct stat> status_of(const Judgement &judgement, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return refuse_errno(judgement, errno);
  return status;
}

// The last step: opens `name` in the judged directory `parent`, judges it, and gives the descriptor to use.
Result<UniqueFd> open_last(const Judgement &judgement, int parent, const std::string &name, const std::string &real) {
  struct stat before {};  // opening a device may have an effect of its own, so look first
  if (::fstatat(parent, name.c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0) return refuse_errno(judgement, errno);
  if (auto kind = judge_kind(judgement, before); !kind) return tl::make_unexpected(kind.error());

  // O_NONBLOCK: should a FIFO have come in between, it must not hang us. It means nothing to a regular file.
  const int flags =
      O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | (judgement.kind == Kind::directory ? O_DIRECTORY : 0);
  UniqueFd fd(::openat(parent, name.c_str(), flags));
  if (!fd) return refuse_errno(judgement, errno);
  const auto status = status_of(judgement, fd.get());
  if (!status) return tl::make_unexpected(status.error());
  // guard: judged-descriptor
  if (auto judged = judge_file(judgement, *status, real); !judged) return tl::make_unexpected(judged.error());
  return fd;
}

// The way to a file, from the root on: where it has arrived, and what of the written path is still to come.
class Walk {
 public:
  explicit Walk(const Judgement &judgement) : judgement_(judgement) {}

  Result<UniqueFd> open() {
    if (Status started = start(judgement_.path.substr(judgement_.root.size())); !started) {
      return tl::make_unexpected(started.error());
    }
    std::string name;
    while (take_name(name)) {
      const Status passed = judge_directory();
      if (!passed) return tl::make_unexpected(passed.error());               // guard: directories-above
      if (name == ".." && real_.size() == judgement_.root.size()) continue;  // guard: never-above-root
      UniqueFd entry(::openat(directory_.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (entry) {
        enter(std::move(entry), name);
        continue;
      }
      if (errno == ENOTDIR) entry = UniqueFd(::openat(directory_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      if (!entry) return refuse_errno(judgement_, errno);
      const auto status = status_of(judgement_, entry.get());
      if (!status) return tl::make_unexpected(status.error());
      if (!S_ISLNK(status->st_mode)) {
        if (!rest_.empty()) return refuse_errno(judgement_, ENOTDIR);
        return open_last(judgement_, directory_.get(), name, below(name));
      }
      if (Status followed = follow(entry.get(), *status, name); !followed) {
        return tl::make_unexpected(followed.error());
      }
    }
    return open_last(judgement_, directory_.get(), ".", real());
  }

 private:
  // `path` from its beginning: from the root or, when it is relative, from where the walk is.
  Status start(const std::string &path) {
    if (path.empty()) return refuse_errno(judgement_, ENOENT);
    rest_ = path + rest_;
    if (path.front() == '/') {
      real_ = judgement_.root;
      directory_ = UniqueFd(::open(real().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    } else if (!directory_) {
      std::array<char, PATH_MAX> here{};
      if (::getcwd(here.data(), here.size()) == nullptr) return refuse_errno(judgement_, errno);
      rest_.insert(0, "/");
      return start(here.data());
    }
    if (!directory_) return refuse_errno(judgement_, errno);
    return {};
  }

  // The next name of the path. A '/' behind it stays in rest_: the name before it must be a directory.
  bool take_name(std::string &name) {
    do {
      rest_.erase(0, std::min(rest_.find_first_not_of('/'), rest_.size()));
      name = rest_.substr(0, rest_.find('/'));
      rest_.erase(0, name.size());
    } while (name == ".");
    return !name.empty();
  }

  Status judge_directory() const {
    const auto status = status_of(judgement_, directory_.get());
    if (!status) return tl::make_unexpected(status.error());
    const bool sticky_passes = judgement_.entries != DirectoryTrust::whole_way;  // guard: sticky-on-the-way
    return judge_writers(judgement_, *status, subject_of(judgement_, real(), true), real(), sticky_passes);
  }

  void enter(UniqueFd entry, const std::string &name) {
    directory_ = std::move(entry);
    real_ = name == ".." ? real_.substr(0, real_.rfind('/') == std::string::npos ? 0 : real_.rfind('/')) : below(name);
  }

  // Puts the target of the symlink `name` before what is still to come.
  Status follow(int link, const struct stat &status, const std::string &name) {
    constexpr int links_max = 40;  // as the kernel
    const std::string cure =
        "name the file itself, or see where it leads and: chown -h root " + shell_word(below(name));
    Status owner = judge_owner(judgement_, status, "its symlink " + below(name) + " ", cure);
    if (!owner) return owner;  // guard: link-owner
    if (++links_ > links_max) return refuse_errno(judgement_, ELOOP);
    if (is_root_of_process(name)) {  // guard: root-of-process
      UniqueFd root(::openat(directory_.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!root) return refuse_errno(judgement_, errno);
      enter(std::move(root), name);
      return {};
    }
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(link, "", target.data(), target.size());
    if (size < 0) return refuse_errno(judgement_, errno);
    return start({target.data(), static_cast<std::size_t>(size)});
  }

  // /proc/PID/root: the kernel leads to that process's file system, and the link's text into our own (proc(5)).
  [[nodiscard]] bool is_root_of_process(const std::string &name) const {
    struct statfs mount {};
    return name == "root" && std::count(real_.begin(), real_.end(), '/') == 2 &&
           ::fstatfs(directory_.get(), &mount) == 0 && mount.f_type == PROC_SUPER_MAGIC;
  }

  [[nodiscard]] std::string below(const std::string &name) const { return real_ + "/" + name; }
  [[nodiscard]] std::string real() const { return real_.empty() ? "/" : real_; }

  const Judgement &judgement_;
  UniqueFd directory_;
  std::string real_;  // of directory_, without a '/' at the end
  std::string rest_;
  int links_ = 0;
};

Result<UniqueFd> open_judged(const Judgement &judgement) {
  if (judgement.path.empty()) return judgement.refuse("the path is empty", "name a file");
  if (judgement.path.find('\0') != std::string::npos) {
    return judgement.refuse("the path holds a NUL byte", "correct the path");
  }
  return Walk(judgement).open();
}

}  // namespace

Result<UniqueFd> open_trusted(const std::string &path, FileTrust trust, ErrorCode code) {
  return open_judged({path, Kind::file, trust, DirectoryTrust::each_judged, code});
}

Result<UniqueFd> open_trusted_directory(const std::string &path, ErrorCode code, DirectoryTrust entries) {
  return open_judged({path, Kind::directory, FileTrust::integrity, entries, code});
}

Result<UniqueFd> open_trusted_directory_below(const std::string &root, const std::string &path, ErrorCode code) {
  return open_judged({root + path, Kind::directory, FileTrust::integrity, DirectoryTrust::whole_way, code, root});
}

bool is_file_of_ours(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_uid == 0 || status.st_uid == ::geteuid()) &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

Status judge_place(const std::string &path, ErrorCode code) {
  if (::geteuid() != 0) return {};
  std::error_code ignored;
  std::filesystem::path place = path;
  while (!place.empty() && !std::filesystem::exists(std::filesystem::symlink_status(place, ignored))) {
    place = place.parent_path();
  }
  const Result<UniqueFd> opened = open_trusted_directory(place.empty() ? "." : place.string(), code);
  return opened ? Status{} : tl::make_unexpected(opened.error());
}

}  // namespace regcred::core
