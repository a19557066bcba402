// SPDX-License-Identifier: Apache-2.0
#include "common/host_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr int links_max = 40;  // as the kernel

// Puts the steps of `path` on `steps`, the first on top.
void push_steps(std::string_view path, std::vector<std::string> &steps) {
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    if (!name.empty() && name != ".") steps.emplace_back(name);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  }
}

bool has_type(const std::string &path, mode_t type) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IFMT) == type;
}

}  // namespace

HostRoot::HostRoot(std::string path) : prefix_(std::move(path)) {
  while (prefix_.ends_with('/')) prefix_.pop_back();
}

std::string HostRoot::here(const std::string &path) const {
  return is_ours() ? path : prefix_ + (path.starts_with('/') ? "" : "/") + path;
}

std::string HostRoot::real_on_node(const std::string &path) const {
  if (path.size() >= PATH_MAX) return path;  // the kernel opens no such path either
  std::vector<std::string> steps;
  push_steps(path, steps);
  std::string done;
  for (int links = 0; !steps.empty();) {
    const std::string name = std::move(steps.back());
    steps.pop_back();
    if (name == "..") {
      done.resize(done.empty() ? 0 : done.rfind('/'));
      continue;
    }
    const std::string next = done + '/' + name;
    std::array<char, PATH_MAX> target{};
    const ssize_t bytes = ::readlink((prefix_ + next).c_str(), target.data(), target.size());
    if (bytes <= 0 || bytes >= PATH_MAX || ++links > links_max) {
      done = next;
      continue;
    }
    if (target.front() == '/') done.clear();
    push_steps({target.data(), static_cast<std::size_t>(bytes)}, steps);
  }
  return done.empty() ? "/" : done;
}

bool HostRoot::is_file(const std::string &path) const { return has_type(real(path), S_IFREG); }
bool HostRoot::is_directory(const std::string &path) const { return has_type(real(path), S_IFDIR); }

Result<std::string> HostRoot::read(const std::string &path, std::size_t bytes_max) const {
  const UniqueFd fd(::open(real(path).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) {
    return fail(ErrorCode::config, here(path), std::string("cannot be read: ") + std::strerror(errno),
                "see its mode and owner");
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::config, here(path), "is not a regular file", "see what is there");
  }
  return read_all(fd.get(), bytes_max, ErrorCode::config, here(path));
}

Result<UniqueFd> HostRoot::open_trusted_directory(const std::string &path) const {
  return open_trusted_directory_below(prefix_, path, ErrorCode::config);
}

}  // namespace regcred::core
