// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/text.hpp>
#include <utility>

namespace cloudsmith {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t slug_bytes_max = 100;  // Cloudsmith cuts slugs at 30 and may append a suffix

tl::unexpected<regcred::Failure> wrong(std::string_view key, std::string_view value, std::string_view cure) {
  return failure(Code::bad_config, "settings." + std::string(key) + ": " + shown(value) + " " + std::string(cure));
}

Result<std::optional<std::string>> read_slug(Settings &settings, std::string_view key) {
  std::optional<std::string> slug = settings.text(key);
  if (slug && !is_slug(*slug)) {
    return wrong(key, *slug, "is no slug: letters, digits, - and _ only, 1 to 100 of them; copy it from Cloudsmith");
  }
  return slug;
}

// Whole hosts only: a custom domain is one name.
Result<std::vector<regcred::HostPattern>> read_registries(Settings &settings) {
  Result<std::vector<regcred::HostPattern>> registries = regcred::read_host_patterns(settings, "registryHosts");
  if (!registries) return registries;
  for (const std::string &text : settings.texts("registryHosts")) {
    if (text.starts_with('*'))
      return wrong("registryHosts", text, "is no host; write host[:port] exactly as in the image, no wildcard");
  }
  registries->insert(registries->end(), own_registries().begin(), own_registries().end());
  return registries;
}

}  // namespace

bool is_slug(std::string_view text) {
  constexpr std::string_view allowed = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.size() <= slug_bytes_max && text.find_first_not_of(allowed) == std::string_view::npos;
}

const std::vector<regcred::HostPattern> &own_registries() {
  static const std::vector<regcred::HostPattern> own = [] {
    std::vector<regcred::HostPattern> patterns;
    for (const char *text : {"cloudsmith.io", "*.cloudsmith.io", "cloudsmith.com", "*.cloudsmith.com"}) {
      patterns.push_back(*regcred::HostPattern::parse(text));
    }
    return patterns;
  }();
  return own;
}

Result<Options> read_options(Settings &settings) {
  Result<std::optional<std::string>> org = read_slug(settings, "orgSlug");
  if (!org) return tl::make_unexpected(std::move(org.error()));
  Result<std::optional<std::string>> service = read_slug(settings, "serviceSlug");
  if (!service) return tl::make_unexpected(std::move(service.error()));
  Result<std::optional<std::string>> host = regcred::read_host(settings, "apiHost");
  if (!host) return tl::make_unexpected(std::move(host.error()));
  Result<std::vector<regcred::HostPattern>> allowed = regcred::read_host_patterns(settings, "allowedApiHosts");
  if (!allowed) return tl::make_unexpected(std::move(allowed.error()));
  Result<std::optional<std::string>> username = regcred::read_username(settings, "username");
  if (!username) return tl::make_unexpected(std::move(username.error()));
  Result<regcred::HttpHeaders> headers = regcred::read_headers(settings, "headers");
  if (!headers) return tl::make_unexpected(std::move(headers.error()));
  Result<std::vector<regcred::HostPattern>> registries = read_registries(settings);
  if (!registries) return tl::make_unexpected(std::move(registries.error()));
  return Options{std::move(*org),       std::move(*service),         host->value_or("api.cloudsmith.io"),
                 std::move(*allowed),   username->value_or("token"), std::move(*headers),
                 std::move(*registries)};
}

}  // namespace cloudsmith
