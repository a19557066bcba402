// SPDX-License-Identifier: Apache-2.0
#include "config/config_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "common/ascii.hpp"
#include "common/join.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"
#include "config/proxy.hpp"

namespace regcred::core {
namespace {

bool is_directory(const std::string &path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

constexpr std::size_t not_read_max = 20;

bool holds_yaml(const std::filesystem::path &directory) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (looks_like_configuration(entry->path())) return true;
  }
  return false;
}

// Adds the *.yaml in `directory`, in byte order of their names and without hidden ones, and what else is there.
Status add_directory(const std::string &directory, ConfigFiles &files) {
  const auto trusted = open_trusted_directory(directory, ErrorCode::config, DirectoryTrust::all_trusted);
  if (!trusted) return tl::make_unexpected(trusted.error());  // guard: config-directory
  ConfigFiles found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string path = entry->path();
    const std::string name = entry->path().filename();
    const bool hidden = name.starts_with('.');
    if (name.ends_with(".yaml") && !hidden) {
      found.read.push_back(path);
    } else if (is_directory(path) ? !hidden && holds_yaml(path) : !hidden || looks_like_configuration(path)) {
      found.not_read.push_back(path);
    }
  }
  if (error) {
    return fail(ErrorCode::config, directory, "cannot be read: " + error.message(), "see the mode of the directory");
  }
  if (found.read.size() > limits::config_files_max) {
    return fail(ErrorCode::config, directory, "more than " + std::to_string(limits::config_files_max) + " files",
                "join some of them");
  }
  for (auto member : {&ConfigFiles::read, &ConfigFiles::not_read}) {
    std::sort((found.*member).begin(), (found.*member).end());
    (files.*member).insert((files.*member).end(), (found.*member).begin(), (found.*member).end());
  }
  if (files.not_read.size() > not_read_max) files.not_read.resize(not_read_max);
  return {};
}

Result<ConfigFiles> named_files(const std::string &path) {
  if (!is_directory(path)) return ConfigFiles{{path}, {}};
  ConfigFiles files;
  if (const Status added = add_directory(path, files); !added) return tl::make_unexpected(added.error());
  if (files.read.empty()) {
    return fail(ErrorCode::config, path, "no *.yaml in this directory" + not_read_words(files.not_read),
                "name a file, or a directory that holds some");
  }
  return files;
}

Result<ConfigFiles> default_files(const std::string &root) {
  ConfigFiles files;
  const std::string first = root + "/config.yaml";
  if (path_exists(first)) files.read.push_back(first);
  const std::string directory = root + "/config.d";
  if (path_exists(directory)) {
    if (const Status added = add_directory(directory, files); !added) return tl::make_unexpected(added.error());
  }
  std::error_code error;  // what else looks like configuration beside config.yaml
  for (std::filesystem::directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    const std::string path = entry->path();
    if (path != first && looks_like_configuration(path) && !is_directory(path)) files.not_read.push_back(path);
  }
  return files;
}

}  // namespace

bool path_exists(const std::string &path) {
  struct stat ignored {};
  return ::lstat(path.c_str(), &ignored) == 0 || errno != ENOENT;
}

bool looks_like_configuration(const std::string &path) {
  const std::string name = to_lower(path.substr(path.rfind('/') + 1));
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

std::string not_read_words(const std::vector<std::string> &not_read) {
  std::vector<std::string> names;
  for (const std::string &path : not_read) {
    if (looks_like_configuration(path) || is_directory(path)) names.push_back(printable(path, 200));
  }
  return names.empty() ? "" : "; not read, since only *.yaml of the directory itself is: " + joined(names);
}

Result<ConfigFiles> files_of(const ConfigSource &source) {
  return source.path ? named_files(*source.path) : default_files(source.default_root);
}

Result<YamlNode> read_yaml(const std::string &path) {
  const Result<std::string> bytes =
      read_trusted(path, FileTrust::integrity, limits::config_file_bytes_max, ErrorCode::config);
  if (!bytes) return tl::make_unexpected(bytes.error());
  if (!is_utf8(*bytes)) return fail(ErrorCode::config, path, "not UTF-8 text", "save it as UTF-8");
  return parse_yaml(*bytes, path);
}

ReadFile read_file(const std::string &path) {
  ReadFile file;
  file.path = path;
  if (Result<YamlNode> root = read_yaml(path); !root) {
    file.errors = {root.error()};
  } else {
    ConfigErrors errors(path);
    file.is_yaml = true;
    file.root = std::move(*root);
    file.part = read_schema(file.root, errors);
    file.errors = errors.all();
  }
  return file;
}

Status JoinedConfig::add(ConfigPart part) {
  if (part.defaults_origin) {
    if (defaults_origin_) {
      return fail(ErrorCode::config, *part.defaults_origin, "`defaults` stands in " + *defaults_origin_ + " too",
                  "keep it in one file");
    }
    defaults_origin_ = part.defaults_origin;
    std::swap(config_.registries, part.defaults.registries);
    config_ = std::move(part.defaults);
    proxy_from_environment_ = part.proxy_from_environment;
  }
  for (RegistryEntry &entry : part.registries) {
    const auto [first, is_new] = origins_.emplace(entry.name, entry.origin);
    if (!is_new) {
      return fail(ErrorCode::config, entry.origin,
                  "the name \"" + entry.name + "\" is that of the entry at " + first->second + " too",
                  "give each entry a name of its own");
    }
    config_.registries.push_back(std::move(entry));
  }
  return {};
}

Result<Config> JoinedConfig::take(const Environment &environment, const ConfigFiles &files) {
  std::string origin = origin_of(files.read);
  if (config_.registries.empty()) {
    return fail(ErrorCode::config, origin, "no registry entries", "add one under `registries:`");
  }
  if (proxy_from_environment_) {  // guard: environment-proxy
    Result<ProxyConfig> proxy = proxy_from_environment(environment);
    if (!proxy) return tl::make_unexpected(std::move(proxy.error()));
    config_.http.proxy = std::move(*proxy);
  }
  config_.origin = std::move(origin);
  config_.not_read = not_read_words(files.not_read);
  return std::move(config_);
}

std::string origin_of(const std::vector<std::string> &files) {
  const std::string rest = files.size() == 1 ? "" : " and " + std::to_string(files.size() - 1) + " more";
  return files.front() + rest;
}

}  // namespace regcred::core
