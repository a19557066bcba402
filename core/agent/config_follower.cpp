// SPDX-License-Identifier: Apache-2.0
#include "agent/config_follower.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <regcred/secret.hpp>
#include <utility>

#include "agent/volume_files.hpp"
#include "common/contains.hpp"
#include "common/file_path.hpp"
#include "common/limits.hpp"
#include "common/sha256.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr const char *list_name = ".regcred-agent";       // no name of a configuration
constexpr const char *stage_name = ".regcred-agent.new";  // while a configuration is judged
constexpr std::size_t list_bytes_max = 256U << 10U;
constexpr unsigned secret_mode = 0600;

bool is_secret(const std::string &place) { return place.starts_with("secrets/"); }

// "config.d/NAME.yaml" for the stage, which has no directories.
std::string staged_name(const std::string &place) { return file_name_of(place); }

}  // namespace

ConfigFollower::ConfigFollower(FollowedPlaces places, JudgeConfig judge, Say say, HostRoot root)
    : places_(std::move(places)), judge_(std::move(judge)), say_(std::move(say)), root_(std::move(root)) {}

Result<ConfigFollower::Files> ConfigFollower::configuration_files() const {
  Files files;
  if (places_.configuration.empty()) return files;
  Result<std::map<std::string, std::string>> texts = read_volume(places_.configuration, limits::config_file_bytes_max);
  if (!texts) return tl::make_unexpected(texts.error());
  for (auto &[name, text] : *texts) {
    if (!name.ends_with(".yaml")) continue;
    files[name == "config.yaml" ? name : "config.d/" + name] = {std::move(text), 0644};
  }
  if (files.empty()) {
    return fail(ErrorCode::config, places_.configuration, "has no file that ends in .yaml",
                "put the registry configuration there as config.yaml");
  }
  return files;
}

Result<ConfigFollower::Files> ConfigFollower::secret_files() const {
  Files files;
  if (places_.secrets.empty()) return files;
  Result<std::map<std::string, std::string>> texts = read_volume(places_.secrets, limits::secret_file_bytes_max);
  if (!texts) return tl::make_unexpected(texts.error());
  for (auto &[name, text] : *texts) files["secrets/" + name] = {std::move(text), secret_mode};
  return files;
}

bool ConfigFollower::is_there(const std::string &place, const File &file) const {
  const Result<std::string> text =
      read_trusted(here(place), is_secret(place) ? FileTrust::secret : FileTrust::integrity, file.text.size() + 1,
                   ErrorCode::config);
  return text && *text == file.text;
}

// Whatever mode stood there before: replace_file() keeps it.
Status ConfigFollower::put_secret(const std::string &path, const std::string &text) {
  const std::size_t name = path.rfind('/') + 1;
  const std::string temporary = path.substr(0, name) + '.' + path.substr(name) + ".regcred-new";
  if (Status gone = files_.remove(temporary); !gone) return gone;
  if (Status made = files_.create_file(temporary, text, secret_mode, ""); !made) return made;  // guard: secret-mode
  return files_.rename(temporary, path);
}

Status ConfigFollower::put(const Files &files, bool &changed) {
  for (const auto &[place, file] : files) {
    if (is_there(place, file)) continue;
    const std::string path = on_node(place);
    if (Status made = make_directories(files_, root_, parent_of(path)); !made) return made;
    Status put = is_secret(place) ? put_secret(path, file.text) : replace_file(files_, path, file.text, file.mode);
    if (!put) return put;
    say_(path + " was put");
    changed = true;
  }
  return {};
}

