#include "target.hpp"

#include <algorithm>
#include <array>
#include <regcred/text.hpp>

namespace cloudsmith {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Request;
using regcred::Result;
using regcred::shown;

std::optional<std::string_view> set_annotation(const Request &request, std::string_view key) {
  const std::optional<std::string_view> value = request.annotation(key);
  return value && !value->empty() ? value : std::nullopt;
}

// A host of Cloudsmith itself, on https's own port. There, and only there, the image's first path segment is the
// organisation.
bool is_cloudsmith_registry(std::string_view registry) {
  constexpr std::array<const char *, 4> own = {"cloudsmith.io", "*.cloudsmith.io", "cloudsmith.com",
                                               "*.cloudsmith.com"};
  return std::any_of(own.begin(), own.end(),
                     [registry](const char *text) { return regcred::HostPattern::parse(text)->matches(registry); });
}

// The image's host in lower case when it may be served at all. Without this check a matchImages that is too broad
// would hand pods' tokens out for every registry.
Result<std::string> served_registry(const Options &options, const Request &request) {
  const std::optional<std::string> registry = regcred::host_and_port(request.registry());
  if (registry) {
    const auto &own = options.registry_hosts;
    if (is_cloudsmith_registry(*registry) || std::find(own.begin(), own.end(), *registry) != own.end()) {
      return *registry;
    }
  }
  return failure(Code::bad_config, "image host " + shown(request.registry()) +
                                       " is neither Cloudsmith's nor in settings.registryHosts, so no token is sent "
                                       "for it; add it there if it is your custom domain, else narrow matchImages");
}

Result<std::optional<std::string>> slug_from_annotation(const Request &request, std::string_view key) {
  const std::optional<std::string_view> value = set_annotation(request, key);
  if (!value) return std::nullopt;
  if (!is_slug(*value)) {
    return failure(Code::bad_request, "annotation " + std::string(key) + ": " + shown(*value) +
                                          " is no slug: letters, digits, - and _ only, 1 to 100 of them; correct it on "
                                          "the pod's service account");
  }
  return std::string(*value);
}

Result<std::string> org_from_image(const Request &request, std::string_view registry) {
  if (!is_cloudsmith_registry(registry)) {
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

Result<std::string> chosen_api_host(const Options &options, const Request &request) {
  const std::optional<std::string_view> value = set_annotation(request, api_host_annotation);
  if (!value) return options.api_host;
  const std::optional<std::string> host = regcred::https_host(*value);
  if (host && (*host == options.api_host || regcred::matches_any(options.allowed_api_hosts, *host))) return *host;
  return failure(Code::bad_request,
                 "annotation " + std::string(api_host_annotation) + ": " + shown(*value) +
                     " is not allowed, so nothing was sent; add the host to settings.allowedApiHosts if you trust it "
                     "with pods' tokens, else remove the annotation from the service account");
}

}  // namespace

Result<Target> choose_target(const Options &options, const Request &request) {
  const Result<std::string> registry = served_registry(options, request);
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

  Result<std::string> host = chosen_api_host(options, request);
  if (!host) return tl::make_unexpected(host.error());
  return Target{std::move(*host), std::move(**org), std::move(*service), scope};
}

std::string exchange_url(const Target &target) {
  return "https://" + target.api_host + "/openid/" + target.org_slug + "/";
}

}  // namespace cloudsmith
