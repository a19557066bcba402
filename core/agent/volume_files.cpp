// SPDX-License-Identifier: Apache-2.0
#include "agent/volume_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "common/ascii.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 256;
constexpr std::size_t entries_max = 4096;
constexpr std::size_t all_bytes_max = 32U << 20U;
constexpr std::size_t name_bytes_max = 253;  // of a key in a ConfigMap

bool is_key(const std::string &name) {
  return name.size() <= name_bytes_max &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

// The directory of the version that counts now.
std::string current_version(const std::string &directory) {
  std::error_code error;
  const fs::path data = fs::path(directory) / "..data";
  if (!fs::is_directory(data, error)) return directory;
  const fs::path real = fs::canonical(data, error);
  return error ? directory : real.string();
}

Result<std::vector<std::string>> names_in(const std::string &directory, const std::string &shown) {
  std::vector<std::string> names;
  std::error_code error;
  std::size_t entries = 0;
  fs::directory_iterator at(directory, error);
  for (const fs::directory_iterator end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    if (++entries > entries_max) break;
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  if (error) return fail(ErrorCode::config, shown, "cannot be read: " + error.message(), "mount the volume there");
  if (names.size() > files_max || entries > entries_max) {
    return fail(ErrorCode::config, shown, "has more than " + std::to_string(files_max) + " files", "use fewer");
  }
  return names;
}

}  // namespace

Result<std::map<std::string, std::string>> read_volume(const std::string &directory, std::size_t file_bytes_max) {
  const std::string version = current_version(directory);
  const Result<std::vector<std::string>> names = names_in(version, directory);
  if (!names) return tl::make_unexpected(names.error());
  std::map<std::string, std::string> files;
  std::size_t bytes = 0;
  for (const std::string &name : *names) {
    const std::string where = directory + '/' + name;
    const UniqueFd fd(::open((version + '/' + name).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
      return fail(ErrorCode::config, where, "cannot be opened: " + std::generic_category().message(errno));
    }
    if (!S_ISREG(status.st_mode)) continue;
    if (!is_key(name)) return fail(ErrorCode::config, directory, "has a file " + in_quotes(name), "rename it");
    Result<std::string> text = read_all(fd.get(), file_bytes_max, ErrorCode::config, where);
    if (!text) return tl::make_unexpected(text.error());
    bytes += text->size();
    if (bytes > all_bytes_max) return fail(ErrorCode::config, directory, "has more than 32 MiB", "use less");
    files.emplace(name, std::move(*text));
  }
  return files;
}

}  // namespace regcred::core
