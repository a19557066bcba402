// SPDX-License-Identifier: Apache-2.0
// The bodies of docker_config.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <regcred/base64.hpp>
#include <regcred/docker_config.hpp>
#include <regcred/json.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace regcred {

namespace detail {

[[nodiscard]] inline std::string docker_registry(std::string_view text) {
  std::string host = registry_host(text).value_or("");
  return host == "index.docker.io" ? "docker.io" : host;
}

// A name in `auths`, taken apart.
struct DockerName {
  std::string registry;  // empty: of no registry
  std::string path;
};

[[nodiscard]] inline DockerName docker_name(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  }
  const std::size_t slash = text.find('/');
  std::string_view path = slash == text.npos ? std::string_view{} : text.substr(slash + 1);
  while (path.ends_with('/')) path.remove_suffix(1);
  for (const std::string_view version : {"v1", "v2"}) {
    if (!starts_on_border(path, version)) continue;
    path.remove_prefix(path.size() == version.size() ? version.size() : version.size() + 1);
    break;
  }
  return {docker_registry(text.substr(0, slash)), std::string(path)};
}

// Username and password of one entry.
[[nodiscard]] inline Result<DockerAuth> docker_entry(const std::string &name, const nlohmann::json &entry) {
  const auto wrong = [&](std::string_view rule) {
    return failure(Code::bad_config, "the entry " + shown(name, 100) + " " + std::string(rule));
  };
  const auto is_text = [&](const char *member) { return entry.contains(member) && entry[member].is_string(); };
  if (!entry.is_object()) return wrong("is not an object");
  DockerAuth found;
  if (is_text("auth") && !entry["auth"].get_ref<const std::string &>().empty()) {
    std::string padded = entry["auth"].get_ref<const std::string &>();  // some writers leave the padding out
    padded.append((4 - padded.size() % 4) % 4, '=');
    std::optional<std::string> both = base64_decode(padded);
    wipe(padded);
    const std::size_t colon = both ? both->find(':') : std::string::npos;
    if (colon == std::string::npos) return wrong("has an auth that is not base64 of user:password; write it anew");
    found.username = both->substr(0, colon);
    found.password = Secret(std::string_view(*both).substr(colon + 1));
    wipe(*both);
  } else if (is_text("username") && is_text("password")) {
    found.username = entry["username"].get<std::string>();
    found.password = Secret(entry["password"].get_ref<const std::string &>());
  }
  if (found.username.empty() || found.password.empty()) {
    return wrong(
        "has no username and password; an identitytoken, a credential helper's entry or an empty one cannot "
        "be used");
  }
  return found;
}

}  // namespace detail

inline Result<std::optional<DockerAuth>> docker_auth(const nlohmann::json &config, std::string_view registry,
                                                     std::string_view path) {
  const auto auths = config.find("auths");
  if (auths == config.end() || !auths->is_object()) {
    return failure(Code::bad_config,
                   "holds no object \"auths\"; write it as docker login does: "
                   "{\"auths\":{\"HOST\":{\"auth\":\"base64 of user:password\"}}}");
  }
  const std::string host = detail::docker_registry(registry);
  const std::string *best = nullptr;
  detail::DockerName best_name;
  bool divided = false;  // other paths of this registry may have another entry
  for (const auto &item : auths->items()) {
    detail::DockerName name = detail::docker_name(item.key());
    if (host.empty() || name.registry != host) continue;
    divided = divided || !name.path.empty();
    if (!starts_on_border(path, name.path)) continue;
    if (best != nullptr && name.path.size() < best_name.path.size()) continue;
    if (best != nullptr && name.path.size() == best_name.path.size() && item.key() != registry) continue;
    best = &item.key();
    best_name = std::move(name);
  }
  if (best == nullptr) return std::nullopt;
  Result<DockerAuth> found = detail::docker_entry(*best, (*auths)[*best]);
  if (!found) return tl::make_unexpected(std::move(found.error()));
  found->path = std::move(best_name.path);
  found->scope = divided ? Scope::image : Scope::registry;
  return std::optional<DockerAuth>(std::move(*found));
}

}  // namespace regcred
