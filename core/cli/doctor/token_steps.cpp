// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/token_steps.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regcred/jwt.hpp>

#include "cli/doctor/words.hpp"
#include "cluster/known_issuers.hpp"
#include "common/text.hpp"
#include "common/utc_time.hpp"

namespace regcred::core {
namespace {

constexpr const char *token_area = "token";
constexpr std::int64_t clock_skew_seconds = 60;  // what verifiers commonly let pass

using nlohmann::json;

std::string said(std::string_view text) { return in_quotes(text, 200); }

// The text at `path` of the claim kubernetes.io (kube-apiserver, pkg/serviceaccount/claims.go); empty when absent.
std::string kubernetes_claim(const UnverifiedClaims &claims, const char *path) {
  const auto claim = claims.all.find("kubernetes.io");
  if (claim == claims.all.end() || !claim->is_object()) return {};
  const json::json_pointer place(path);
  return claim->contains(place) && claim->at(place).is_string() ? claim->at(place).get<std::string>() : "";
}

std::string audience_words(const std::vector<std::string> &audiences, const char *between = ", ") {
  std::string text;
  for (const std::string &audience : audiences) text += (text.empty() ? "" : between) + said(audience);
  return text.empty() ? "none" : text;
}

std::optional<json> header_of(std::string_view token) {
  const std::optional<std::string> bytes = base64url_decode(token.substr(0, token.find('.')));
  return bytes ? parse_json_object(*bytes) : std::nullopt;
}

Step token_step(const TokenFacts &facts) {
  const UnverifiedClaims &claims = facts.claims;
  const std::string account = kubernetes_claim(claims, "/serviceaccount/name");
  const std::string name_space = kubernetes_claim(claims, "/namespace");
  const std::string pod = kubernetes_claim(claims, "/pod/name");
  Step step{token_area, "token", StepState::passed, {}, {}, {}};
  step.what = account.empty() ? "subject " + said(claims.subject)
                              : "service account " + said(account) + " of namespace " + said(name_space) +
                                    (pod.empty() ? "" : ", pod " + said(pod));
  step.details = {"issuer " + said(claims.issuer), "subject " + said(claims.subject),
                  "audience " + audience_words(claims.audiences),
                  "key id " + said(facts.key_id) + ", algorithm " + said(facts.algorithm)};
  if (account.empty()) {
    step.cure = "it has no kubernetes.io claims: the kubelet sends tokens that the cluster's TokenRequest API made";
  } else if (pod.empty()) {
    step.details.push_back("not bound to a pod, as tokens made by hand; the kubelet's are");
  }
  return step;
}

// Why whoever verifies the token may refuse it, in spite of what the entry says; empty when nothing speaks for that.
std::string unexpected_words(const UnverifiedClaims &claims, const WantedAudience &wanted) {
  const std::vector<std::string> &expected = wanted.opinion.audiences;
  const auto has = [&](const std::string &audience) { return claims.has_audience(audience); };
  if (expected.empty() || std::any_of(expected.begin(), expected.end(), has)) return {};
  const std::string &change = wanted.opinion.accepted_by;
  return "the service that verifies the token may refuse it: make tokens for " + said(expected.front()) +
         ", in `audience` and in the kubelet's serviceAccountTokenAudience, or " +
         (change.empty() ? "see that this audience is accepted there" : "see that this audience is in " + change);
}

// The audience as token, entry and backend have it.
Step audience_step(const UnverifiedClaims &claims, const WantedAudience &wanted) {
  const RegistryEntry *const entry = wanted.entry;
  if (entry == nullptr) return {token_area, "token-audience", StepState::skipped, "no entry answers", {}, {}};
  const std::string unexpected = unexpected_words(claims, wanted);
  Step step{token_area, "token-audience", StepState::passed, {}, {}, {}};
  step.details = {"the token's aud: " + audience_words(claims.audiences),
                  "entry " + entry->name + ": " + (entry->audience.empty() ? "none" : said(entry->audience)),
                  "backend " + entry->backend + " expects: " +
                      (wanted.opinion.audiences.empty() ? "what you chose there"
                                                        : audience_words(wanted.opinion.audiences, " or "))};
  if (entry->audience.empty()) {
    step.state = StepState::skipped;
    step.what = "entry " + entry->name + " names no audience; the token is for " + audience_words(claims.audiences);
    step.cure = !unexpected.empty()
                    ? unexpected
                    : "with `audience` in the entry a token for somebody else is never sent to this registry";
  } else if (claims.has_audience(entry->audience)) {
    const bool of_cluster = (!claims.issuer.empty() && claims.has_audience(claims.issuer)) ||
                            std::any_of(claims.audiences.begin(), claims.audiences.end(), is_api_server_audience);
    step.what = said(entry->audience) + ", as entry " + entry->name + " wants";
    step.cure = of_cluster ? "the cluster's API server takes tokens of this audience, too, so whoever gets one could "
                             "act as the service account there: choose an audience that only the registry takes"
                           : unexpected;
  } else {
    step.state = StepState::failed;
    step.code = ErrorCode::config;
    step.what = "the token is for " + audience_words(claims.audiences) + ", and entry " + entry->name + " wants " +
                said(entry->audience);
    step.cure = "set tokenAttributes.serviceAccountTokenAudience to " + said(entry->audience) +
                " in the kubelet's CredentialProviderConfig, or correct `audience` at " + entry->origin;
  }
  return step;
}

Step expiry_step(const UnverifiedClaims &claims, std::int64_t unix_now) {
  const auto failed = [](std::string what, std::string cure) {
    return Step{token_area, "token-expiry", StepState::failed, std::move(what), std::move(cure), {}, ErrorCode::config};
  };
  if (!claims.expires_at) {
    return failed("the token never expires, as those from Secrets of type kubernetes.io/service-account-token",
                  "use a token of the TokenRequest API: kubectl create token, or the kubelet's own");
  }
  const std::int64_t left = *claims.expires_at - unix_now;
  if (left <= 0) {
    return failed("expired since " + utc_text(*claims.expires_at) + ", " + span_words(left) + " ago",
                  "make a fresh one (kubectl create token), and see the clock of this node");
  }
  if (claims.not_before && *claims.not_before > unix_now + clock_skew_seconds) {
    return failed("the token is not valid yet, but from " + utc_text(*claims.not_before) + " on, in " +
                      span_words(*claims.not_before - unix_now) + " by this node's clock",
                  "see the clocks of this node and of the control plane");
  }
  if (claims.issued_at && *claims.issued_at > unix_now + clock_skew_seconds) {
    return failed("issued at " + utc_text(*claims.issued_at) + ", which is " +
                      span_words(*claims.issued_at - unix_now) + " ahead of this node's clock",
                  "see the clocks of this node and of the control plane");
  }
  return {token_area,
          "token-expiry",
          StepState::passed,
          span_words(left) + " left, until " + utc_text(*claims.expires_at),
          {},
          {}};
}

}  // namespace

std::optional<TokenFacts> examine_token(std::string_view token, const WantedAudience &wanted, std::int64_t unix_now,
                                        DoctorReport &report) {
  std::optional<UnverifiedClaims> claims = read_unverified_claims(token);
  const std::optional<json> header = header_of(token);
  if (!claims || !header) {
    report.add({token_area,
                "token",
                StepState::failed,
                "is not a JSON Web Token",
                "give what `kubectl create token` prints, three parts with a dot between",
                {},
                ErrorCode::usage});
    report.skip(token_area, {"token-audience", "token-expiry"}, "the token cannot be read");
    return std::nullopt;
  }
  TokenFacts facts{token, json_text(*header, "alg"), json_text(*header, "kid"), std::move(*claims)};
  report.add(token_step(facts));
  report.add(audience_step(facts.claims, wanted));
  report.add(expiry_step(facts.claims, unix_now));
  return facts;
}

}  // namespace regcred::core
