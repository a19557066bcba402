// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include <regcred/json.hpp>
#include <string>

namespace ecr {

using nlohmann::json;
using regcred::Code;

namespace {

constexpr std::string_view throttled_words =
    "the account asks too often; let the kubelet cache longer, and share one service account among pods";
constexpr std::string_view signature_words =
    "the signature is not accepted; check this node's clock (NTP), what changes requests on their "
    "way, and that settings.ecrEndpoint is of the image's region";
constexpr regcred::Refusal by_code(std::string_view codes, Code code, std::string_view words) {
  return {0, "", code, words, "Code", codes};
}

constexpr regcred::Refusal by_message(std::string_view part, std::string_view words) {
  return {0, "", Code::denied, words, "Message", part};
}

// The first that fits counts. Codes have endings like Exception, which are not written here.
constexpr regcred::Refusal rows[] = {
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
            "the role's ARN is not accepted; correct settings.roleArn or the annotation"),
    by_code("Thrott|RequestLimitExceeded|TooManyRequests|SlowDown", Code::throttled, throttled_words),
    {509, "", Code::throttled, throttled_words},
    by_code("InvalidSignature|SignatureDoesNotMatch|RequestExpired|RequestTimeTooSkewed|RequestInTheFuture",
            Code::denied, signature_words),
    by_code("UnrecognizedClient|InvalidClientTokenId", Code::denied,
            "AWS does not know these keys; check that the role still exists, in this image's partition"),
    by_code("AccessDeniedException", Code::denied,
            "the identity may not log in; allow it ecr:GetAuthorizationToken on *, for public.ecr.aws "
            "ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken"),
    by_code("AccessDenied", Code::denied,
            "no such role, or its trust policy does not allow this token sts:AssumeRoleWithWebIdentity; compare its "
            "conditions on sub and aud with these, and its principal with the IAM OIDC provider"),
};

// What stands between <tag> and </tag>. The values that are read have no entities.
std::string_view in_tag(std::string_view xml, const std::string &tag) {
  const std::size_t start = xml.find("<" + tag + ">");
  if (start == std::string_view::npos) return {};
  xml.remove_prefix(start + tag.size() + 2);
  const std::size_t end = xml.find("</" + tag + ">");
  return end == std::string_view::npos ? std::string_view{} : xml.substr(0, end);
}

}  // namespace

std::span<const regcred::Refusal> refusals() { return rows; }

bool is_about_the_signature(const regcred::Refusal *refusal) {
  return refusal != nullptr && refusal->words == signature_words;
}

std::optional<json> read_answer(const regcred::HttpResponse &response) {
  if (std::optional<json> answer = response.json_object()) {
    for (const char *part :
         {"AssumeRoleWithWebIdentityResponse.AssumeRoleWithWebIdentityResult.Credentials", "Error"}) {
      if (const json *inner = regcred::json_at(*answer, part); inner != nullptr && inner->is_object()) return *inner;
    }
    const std::string type = regcred::json_text(*answer, "__type");
    (*answer)["Code"] = type.empty() ? std::string(response.header("x-amzn-errortype")) : type;
    return answer;
  }
  json found = json::object();
  for (const char *name : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Code", "Message"}) {
    if (const auto text = in_tag(response.body.reveal(), name); !text.empty()) found[name] = text;
  }
  if (found.empty()) return std::nullopt;
  return found;
}

}  // namespace ecr
