// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <algorithm>
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
    return wrong(key, *slug, "is not a slug: letters, digits, - and _ only, 1 to 100 of them; copy it from Cloudsmith");
  }
  return slug;
}

Result<SlugList> read_slugs(Settings &settings, std::string_view key) {
  constexpr std::size_t slugs_max = 256;
  std::vector<std::string> slugs = settings.texts(key);
  if (!settings.has(key)) return SlugList{};
  if (slugs.empty() && !settings.wrong_type()) {
    return failure(Code::bad_config, "settings." + std::string(key) +
                                         ": is empty, which could mean none or every one; list slugs, or remove it to "
                                         "allow every one");
  }
  if (slugs.size() > slugs_max) {
    return failure(Code::bad_config, "settings." + std::string(key) + ": more than 256 slugs; shorten the list");
  }
  for (const std::string &slug : slugs) {
    if (!is_slug(slug)) {
      return wrong(key, slug,
                   "is not a slug: letters, digits, - and _ only, 1 to 100 of them; copy it from Cloudsmith");
    }
  }
  return slugs;
}

// Whole hosts only: a custom domain is one name.
Result<std::vector<regcred::HostPattern>> read_registries(Settings &settings) {
  Result<std::vector<regcred::HostPattern>> registries = regcred::read_host_patterns(settings, "registryHosts");
  if (!registries) return registries;
  for (const std::string &text : settings.texts("registryHosts")) {
    if (text.starts_with('*'))
      return wrong("registryHosts", text, "is not a host; write host[:port] exactly as in the image, no wildcard");
  }
  registries->insert(registries->end(), own_registries().begin(), own_registries().end());
  return registries;
}

}  // namespace

bool is_slug(std::string_view text) {
  constexpr std::string_view allowed = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  // guard: annotation-slug
  return !text.empty() && text.size() <= slug_bytes_max && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool lists(const std::vector<std::string> &slugs, std::string_view slug) {
  return std::find(slugs.begin(), slugs.end(), slug) != slugs.end();
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
  Result<SlugList> orgs = read_slugs(settings, "allowedOrgs");
  if (!orgs) return tl::make_unexpected(std::move(orgs.error()));
  Result<SlugList> services = read_slugs(settings, "allowedServices");
  if (!services) return tl::make_unexpected(std::move(services.error()));
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
  return Options{std::move(*org),
                 std::move(*service),
                 std::move(*orgs),
                 std::move(*services),
                 host->value_or("api.cloudsmith.io"),
                 std::move(*allowed),
                 username->value_or("token"),
                 std::move(*headers),
                 std::move(*registries)};
}

std::string_view note_on(const Options &options) {
  if (!options.org_slug) {
    return "the organisation comes from the image, so the kubelet keeps a credential per image; set orgSlug";
  }
  const bool service_is_open = options.service_slug && !options.allowed_services;
  if (!options.allowed_orgs && service_is_open) {
    return "annotations may name another organisation or service than these; limit them by allowedOrgs, "
           "allowedServices";
  }
  if (!options.allowed_orgs) return "annotations may name another organisation than orgSlug; limit them by allowedOrgs";
  return service_is_open ? "annotations may name another service than serviceSlug; limit them by allowedServices" : "";
}

}  // namespace cloudsmith
