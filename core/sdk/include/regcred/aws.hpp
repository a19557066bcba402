// SPDX-License-Identifier: Apache-2.0
// AWS, for registries and token services that stand behind IAM: ECR, CodeArtifact, an API Gateway with IAM
// authorisation, a private STS. The pod's token becomes temporary keys of a role, the keys sign the call:
//
//   const std::optional<aws::Region> region = aws::region_named(region_);   // once, in create()
//   ...
//   const Result<aws::Keys> keys =
//       aws::keys_of_role(host_, *token, {.sts_url = "https://" + aws::service_host(*region, "sts"), .arn = role_});
//   if (!keys) return tl::make_unexpected(keys.error());
//   HttpRequest request;
//   request.url = "https://" + api_host_ + "/prod/token";
//   const Result<aws::SignedAnswer> answer = aws::send_signed(
//       host_, *token, {.name = "Acme"}, request, *keys, {.region = region->name, .service = "execute-api"});
//   if (!answer) return tl::make_unexpected(answer.error());
//   return answer->exchange.credentials(answer->object, {.fixed_username = "token", .now = answer->server_time});
//
// Nothing of AWS is linked: the host computes digests and MACs (crypto.hpp) and sends the calls (http.hpp). Every
// failure is one of Exchange's (exchange.hpp), fit to be handed on. No function keeps state between two calls. What is
// said here of AWS is by its documentation; each part names the page.
#pragma once

#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/crypto.hpp>
#include <regcred/exchange.hpp>
#include <regcred/host.hpp>
#include <regcred/http.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <regcred/settings.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regcred::aws {

// ---- Regions (AWS General Reference, "AWS service endpoints"; IAM User Guide, "Partitions") -----------------------

// One region, and which of its endpoints are meant. AWS is several partitions, each with domains, regions and accounts
// of its own: the public one, GovCloud, China, the European Sovereign Cloud, four isolated ones. Made by the two
// functions below.
struct Region {
  std::string_view partition;  // as in an ARN: "aws-cn". Lives as long as the process
  std::string name;            // "eu-central-1"
  bool fips = false;           // the endpoints with validated cryptography
  bool dual_stack = false;     // those for IPv4 and IPv6, which have other domains
};

// The region of that name, AREA-PLACE-NUMBER, by its area. Whether it exists, its hosts tell: new ones need no new
// version. nullopt: of no partition that is known here.
[[nodiscard]] inline std::optional<Region> region_named(std::string_view name);

// The region of a customer's host, from the end of its name in lower case: "eu-central-1.amazonaws.com", or with the
// dual-stack domain of customers' hosts "eu-central-1.on.aws", which sets dual_stack. nullopt for every other domain,
// and for a region of another partition than the domain's: nothing may be sent for such a host.
[[nodiscard]] inline std::optional<Region> region_of_host(std::string_view end);

// The host of a regional service, by the name that endpoints have ("sts", "ecr-public"): SERVICE.REGION.DOMAIN, with
// -fips behind SERVICE where such endpoints are meant. GovCloud's STS is FIPS under its plain name. Empty for a
// partition that is not known.
[[nodiscard]] inline std::string service_host(const Region &region, std::string_view service);

// ---- Roles (IAM User Guide, "IAM identifiers") --------------------------------------------------------------------

// The partition in the ARN of a role, arn:PARTITION:iam::ACCOUNT:role/PATH/NAME; a view into `arn`. nullopt when it is
// not one, by form and characters: what passes may go into a form or a message. A backend compares it with
// Region::partition before the token leaves, since a role of another partition cannot be assumed.
[[nodiscard]] inline std::optional<std::string_view> partition_of_role(std::string_view arn);

// A setting with the ARN of a role, whose name may hold {namespace} and {serviceAccount} (with_placeholders() of
// placeholders.hpp). nullopt when the key is absent. BAD_CONFIG: not an ARN, or the same one for two pods.
[[nodiscard]] inline Result<std::optional<std::string>> read_role(Settings &settings, std::string_view key);

// A setting with at most 1024 ARNs of roles that may have * in partition, account, path and name: which roles an
// annotation may choose. Empty when the key is absent.
[[nodiscard]] inline Result<std::vector<std::string>> read_role_patterns(Settings &settings, std::string_view key);

// Whether `arn` is what one of `patterns` says: a * stands for any text without ':'. For choose() of registry.hpp.
[[nodiscard]] inline bool role_fits(const std::vector<std::string> &patterns, std::string_view arn);

// ---- Signatures (IAM User Guide, "AWS Signature Version 4 for API requests") --------------------------------------

struct Keys {
  std::string id;
  Secret secret;
  Secret token;  // of temporary keys; empty: none
};

// For what a signature is valid, next to the day: AWS's "credential scope".
struct CredentialScope {
  std::string_view region;
  std::string_view service;  // the signing name, which may differ from that of endpoints: "execute-api"
};

// Adds X-Amz-Date, X-Amz-Security-Token and Authorization to a request, and signs its method, path, query, body, host
// and all of its headers. `now` must be within minutes of the server's clock. The path has no empty and no dot
// segments; names and values of the query have passed percent_encode(); each header comes once, its value without
// blanks at the ends or several in a row. Not for S3, whose rules differ. Fails as Crypto does, and leaves the request
// half made then.
[[nodiscard]] inline Result<void> sign(const Crypto &crypto, HttpRequest &request, const Keys &keys,
                                       const CredentialScope &scope, std::chrono::seconds now);

