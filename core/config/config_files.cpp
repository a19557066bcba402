// SPDX-License-Identifier: Apache-2.0
#include "config/config_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

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

// The *.yaml in `directory`, in byte order of their names, without hidden ones.
Result<std::vector<std::string>> yaml_files(const std::string &directory) {
  const auto trusted = open_trusted_directory(directory, ErrorCode::config, DirectoryTrust::all_trusted);
  if (!trusted) return tl::make_unexpected(trusted.error());  // guard: config-directory
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.ends_with(".yaml") && !name.starts_with('.')) files.push_back(entry->path());
  }
  if (error) {
    return fail(ErrorCode::config, directory, "cannot be read: " + error.message(), "see the mode of the directory");
  }
  if (files.size() > limits::config_files_max) {
    return fail(ErrorCode::config, directory, "more than " + std::to_string(limits::config_files_max) + " files",
                "join some of them");
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<std::string>> named_files(const std::string &path) {
  if (!is_directory(path)) return std::vector<std::string>{path};
  Result<std::vector<std::string>> files = yaml_files(path);
  if (files && files->empty()) {
    return fail(ErrorCode::config, path, "no *.yaml in this directory", "name a file, or a directory that holds some");
  }
  return files;
}

Result<std::vector<std::string>> default_files(const std::string &root) {
  std::vector<std::string> files;
  if (const std::string first = root + "/config.yaml"; path_exists(first)) files.push_back(first);
  if (const std::string directory = root + "/config.d"; path_exists(directory)) {
    Result<std::vector<std::string>> more = yaml_files(directory);
    if (!more) return more;
    files.insert(files.end(), more->begin(), more->end());
  }
  return files;
}

}  // namespace

bool path_exists(const std::string &path) {
  struct stat ignored {};
  return ::lstat(path.c_str(), &ignored) == 0 || errno != ENOENT;
}

Result<std::vector<std::string>> files_of(const ConfigSource &source) {
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

Result<Config> JoinedConfig::take(const Environment &environment, std::string origin) {
  if (config_.registries.empty()) {
    return fail(ErrorCode::config, origin, "no registry entries", "add one under `registries:`");
  }
  if (proxy_from_environment_) {
    Result<ProxyConfig> proxy = proxy_from_environment(environment);
    if (!proxy) return tl::make_unexpected(std::move(proxy.error()));
    config_.http.proxy = std::move(*proxy);
  }
  config_.origin = std::move(origin);
  return std::move(config_);
}

std::string origin_of(const std::vector<std::string> &files) {
  const std::string rest = files.size() == 1 ? "" : " and " + std::to_string(files.size() - 1) + " more";
  return files.front() + rest;
}

}  // namespace regcred::core
