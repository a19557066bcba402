// SPDX-License-Identifier: Apache-2.0
#include "cluster/named_registries.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regcred/text.hpp>

#include "common/ascii.hpp"
#include "match/pattern.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

constexpr const char *registry_keyword = "x-regcred-registry";
constexpr std::size_t depth_max = 8;
constexpr std::size_t images_max = 300;  // 256 credentials of one entry, and its patterns

// host[:port][/path] with the host in the one form in which two can be compared.
std::string comparable(const std::string &written) {
  const std::size_t slash = std::min(written.find('/'), written.size());
  const std::string host = written.substr(0, slash);
  return registry_host(host).value_or(to_lower(host)) + to_lower(written.substr(slash));
}

void collect(const Json &rule, const Json &value, const std::string &path, std::size_t depth,
             std::vector<NamedRegistry> &named) {
  if (!rule.is_object() || depth > depth_max) return;
  if (value.is_string()) {
    const auto keyword = rule.find(registry_keyword);
    if (keyword != rule.end() && *keyword == true) named.push_back({path, comparable(value.get<std::string>())});
  } else if (value.is_array() && rule.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      collect(rule["items"], value[i], path + '/' + std::to_string(i), depth + 1, named);
    }
  } else if (value.is_object() && rule.contains("properties") && rule["properties"].is_object()) {
    for (const auto &[key, item] : value.items()) {
      const auto property = rule["properties"].find(key);
      if (property != rule["properties"].end()) {
        collect(*property, item, path.empty() ? key : path + '/' + key, depth + 1, named);
      }
    }
  }
}

std::string_view path_of(std::string_view name) { return name.substr(std::min(name.find('/'), name.size())); }

bool is_for(const NamedRegistry &named, const ImageReference &image) {
  const std::string_view path = path_of(named.registry);
  return match_pattern(named.registry, image).matches() &&
         (image.path().size() <= path.size() || path.empty() || image.path()[path.size()] == '/');
}

ImageReference asked_image(const RegistryEntry &entry, const ImageReference &image) {
  const std::string_view registry = entry.credential_host.empty() ? image.registry() : entry.credential_host;
  return ImageReference(to_lower(registry) + std::string(image.path()));
}

}  // namespace

std::vector<NamedRegistry> named_registries(const RegistryEntry &entry, std::string_view schema) {
  if (schema.find(registry_keyword) == std::string_view::npos) return {};
  const Json rules = Json::parse(schema, nullptr, /*allow_exceptions=*/false);
  const Json settings = Json::parse(entry.settings_json, nullptr, /*allow_exceptions=*/false);
  std::vector<NamedRegistry> named;
  if (settings.is_object()) collect(rules, settings, "", 0, named);
  return named;
}

bool is_named(const std::vector<NamedRegistry> &named, const RegistryEntry &entry, const ImageReference &image) {
  const ImageReference asked = asked_image(entry, image);
  return named.empty() ||
         std::any_of(named.begin(), named.end(), [&](const NamedRegistry &item) { return is_for(item, asked); });
}

std::string asked_pattern(const RegistryEntry &entry, const std::string &pattern) {
  return to_lower(entry.credential_host.empty() ? pattern : entry.credential_host + std::string(path_of(pattern)));
}

std::vector<std::string> sample_images(const RegistryEntry &entry, const std::vector<NamedRegistry> &named) {
  std::vector<std::string> images;
  const auto add = [&](std::string name) {
    std::replace(name.begin(), name.end(), '*', 'x');
    name += name.ends_with('/') ? "regcred-check" : "/regcred-check";
    const ImageReference image(name);
    const bool is_matched = std::any_of(entry.match_images.begin(), entry.match_images.end(),
                                        [&](const auto &pattern) { return match_pattern(pattern, image).matches(); });
    if (is_matched && images.size() < images_max) images.push_back(std::move(name));
  };
  for (const std::string &pattern : entry.match_images) {
    add(pattern);
    if (named.empty() && !images.empty()) return images;  // all have the same credential
  }
  for (const NamedRegistry &item : named) {
    if (entry.credential_host.empty()) {
      add(item.registry);
    } else {  // asked for under each name that the images have
      for (const std::string &pattern : entry.match_images) {
        add(pattern.substr(0, pattern.find('/')) + std::string(path_of(item.registry)));
      }
    }
  }
  return images;
}

}  // namespace regcred::core
