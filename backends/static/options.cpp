// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/text.hpp>
#include <utility>

namespace static_backend {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t list_items_max = 256;
constexpr std::size_t username_bytes_max = 4096;
constexpr std::size_t file_bytes_max = 4096;  // PATH_MAX
constexpr std::size_t path_bytes_max = 255;   // of a repository, in the distribution reference grammar

bool is_file_name(const std::string &name) { return !name.empty() && name.size() <= file_bytes_max; }

// Reads username, usernameFile and passwordFile; the rest of the result is the caller's.
Result<Credential> read_names(Settings &settings) {
  Credential credential;
  credential.where = settings.where();
  credential.username = settings.text("username");
  credential.username_file = settings.text("usernameFile");
  credential.password_file = settings.text("passwordFile").value_or("");
  const auto wrong = [&](std::string_view key, std::string_view rule) {
    return failure(Code::bad_config, credential.where + "." + std::string(key) + ": " + std::string(rule));
  };
  if (credential.username.has_value() == credential.username_file.has_value()) {
    return failure(Code::bad_config,
                   credential.where + ".username, " + credential.where + ".usernameFile: set exactly one of the two");
  }
  if (credential.username && !is_username(*credential.username)) {
    return wrong("username", "must be 1 to 4096 bytes without ':' and control characters");
  }
  if (credential.username_file && !is_file_name(*credential.username_file)) {
    return wrong("usernameFile", "must be an absolute path or a name in $CREDENTIALS_DIRECTORY");
  }
  if (!is_file_name(credential.password_file)) {
    return wrong("passwordFile",
                 "is missing or empty; write the absolute path of a file with mode 0600, or a name in "
                 "$CREDENTIALS_DIRECTORY");
  }
  return credential;
}

bool is_segment(std::string_view segment) {
  constexpr std::string_view words = "abcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  return !segment.empty() && segment.find_first_not_of(allowed) == segment.npos &&
         words.find(segment.front()) != words.npos && words.find(segment.back()) != words.npos;
}

bool is_repository_path(std::string_view path) {
  if (path.size() > path_bytes_max) return false;
  while (true) {
    const std::size_t slash = path.find('/');
    if (!is_segment(path.substr(0, slash))) return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

// Takes `text` apart into host and path.
Result<void> read_registry(const std::string &text, Credential &credential) {
  const auto wrong = [&](std::string_view rule) {
    return failure(Code::bad_config, credential.where + ".registry: " + shown(text) + " " + std::string(rule));
  };
  const std::size_t slash = text.find('/');
  std::optional<std::string> host = regcred::registry_host(std::string_view(text).substr(0, slash));
  if (!host)
    return wrong("does not start with a host; write host[:port] or host[:port]/path as in the image, no scheme");
  credential.host = std::move(*host);
  if (slash == text.npos) return {};
  credential.path = text.substr(slash + 1);
  if (!is_repository_path(credential.path)) {
    return wrong("has a path that no image has; write whole lower-case segments, without wildcard, tag and last slash");
  }
  // pkg/credentialprovider/keyring.go takes these off the registry of an answer before it compares.
  if (credential.path.starts_with("v1/") || credential.path.starts_with("v2/")) {
    return wrong(
        "has a v1/ or v2/ that the kubelet drops, so it would fit no image; end it there, or write the host alone");
  }
  return {};
}

Result<std::vector<Credential>> read_list(Settings &settings) {
  std::vector<Credential> credentials;
  const Result<void> read = settings.each("credentials", [&](Settings &item) -> Result<void> {
    const std::optional<std::string> registry = item.text("registry");
    Result<Credential> credential = read_names(item);
    if (!registry) return failure(Code::bad_config, item.where() + ".registry: is missing; write host[:port][/path]");
    if (!credential) return tl::make_unexpected(std::move(credential.error()));
    if (Result<void> parts = read_registry(*registry, *credential); !parts) return parts;
    for (const Credential &other : credentials) {
      if (other.host == credential->host && other.path == credential->path) {
        return failure(Code::bad_config, item.where() + ".registry: " + shown(*registry) + " is that of " +
                                             other.where + ", too; remove one of the two");
      }
    }
    credentials.push_back(std::move(*credential));
    return {};
  });
  if (!read) return tl::make_unexpected(read.error());
  if (credentials.empty() || credentials.size() > list_items_max) {
    return failure(Code::bad_config, "settings.credentials: must list 1 to 256 credentials");
  }
  return credentials;
}

Result<std::vector<Credential>> read_simple(Settings &settings) {
  Result<Credential> credential = read_names(settings);
  const bool limited = settings.has("registries");
  const bool empty = !settings.has("username") && !settings.has("usernameFile") && !settings.has("passwordFile");
  const std::vector<std::string> registries = settings.texts("registries");
  if (empty) {
    return failure(Code::bad_config,
                   "settings.credentials: is missing; list credentials, set username and passwordFile for one, or "
                   "dockerConfigFile");
  }
  if (!credential) return tl::make_unexpected(std::move(credential.error()));
  if (!limited) return std::vector<Credential>{std::move(*credential)};

  if (registries.empty() || registries.size() > list_items_max) {
    return failure(Code::bad_config, "settings.registries: must name 1 to 256 hosts; remove the key to serve all");
  }
  std::vector<Credential> credentials;
  for (const std::string &text : registries) {
    const std::optional<std::string> host = regcred::registry_host(text);
    if (!host) {
      return failure(Code::bad_config,
                     "settings.registries: " + shown(text) +
                         " is not a host; write host[:port] exactly as in the image, no wildcard; for "
                         "paths use settings.credentials");
    }
    credential->host = *host;
    credentials.push_back(*credential);
  }
  return credentials;
}

}  // namespace

Result<Options> read_options(Settings &settings) {
  // All forms are read in any case, so that the SDK knows all keys when it looks for unknown ones.
  std::optional<std::string> docker_config = settings.text("dockerConfigFile");
  Result<std::vector<Credential>> list = read_list(settings);
  Result<std::vector<Credential>> simple = read_simple(settings);
  const std::vector<const char *> single = {"username", "usernameFile", "passwordFile", "registries"};
  const auto others = [&](const std::vector<const char *> &keys, const std::string &form,
                          std::string_view cure) -> Result<void> {
    for (const char *key : keys) {
      if (!settings.has(key)) continue;
      return failure(Code::bad_config,
                     std::string("settings.") + key + ": does not go with settings." + form + "; " + std::string(cure));
    }
    return {};
  };
  if (settings.has("dockerConfigFile")) {
    Result<void> alone = others({"credentials"}, "dockerConfigFile", "remove one of the two");
    if (alone) alone = others(single, "dockerConfigFile", "remove it: the file holds names and passwords");
    if (!alone) return tl::make_unexpected(std::move(alone.error()));
    if (docker_config && !is_file_name(*docker_config)) {
      return failure(Code::bad_config,
                     "settings.dockerConfigFile: must be an absolute path or a name in $CREDENTIALS_DIRECTORY");
    }
    return Options{{}, std::move(docker_config)};
  }
  if (settings.has("credentials")) {
    Result<void> alone = others(single, "credentials", "move it into an item of the list");
    if (!alone) return tl::make_unexpected(std::move(alone.error()));
    simple = std::move(list);
  }
  if (!simple) return tl::make_unexpected(std::move(simple.error()));
  return Options{std::move(*simple), std::nullopt};
}

bool is_username(std::string_view text) {
  return !text.empty() && text.size() <= username_bytes_max && !regcred::has_control_character(text) &&
         regcred::is_utf8(text) && text.find(':') == text.npos;
}

}  // namespace static_backend
