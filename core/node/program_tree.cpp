// SPDX-License-Identifier: Apache-2.0
#include "node/program_tree.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>

#include "common/sha256.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t items_max = 10'000;
constexpr const char *parts[] = {"bin/regcred", "bin/regcred-conformance", "lib/regcred", "share/regcred",
                                 "share/doc/regcred"};

tl::unexpected<Error> refuse(const fs::path &path, std::string what) {
  return fail(ErrorCode::internal, path.string(), std::move(what), "install regcred anew, and then from there");
}

class TreeList {
 public:
  explicit TreeList(fs::path prefix) : prefix_(std::move(prefix)) {}

  Status add(const fs::path &path) {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(prefix_ / path, error);
    TreeItem item{TreeItem::Kind::file, path.string(), static_cast<unsigned>(status.permissions()) & 0755U, {}};
    if (items.size() >= items_max) return refuse(prefix_, "has too many files");
    if (status.type() == fs::file_type::symlink) {
      item.kind = TreeItem::Kind::link;
      item.target = fs::read_symlink(prefix_ / path, error).string();
    } else if (status.type() == fs::file_type::directory) {
      item.kind = TreeItem::Kind::directory;
      items.push_back(item);
      for (fs::directory_iterator entry(prefix_ / path, error), end; !error && entry != end; entry.increment(error)) {
        if (Status added = add(path / entry->path().filename()); !added) return added;
      }
      return error ? Status(refuse(prefix_ / path, "cannot be read: " + error.message())) : Status{};
    } else if (status.type() != fs::file_type::regular) {
      return refuse(prefix_ / path, "is neither file nor directory");
    }
    items.push_back(std::move(item));
    return {};
  }

  std::vector<TreeItem> items;

 private:
  fs::path prefix_;
};

}  // namespace

Result<std::vector<TreeItem>> list_program_tree(const std::string &prefix) {
  TreeList list(prefix);
  std::error_code unknown;
  for (const char *part : parts) {
    const bool is_there = fs::exists(fs::symlink_status(fs::path(prefix) / part, unknown));
    if (!is_there && (part == parts[0] || part == parts[2])) return refuse(fs::path(prefix) / part, "is not there");
    if (!is_there) continue;
    const fs::path folder = fs::path(part).parent_path();
    for (fs::path above; const fs::path &step : folder) {
      above /= step;
      const auto is_known = [&](const TreeItem &item) { return item.path == above.string(); };
      if (std::any_of(list.items.begin(), list.items.end(), is_known)) continue;
      list.items.push_back({TreeItem::Kind::directory, above.string(), 0755, {}});
    }
    if (Status added = list.add(part); !added) return tl::make_unexpected(added.error());
  }
  std::sort(list.items.begin(), list.items.end(), [](const TreeItem &a, const TreeItem &b) { return a.path < b.path; });
  return std::move(list.items);
}

Result<std::string> digest_of_tree(const std::string &prefix, const std::vector<TreeItem> &items) {
  std::string all;
  for (const TreeItem &item : items) {
    std::string content = item.target;
    if (item.kind == TreeItem::Kind::file) {
      const std::string path = prefix + '/' + item.path;
      const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
      const std::optional<std::string> digest = fd ? sha256_of(fd.get()) : std::nullopt;
      if (!digest) return refuse(path, "cannot be read");
      content = *digest;
    }
    all += std::to_string(static_cast<int>(item.kind)) + ' ' + std::to_string(item.mode) + ' ' + item.path + '\0' +
           content + '\n';
  }
  return sha256_of_text(all);
}

}  // namespace regcred::core