// The configuration beside what others have on the node, as it would be read.
Status ConfigFollower::judge_staged(const Files &files, const std::vector<std::string> &ours) {
  const std::string stage = on_node(stage_name);
  if (Status made = make_directories(files_, root_, places_.into); !made) return made;
  if (Status gone = files_.remove_tree(stage); !gone) return gone;
  if (Status made = files_.make_directory(stage); !made) return made;
  Status judged;
  const auto stage_file = [&](const std::string &name, const std::string &text) {
    if (judged) judged = files_.create_file(stage + '/' + name, text, secret_mode, "");
  };
  for (const auto &[place, file] : files) stage_file(staged_name(place), file.text);
  std::error_code none;
  for (fs::directory_iterator entry(here("config.d"), none), end; !none && entry != end; entry.increment(none)) {
    const std::string place = "config.d/" + entry->path().filename().string();
    const bool is_ours = files.contains(place) || contains(ours, place);
    if (is_ours || !place.ends_with(".yaml") || files.contains(staged_name(place))) continue;
    const Result<std::string> text =
        read_trusted(entry->path().string(), FileTrust::integrity, limits::config_file_bytes_max, ErrorCode::config);
    if (text) stage_file(staged_name(place), *text);
  }
  if (judged) judged = judge_(here(stage_name));  // guard: judged-first
  Status gone = files_.remove_tree(stage);
  if (!judged) {
    Error error = judged.error();
    const std::string shown = here(stage_name) + '/';
    if (error.where.starts_with(shown)) error.where.erase(0, shown.size());
    return tl::make_unexpected(std::move(error));
  }
  return gone;
}

std::vector<std::string> ConfigFollower::listed() const {
  std::vector<std::string> places;
  const Result<std::string> text =
      read_trusted(here(list_name), FileTrust::integrity, list_bytes_max, ErrorCode::config);
  if (!text) return places;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const bool is_place = line == "config.yaml" || line.starts_with("config.d/") || line.starts_with("secrets/");
    if (is_place && line.find("..") == std::string_view::npos) places.emplace_back(line);
  }
  return places;
}

Status ConfigFollower::list(const Files &wanted) {
  std::string text;
  for (const auto &[place, file] : wanted) text += place + '\n';
  const File list{text, 0644};
  if (is_there(list_name, list)) return {};
  return replace_file(files_, on_node(list_name), text, list.mode);
}

Status ConfigFollower::remove_gone(const Files &wanted, const std::vector<std::string> &ours, bool &changed) {
  for (const std::string &place : ours) {
    const bool is_followed = is_secret(place) ? !places_.secrets.empty() : !places_.configuration.empty();
    if (!is_followed || wanted.contains(place)) continue;
    std::error_code none;
    if (!fs::exists(fs::symlink_status(here(place), none))) continue;
    if (Status gone = files_.remove(on_node(place)); !gone) return gone;
    say_(here(place) + " was removed");
    changed = true;
  }
  return {};
}

Status ConfigFollower::follow(bool &changed) {
  Result<Files> secrets = secret_files();
  if (!secrets) return tl::make_unexpected(secrets.error());
  Status put_secrets = put(*secrets, changed);
  for (auto &[place, file] : *secrets) wipe(file.text);
  if (!put_secrets) return put_secrets;

  const Result<Files> files = configuration_files();
  if (!files) return tl::make_unexpected(files.error());
  const std::vector<std::string> ours = listed();
  const bool is_new =
      std::any_of(files->begin(), files->end(), [&](const auto &file) { return !is_there(file.first, file.second); });
  std::string all;
  for (const auto &[place, file] : *files) all += place + '\n' + std::to_string(file.text.size()) + '\n' + file.text;
  const std::string digest = sha256_of_text(all);
  if (is_new && digest == refused_) return fail(ErrorCode::config, "", reason_);
  if (is_new) {
    if (const Status judged = judge_staged(*files, ours); !judged) {
      refused_ = digest;
      reason_ = "the configuration is refused, and nothing of it is used: " + line_of(judged.error());
      return fail(ErrorCode::config, "", reason_);
    }
  }
  refused_.clear();
  if (Status put_all = put(*files, changed); !put_all) return put_all;
  Files wanted = *files;
  for (const auto &[place, file] : *secrets) wanted[place] = {};
  for (const std::string &place : ours) {  // what is not followed in this run stays listed
    if (is_secret(place) ? places_.secrets.empty() : places_.configuration.empty()) wanted[place] = {};
  }
  if (Status gone = remove_gone(wanted, ours, changed); !gone) return gone;
  return list(wanted);
}

bool ConfigFollower::look() {
  if (places_.configuration.empty() && places_.secrets.empty()) return false;
  bool changed = false;
  const Status followed = follow(changed);
  std::string words;
  if (!followed) {
    const Error &error = followed.error();
    words = printable(error.where.empty() ? error.what : line_of(error), limits::error_line_bytes_max);
  }
  if (words != obstacle_) say_(words.empty() ? "the configuration is that of the volume" : words);
  obstacle_ = std::move(words);
  return changed;
}

}  // namespace regcred::core
