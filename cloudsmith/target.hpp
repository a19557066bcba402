// SPDX-License-Identifier: Apache-2.0
// Where the exchange of one request goes: decided from settings, annotations and the image, before anything is sent.
#pragma once

#include <optional>
#include <regcred/backend.hpp>
#include <regcred/result.hpp>
#include <string>
#include <string_view>

#include "options.hpp"

namespace cloudsmith {

inline constexpr std::string_view org_annotation = "cloudsmith.io/org-slug";
inline constexpr std::string_view service_annotation = "cloudsmith.io/service-slug";
inline constexpr std::string_view api_host_annotation = "cloudsmith.io/api-host";

// Everything in it has been validated and can become part of a URL unchanged.
struct Target {
  std::string api_host;
  std::string org_slug;
  std::optional<std::string> service_slug;  // nullopt: Cloudsmith maps the token by its claims
  // What the credential is for: the whole registry, or this image alone when its path named the organisation.
  regcred::Scope scope;
};

// BAD_CONFIG: the image's host is neither Cloudsmith's nor in registryHosts.
[[nodiscard]] regcred::Result<void> require_served(const Options &options, std::string_view registry);

// Organisation: annotation, else setting, else (on Cloudsmith's own hosts) the image's first path segment.
// Service: annotation, else setting, else none. API host: annotation when allowed, else setting. With allowedOrgs or
// allowedServices, annotation and image name nothing else than what is listed there or set. An annotation with an empty
// value counts as not set, since templates may write one.
// BAD_CONFIG: as require_served; or a custom domain comes without orgSlug.
// BAD_REQUEST: an annotation or the image is unusable.
[[nodiscard]] regcred::Result<Target> choose_target(const Options &options, const regcred::Request &request);

}  // namespace cloudsmith
