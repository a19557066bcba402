// SPDX-License-Identifier: Apache-2.0
#include "target.hpp"

#include <regcred/registry.hpp>
#include <regcred/text.hpp>

namespace cloudsmith {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Request;
using regcred::Result;
using regcred::shown;

// The annotation's slug when settings allow it, else the setting.
Result<std::optional<std::string>> choose_slug(const Request &request, const regcred::Choice &choice,
                                               const SlugList &allowed) {
  const std::string_view value = request.annotation(choice.annotation).value_or("");
  if (value.empty()) return choice.setting;
  if (!is_slug(value)) {
    return failure(Code::bad_request, "annotation " + std::string(choice.annotation) + ": " + shown(value) +
                                          " is not a slug: letters, digits, - and _ only, 1 to 100 of them; correct it "
                                          "on the pod's service account");
  }
  Result<std::string> slug =
      // guard: allowed-slugs
      regcred::choose(request, choice, [&](std::string_view wanted) { return !allowed || lists(*allowed, wanted); });
  if (!slug) return tl::make_unexpected(std::move(slug.error()));
  return std::move(*slug);
}

Result<std::string> org_from_image(const Options &options, const Request &request, std::string_view registry) {
  if (!regcred::matches_any(own_registries(), registry)) {
    return failure(Code::bad_config, "no organisation: " + shown(registry) +
                                         " is a custom domain, whose images do not name it; set settings.orgSlug");
  }
  const std::string_view path = request.path();
  const std::size_t slash = path.find('/');
  const std::string_view owner = path.substr(0, slash);
  if (slash == std::string_view::npos || !is_slug(owner)) {
    return failure(Code::bad_request, "no organisation: image path " + shown(path) +
                                          " does not start with one; write HOST/ORG/REPOSITORY/IMAGE, or set "
                                          "settings.orgSlug");
  }
  if (options.allowed_orgs && !lists(*options.allowed_orgs, owner)) {  // guard: allowed-organisations
    return failure(Code::bad_request, "organisation " + shown(owner) +
                                          " of the image is not in settings.allowedOrgs, so nothing was sent; add it "
                                          "there if pods may use it, else correct the image");
  }
  return std::string(owner);
}

}  // namespace

Result<void> require_served(const Options &options, std::string_view registry) {
  return regcred::require_served(registry, options.registries, "neither Cloudsmith's nor in settings.registryHosts",
                                 "add it there if it is your custom domain, else narrow matchImages");
}

Result<Target> choose_target(const Options &options, const Request &request) {
  const Result<void> served = require_served(options, request.registry());
  if (!served) return tl::make_unexpected(served.error());

  Result<std::optional<std::string>> org = choose_slug(
      request, {org_annotation, options.org_slug, "settings.orgSlug", "settings.allowedOrgs"}, options.allowed_orgs);
  if (!org) return tl::make_unexpected(org.error());
  // guard: scope-of-path
  const regcred::Scope scope = *org ? regcred::Scope::registry : regcred::Scope::image;
  if (!*org) {
    const Result<std::string> owner =
        org_from_image(options, request, regcred::host_and_port(request.registry()).value_or(""));
    if (!owner) return tl::make_unexpected(owner.error());
    *org = *owner;
  }

  Result<std::optional<std::string>> service = choose_slug(
      request, {service_annotation, options.service_slug, "settings.serviceSlug", "settings.allowedServices"},
      options.allowed_services);
  if (!service) return tl::make_unexpected(service.error());

  const auto allowed = [&](std::string_view host) {
    // guard: annotation-host
    return regcred::https_host(host) == options.api_host || regcred::matches_any(options.allowed_api_hosts, host);
  };
  const Result<std::string> host = regcred::choose(
      request, {api_host_annotation, options.api_host, "settings.apiHost", "settings.allowedApiHosts"}, allowed);
  if (!host) return tl::make_unexpected(host.error());
  return Target{*regcred::https_host(*host), std::move(**org), std::move(*service), scope};
}

}  // namespace cloudsmith