// ---- Temporary keys -----------------------------------------------------------------------------------------------

// One call of AssumeRoleWithWebIdentity (AWS STS API Reference).
struct AssumedRole {
  std::string sts_url;                     // https://host[:port], by service_host() or of an interface endpoint
  std::string arn;                         // has passed partition_of_role()
  std::string_view host_setting = {};      // Exchange::Party's: "settings.stsEndpoint"
  std::span<const Refusal> refusals = {};  // Exchange::Party's; empty: refusals() below
};

// The role's keys, for the least time that STS allows, 15 minutes: they serve one request. CloudTrail shows the session
// as regcred-NAMESPACE-NAME of the token's service account. STS is asked once more when the token's issuer did not
// answer it. Needs an IAM OIDC provider with the token's issuer and audience, and a role whose trust policy names it.
[[nodiscard]] inline Result<Keys> keys_of_role(const Host &host, const PodToken &token, const AssumedRole &role);

// Keys by the EKS Pod Identity agent of this node (Amazon EKS User Guide, "EKS Pod Identity"): the association of the
// pod's service account names the role. The token's audience must be pods.eks.amazonaws.com.
[[nodiscard]] inline Result<Keys> keys_of_association(const Host &host, const PodToken &token);

// Keys of the instance's own role, by IMDSv2 (Amazon EC2 User Guide, "Use the Instance Metadata Service"). Every pod of
// the node then has the node's rights: the operator must have chosen that (Identity of setting_rules.hpp).
[[nodiscard]] inline Result<Keys> keys_of_node(const Host &host);

// ---- Signed calls -------------------------------------------------------------------------------------------------

// POST of one operation of a service with the protocol AWS JSON 1.1 (Smithy, "AWS JSON 1.1 protocol"): ECR, Secrets
// Manager. `target` is its X-Amz-Target, PREFIX.OPERATION; the URL has the path "/".
[[nodiscard]] inline HttpRequest json_request(std::string url, std::string target, std::string_view body = "{}");

struct SignedAnswer {
  Exchange exchange;                                // that was made: for its credentials(), secret_in() and failed()
  nlohmann::json object;                            // of read_answer()
  std::optional<std::chrono::seconds> server_time;  // AWS's, where this node's clock is wrong: for AnswerFields::now
};

// Sends a copy of `request`, signed, as one exchange with `party`; the pod's `token` is not sent, failures name its
// claims. A party without refusals gets refusals(), one without read_body gets read_answer().
//
// When AWS does not accept the signature and its clock is a minute or more from this node's, the call is made once more
// by the clock of AWS: a node whose clock is wrong can then still pull the image that corrects it. That is logged as a
// warning, and a failure names the difference.
[[nodiscard]] inline Result<SignedAnswer> send_signed(const Host &host, const std::optional<PodToken> &token,
                                                      Exchange::Party party, const HttpRequest &request,
                                                      const Keys &keys, const CredentialScope &scope);

// ---- Answers and refusals (AWS STS API Reference and IAM User Guide, "Common Errors") -----------------------------

// For Exchange::Party::read_body: the JSON or XML of STS, the JSON of other services, as one object. It has
// AccessKeyId, SecretAccessKey and SessionToken of an STS answer, Code and Message of an error, and everything else as
// it stands. nullopt: neither of them.
[[nodiscard]] inline std::optional<nlohmann::json> read_answer(const HttpResponse &response);

// For Exchange::Party::refusals: what STS refuses, and what every service does with a signature, by Code and Message of
// read_answer(). Lives as long as the process.
[[nodiscard]] inline std::span<const Refusal> refusals() noexcept;

// One that knows an answer by its Code: `codes` are parts of it with | between them.
[[nodiscard]] constexpr Refusal by_code(std::string_view codes, Code code, std::string_view words) {
  return {.status = 0, .error = "", .code = code, .words = words, .member = "Code", .contains = codes};
}

// `own` before those of refusals(), where a service has codes of its own, or words that name its settings. The first
// that fits an answer counts, so an own one takes the place of a general one. Keep it as long as the process:
//
//   constexpr auto acme_refusals =
//       aws::refusals_after({aws::by_code("ResourceNotFound", Code::denied, "no such repository; create it")});
template <std::size_t N>
[[nodiscard]] constexpr auto refusals_after(const Refusal (&own)[N]);

// The codes that mean: this signature is not accepted, because of wrong keys or a wrong clock. send_signed() knows such
// a refusal by this text, also where an own one says it in other words.
inline constexpr std::string_view signature_codes =
    "InvalidSignature|SignatureDoesNotMatch|RequestExpired|RequestTimeTooSkewed|RequestInTheFuture";

}  // namespace regcred::aws

#include <regcred/detail/aws_answers_impl.hpp>
#include <regcred/detail/aws_calls_impl.hpp>
#include <regcred/detail/aws_keys_impl.hpp>
#include <regcred/detail/aws_regions_impl.hpp>
#include <regcred/detail/aws_signature_impl.hpp>
