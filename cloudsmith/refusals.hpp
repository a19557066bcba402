// SPDX-License-Identifier: Apache-2.0
// What Cloudsmith's refusals mean to the operator, as its documentation of POST /openid/{org}/ describes them.
#pragma once

#include <regcred/exchange.hpp>
#include <span>

namespace cloudsmith {

inline constexpr std::string_view not_created =
    "no token for this service: it does not exist, or the OIDC setting does not list it; correct serviceSlug, or "
    "assign "
    "the service account there";
inline constexpr std::string_view not_mapped =
    "no service account is mapped to this token's claims; map one, or set serviceSlug";
inline constexpr std::string_view not_authenticated =
    "the pod's token does not fit any OIDC setting of this org, or Cloudsmith cannot read the issuer's keys; check "
    "there: provider URL = issuer, claims match, service account assigned";
inline constexpr std::string_view bad_service = "parameters missing or invalid; correct the service slug";
inline constexpr std::string_view needs_service =
    "parameters missing or invalid; this org may need serviceSlug, set it";

// The sentences in `detail` are documented without status codes, so they are tried before the status.
template <bool WithService>
inline constexpr regcred::Refusal refusal_table[] = {
    {404, "", regcred::Code::denied,
     "no such organisation here; correct orgSlug (setting, annotation, image) or apiHost"},
    {0, "", regcred::Code::denied, WithService ? not_created : not_mapped, "detail", "cannot be created"},
    {0, "", regcred::Code::denied, not_authenticated, "detail", "cannot be authenticated"},
    {0, "", regcred::Code::denied, WithService ? bad_service : needs_service, "detail", "invalid parameters"},
    {400, "", regcred::Code::denied, WithService ? not_created : not_mapped},
    {401, "", regcred::Code::denied, not_authenticated},
    {403, "", regcred::Code::denied,
     "the org forbids this exchange; check that its OIDC is enabled and which addresses it admits"},
    {422, "", regcred::Code::denied, WithService ? bad_service : needs_service},
};

// For an exchange that names a service account, or that leaves it to Cloudsmith's mapping of the claims.
[[nodiscard]] inline std::span<const regcred::Refusal> refusals(bool with_service) {
  if (with_service) return refusal_table<true>;
  return refusal_table<false>;
}

}  // namespace cloudsmith
