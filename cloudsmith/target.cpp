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

Result<std::optional<std::string>> slug_from_annotation(const Request &request, std::string_view key) {
  const std::string_view value = request.annotation(key).value_or("");
  if (value.empty()) return std::nullopt;
  if (!is_slug(value)) {
    return failure(Code::bad_request, "annotation " + std::string(key) + ": " + shown(value) +
                                          " is no slug: letters, digits, - and _ only, 1 to 100 of them; correct it on "
                                          "the pod's service account");
  }
  return std::string(value);
}

Result<std::string> org_from_image(const Request &request, std::string_view registry) {
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
  return std::string(owner);
}

}  // namespace

Result<Target> choose_target(const Options &options, const Request &request) {
  const Result<std::string> registry =
      regcred::served_registry(request, options.registries, "neither Cloudsmith's nor in settings.registryHosts",
                               "add it there if it is your custom domain, else narrow matchImages");
  if (!registry) return tl::make_unexpected(registry.error());

  Result<std::optional<std::string>> org = slug_from_annotation(request, org_annotation);
  if (!org) return tl::make_unexpected(org.error());
  if (!*org) *org = options.org_slug;
  const regcred::Scope scope = *org ? regcred::Scope::registry : regcred::Scope::image;
  if (!*org) {
    const Result<std::string> owner = org_from_image(request, *registry);
    if (!owner) return tl::make_unexpected(owner.error());
    *org = *owner;
  }

  Result<std::optional<std::string>> service = slug_from_annotation(request, service_annotation);
  if (!service) return tl::make_unexpected(service.error());
  if (!*service) *service = options.service_slug;

  const auto allowed = [&](std::string_view host) {
    return regcred::https_host(host) == options.api_host || regcred::matches_any(options.allowed_api_hosts, host);
  };
  const Result<std::string> host = regcred::choose(
      request, {api_host_annotation, options.api_host, "settings.apiHost", "settings.allowedApiHosts"}, allowed);
  if (!host) return tl::make_unexpected(host.error());
  return Target{*regcred::https_host(*host), std::move(**org), std::move(*service), scope};
}

}  // namespace cloudsmith
