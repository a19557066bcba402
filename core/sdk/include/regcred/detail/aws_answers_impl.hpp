// SPDX-License-Identifier: Apache-2.0
// The bodies of aws.hpp for answers and refusals, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <regcred/aws.hpp>
#include <regcred/json.hpp>

namespace regcred::aws {

namespace detail {

inline constexpr std::string_view throttled_words =
    "the account asks too often; let the kubelet cache longer, and share one service account among pods";

[[nodiscard]] constexpr Refusal by_message(std::string_view part, std::string_view words) {
  return {0, "", Code::denied, words, "Message", part};
}

// The first that fits counts. Codes have endings like Exception, which are not written here.
inline constexpr Refusal general_refusals[] = {
    by_message("No OpenIDConnect provider",
               "no IAM OIDC provider in the role's account has the token's issuer; create one, its URL that issuer, "
               "its client id the token's audience"),
    by_message("Incorrect token audience",
               "the token's audience is not a client id of the IAM OIDC provider; add it there, or set the kubelet's "
               "serviceAccountTokenAudience to sts.amazonaws.com"),
    by_message("retrieve verification key",
               "AWS cannot read the issuer's keys; publish its discovery document and JWKS on the internet"),
    by_code("InvalidIdentityToken", Code::denied,
            "the token is not accepted; check issuer and keys of the IAM OIDC provider"),
    by_code("ExpiredToken", Code::denied,
            "the token or the keys are over by AWS's clock; check the clocks of this node and of the control plane"),
    by_code("IDPCommunicationError", Code::unavailable,
            "AWS cannot reach the token's issuer; check that it is up and public"),
    by_code("IDPRejectedClaim", Code::denied, "the issuer refuses the token"),
    by_code("RegionDisabled", Code::bad_config,
            "STS is not active in this region; activate it in the account's IAM settings"),
    by_code("ValidationError", Code::bad_config,
            "the role's ARN is not accepted; correct the setting or the annotation that names the role"),
    by_code("Thrott|RequestLimitExceeded|TooManyRequests|SlowDown", Code::throttled, throttled_words),
    {509, "", Code::throttled, throttled_words},
    by_code(signature_codes, Code::denied,
            "the signature is not accepted; check this node's clock (NTP), what changes requests on their way, and "
            "that the service's address is of the region that was signed for"),
    by_code("UnrecognizedClient|InvalidClientTokenId", Code::denied,
            "AWS does not know these keys; check that the role still exists, in this image's partition"),
    by_code("AccessDeniedException", Code::denied,
            "the identity may not make this call; allow it in the policies of its role"),
    by_code("AccessDenied", Code::denied,
            "no such role, or its trust policy does not allow this token sts:AssumeRoleWithWebIdentity; compare its "
            "conditions on sub and aud with these, and its principal with the IAM OIDC provider"),
};

// The text between <tag> and </tag>. The values that are read have no entities.
[[nodiscard]] inline std::string_view in_tag(std::string_view xml, const std::string &tag) {
  const std::size_t start = xml.find("<" + tag + ">");
  if (start == std::string_view::npos) return {};
  xml.remove_prefix(start + tag.size() + 2);
  const std::size_t end = xml.find("</" + tag + ">");
  return end == std::string_view::npos ? std::string_view{} : xml.substr(0, end);
}

}  // namespace detail

inline std::span<const Refusal> refusals() noexcept { return detail::general_refusals; }

template <std::size_t N>
constexpr auto refusals_after(const Refusal (&own)[N]) {
  std::array<Refusal, N + std::size(detail::general_refusals)> all{};
  const auto middle = std::copy(std::begin(own), std::end(own), all.begin());
  std::copy(std::begin(detail::general_refusals), std::end(detail::general_refusals), middle);
  return all;
}

inline std::optional<nlohmann::json> read_answer(const HttpResponse &response) {
  if (std::optional<nlohmann::json> answer = response.json_object()) {
    for (const char *part :
         {"AssumeRoleWithWebIdentityResponse.AssumeRoleWithWebIdentityResult.Credentials", "Error"}) {
      if (const auto *inner = json_at(*answer, part); inner != nullptr && inner->is_object()) {
        return nlohmann::json(*inner);
      }
    }
    const std::string type = json_text(*answer, "__type");
    (*answer)["Code"] = type.empty() ? std::string(response.header("x-amzn-errortype")) : type;
    return answer;
  }
  nlohmann::json found = nlohmann::json::object();
  for (const char *name : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Code", "Message"}) {
    if (const auto text = detail::in_tag(response.body.reveal(), name); !text.empty()) found[name] = text;
  }
  if (found.empty()) return std::nullopt;
  return found;
}

}  // namespace regcred::aws
