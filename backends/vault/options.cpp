// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <algorithm>
#include <optional>
#include <regcred/placeholders.hpp>
#include <regcred/text.hpp>
#include <string_view>
#include <utility>

#include "secret_path.hpp"

namespace vault {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;

constexpr std::string_view name_characters = "-_.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

tl::unexpected<regcred::Failure> wrong(std::string_view key, const std::string &value, std::string_view rule) {
  return failure(Code::bad_config,
                 "settings." + std::string(key) + ": " + regcred::shown(value) + " " + std::string(rule));
}

tl::unexpected<regcred::Failure> missing(std::string_view key, std::string_view cure) {
  return failure(Code::bad_config, "settings." + std::string(key) + ": is missing; write " + std::string(cure));
}

// A mount or a namespace, without the slash that Vault shows at its end.
Result<std::string> read_place(Settings &settings, std::string_view key) {
  constexpr std::size_t bytes_max = 256;
  const std::string text = settings.text(key).value_or("");
  if (!settings.has(key)) return text;
  std::string_view place = text;
  if (place.starts_with('/')) place.remove_prefix(1);
  if (place.ends_with('/')) place.remove_suffix(1);
  if (text.size() > bytes_max || !is_path(place, name_characters)) {
    return wrong(key, text, "is not a path; write names of letters, digits and -_. with slashes between them");
  }
  return std::string(place);
}

// One of `values`, the first of which is the default.
Result<std::string> read_choice(Settings &settings, std::string_view key, std::vector<std::string_view> values) {
  const std::string text = settings.text(key).value_or(std::string(values.front()));
  if (std::find(values.begin(), values.end(), text) != values.end()) return text;
  std::string rule = "is none of its values; write ";
  for (const std::string_view value : values) rule += (value == values.front() ? "" : " or ") + std::string(value);
  return wrong(key, text, rule);
}

// The name of a field; empty when the key is absent.
Result<std::string> read_field(Settings &settings, std::string_view key) {
  constexpr std::size_t bytes_max = 128;
  const std::optional<std::string> text = settings.text(key);
  if (!text) return std::string();
  if (text->empty() || text->size() > bytes_max ||
      !std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c <= '~'; })) {
    return wrong(key, *text, "is not a field's name: 1 to 128 bytes of printable ASCII without blanks");
  }
  return *text;
}

Result<void> check_path(const Options &options) {
  if (options.path.empty()) return missing("path", "the secret's path below the mount");
  constexpr std::size_t bytes_max = 512;
  std::string characters(name_characters);
  characters += ":+,=~{}";
  if (options.path.size() > bytes_max || !is_path(options.path, characters)) {
    return wrong("path", options.path,
                 "is not a path; write names of letters, digits and -_.:+,=~ with slashes between them, none of which "
                 "ends with a dot");
  }
  if (const auto other = unknown_placeholder(options.path)) {
    return wrong("path", options.path,
                 "holds " + regcred::shown(*other) + "; only {registry}, {namespace} and {serviceAccount} are known");
  }
  if (regcred::placeholders_may_mix(options.path)) {  // guard: path-of-one-pod
    return wrong("path", options.path, "could be the same for two pods; put / or _ between the placeholders");
  }
  return {};
}

// Settings that say how the secret is made up.
Result<void> check_fields(const Options &options) {
  const auto excludes = [](std::string_view key, std::string_view other) {
    return failure(Code::bad_config, "settings." + std::string(key) + ": does not go with settings." +
                                         std::string(other) + "; remove one of the two");
  };
  if (!options.username.empty() && !options.username_field.empty()) return excludes("usernameField", "username");
  if (!options.docker_config_field.empty()) {
    if (!options.username.empty()) return excludes("username", "dockerConfigField");
    if (!options.username_field.empty()) return excludes("usernameField", "dockerConfigField");
    if (!options.password_field.empty()) return excludes("passwordField", "dockerConfigField");
    if (options.engine == Engine::dynamic) return excludes("dockerConfigField", "engine: dynamic");
  }
  if (options.engine == Engine::dynamic && options.inline_login) {
    return failure(Code::bad_config,
                   "settings.login: inline does not go with engine: dynamic, which needs a login that lasts; write "
                   "login: token");
  }
  return {};
}

}  // namespace

Result<Options> read_options(Settings &settings) {
  Options options;
  Result<std::optional<std::string>> address = regcred::read_base_url(settings, "address");
  Result<std::string> namespace_path = read_place(settings, "namespace");
  Result<std::string> auth_method = read_choice(settings, "authMethod", {"jwt", "kubernetes"});
  Result<std::string> auth_mount = read_place(settings, "authMount");
  options.role = settings.text("role").value_or("");
  const Result<std::string> login = read_choice(settings, "login", {"token", "inline"});
  const Result<std::string> engine = read_choice(settings, "engine", {"kv2", "kv1", "dynamic"});
  Result<std::string> mount = read_place(settings, "mount");
  options.path = settings.text("path").value_or("");
  Result<std::optional<std::string>> username = regcred::read_username(settings, "username");
  Result<std::string> username_field = read_field(settings, "usernameField");
  Result<std::string> password_field = read_field(settings, "passwordField");
  Result<std::string> docker_config_field = read_field(settings, "dockerConfigField");
  const Result<std::string> scope = read_choice(settings, "scope", {"image", "registry"});
  Result<std::vector<regcred::HostPattern>> registries = regcred::read_host_patterns(settings, "registryHosts");

  if (!address) return tl::make_unexpected(std::move(address.error()));
  if (!*address) return missing("address", "https://host:port of Vault or OpenBao");
  if (!username) return tl::make_unexpected(std::move(username.error()));
  if (!registries) return tl::make_unexpected(std::move(registries.error()));
  for (const Result<std::string> *text : std::initializer_list<const Result<std::string> *>{
           &namespace_path, &auth_method, &auth_mount, &login, &engine, &mount, &username_field, &password_field,
           &docker_config_field, &scope}) {
    if (!*text) return tl::make_unexpected(text->error());
  }
  if (options.role.empty()) return missing("role", "the role of the login");
  if (options.role.size() > 256 || options.role.find_first_not_of(name_characters) != std::string::npos) {
    return wrong("role", options.role, "is not a role: 1 to 256 letters, digits and -_.");
  }
  if (mount->empty()) return missing("mount", "where the engine is mounted, as secret");
  if (settings.has("registryHosts") && registries->empty()) {
    return failure(Code::bad_config, "settings.registryHosts: names no host; remove the key to serve all");
  }

  options.address = std::move(**address);
  options.namespace_path = std::move(*namespace_path);
  options.auth_mount = auth_mount->empty() ? *auth_method : std::move(*auth_mount);
  options.inline_login = *login == "inline";
  options.engine = *engine == "kv2" ? Engine::kv2 : *engine == "kv1" ? Engine::kv1 : Engine::dynamic;
  options.mount = std::move(*mount);
  options.username = username->value_or("");
  options.username_field = std::move(*username_field);
  options.password_field = std::move(*password_field);
  options.docker_config_field = std::move(*docker_config_field);
  options.scope = *scope == "registry" ? regcred::Scope::registry : regcred::Scope::image;
  options.registries = std::move(*registries);
  if (Result<void> good = check_path(options); !good) return tl::make_unexpected(std::move(good.error()));
  if (Result<void> good = check_fields(options); !good) return tl::make_unexpected(std::move(good.error()));
  if (options.username_field.empty()) options.username_field = "username";
  if (options.password_field.empty()) options.password_field = "password";
  return options;
}

}  // namespace vault
