// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/issuer_steps.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/http.hpp>
#include <regcred/jwt.hpp>

#include "common/ascii.hpp"
#include "common/contains.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "services/http/request_rules.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;

constexpr const char *issuer_area = "issuer";
constexpr const char *publish =
    "publish the cluster's discovery document and keys at a public https address (regcred generate oidc-discovery "
    "--help) and "
    "name it as kube-apiserver's --service-account-issuer; a registry that was given the keys by hand needs none of it";

constexpr const char *let_read =
    "let everybody read it: on the API server by binding ClusterRole system:service-account-issuer-discovery to group "
    "system:unauthenticated; or ";
constexpr const char *beside =
    "publish the keys beside the discovery document, and let jwks_uri name that place (kube-apiserver "
    "--service-account-jwks-uri)";

std::string said(std::string_view text) { return in_quotes(text, 300); }

Step failed_step(const char *name, std::string what, std::string cure, std::vector<std::string> details = {}) {
  return {issuer_area,      name, StepState::failed, std::move(what), std::move(cure), std::move(details),
          ErrorCode::config};
}

std::string without_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

std::string host_of(std::string_view authority) { return std::string(split_host_port(authority).host); }

// Who, beyond this network, can get at the issuer?
Step reach_step(const std::string &authority, DoctorNetwork &network) {
  Step step{issuer_area, "issuer-reach", StepState::passed, {}, {}, {}};
  const std::string host = host_of(authority);
  const Result<ProbeReport> probe = network.probe(authority, false);
  std::vector<std::string> addresses = probe && !probe->through_proxy ? probe->addresses : std::vector<std::string>{};
  const bool inside = is_private_name(host) ||
                      (!addresses.empty() && std::all_of(addresses.begin(), addresses.end(), &is_private_address));
  for (const std::string &address : addresses) step.details.push_back(host + " is " + address);
  if (inside) {
    step.what = host + " is known to this network alone";
    step.cure = std::string("a registry elsewhere cannot fetch the keys: ") + publish;
    return step;
  }
  step.what = host + " has a public " + (addresses.empty() ? "name" : "address");
  if (probe && probe->ended_in == ProbePhase::tls && !probe->verify_result.empty()) {
    step.cure = "only defaults.caFile makes its certificate trusted (" + probe->verify_result +
                "): a registry elsewhere needs one of a public CA";
  }
  return step;
}

// The JSON document that was fetched from `url`, or the failed step `name`.
tl::expected<json, Step> read_document(const Fetched &fetched, const std::string &url, const char *name) {
  const auto failed = [&](const std::string &what, std::string cure) {
    return tl::make_unexpected(failed_step(name, url + ": " + what, std::move(cure)));
  };
  if (fetched.status == 0) {
    const WhatAndCure why = split_cure(fetched.failure);
    if (is_cluster_issuer(url) || is_private_name(host_of(url_host(url)))) {
      const char *const known = is_cluster_issuer(url) ? "inside the cluster only: " : "to its own network only: ";
      return failed(why.what, std::string("this issuer is known ") + known + publish);
    }
    return failed(why.what, why.cure.empty() ? publish : why.cure);
  }
  const std::string status = "HTTP " + std::to_string(fetched.status);
  if (fetched.status == 401 || fetched.status == 403) return failed(status, std::string(let_read) + publish);
  if (fetched.status >= 300 && fetched.status < 400) {
    return failed(status + ", a redirect, which verifiers need not follow", publish);
  }
  if (fetched.status != 200) return failed(status, publish);
  std::optional<json> document = parse_json_object(fetched.body);
  if (!document) return failed("is not a JSON object", publish);
  return std::move(*document);
}

Step identity_step(const json &document, const std::string &issuer) {
  const std::string named = json_text(document, "issuer");
  if (named == issuer)
    return {issuer_area, "issuer-identity", StepState::passed, "the document is this issuer's", {}, {}};
  return failed_step("issuer-identity", "the document is of issuer " + said(named) + ", the token of " + said(issuer),
                     "both must be the same text, to the last slash: set kube-apiserver's --service-account-issuer, "
                     "or publish the right document");
}

Fetched fetch(const std::string &url, DoctorNetwork &network, AddressKinds allowed = every_address_kind) {
  return network.get(url, {{"Accept", "application/json"}}, allowed);
}

// Fetches the keys; null when there are none. A registry must reach the host of jwks_uri as well as the issuer's.
// `discovery` is the answer that `document` came with.
json fetch_keys(const json &document, const std::string &issuer, const Fetched &discovery, DoctorNetwork &network,
                DoctorReport &report, const FollowedHosts &followed) {
  const std::string url = json_text(document, "jwks_uri");
  if (url.empty()) {
    report.add(failed_step("issuer-keys", "the discovery document has no jwks_uri", publish));
    return nullptr;
  }
  const std::string authority(url_host(url));
  const bool elsewhere = authority != url_host(issuer);
  const bool hidden = is_private_name(host_of(authority)) && !is_private_name(host_of(url_host(issuer)));
  const Fetched fetched = fetch(url, network, places_for(authority, url_host(issuer), discovery, followed));
  if (!fetched.refused.empty()) {
    report.add(failed_step("issuer-keys",
                           url + ": " + authority + " is at " + fetched.refused + ": nothing was asked there",
                           beside + followed.cure(authority, fetched)));
    return nullptr;
  }
  tl::expected<json, Step> set = read_document(fetched, url, "issuer-keys");
  if (!set) {
    Step step = std::move(set.error());
    if (elsewhere) step.cure = beside + ("; now it names another host, " + authority);
    report.add(std::move(step));
    return nullptr;
  }
  json keys = set->value("keys", json::array());
  if (!keys.is_array() || keys.empty()) {
    report.add(failed_step("issuer-keys", url + ": contains no keys", publish));
    return nullptr;
  }
  const std::string found = std::to_string(keys.size()) + (keys.size() == 1 ? " key at " : " keys at ") + url;
  if (hidden) {
    report.add(failed_step("issuer-keys", found + ", a host that this network alone knows", beside));
  } else {
    report.add({issuer_area,
                "issuer-keys",
                StepState::passed,
                found,
                elsewhere
                    ? "jwks_uri names another host than the issuer's: a registry must reach " + authority + " as well"
                    : "",
                {}});
  }
  return keys;
}

std::string known_key_ids(const json &keys) {
  constexpr std::size_t shown_max = 5;
  std::string text;
  for (std::size_t i = 0; i < keys.size() && i < shown_max; ++i) {
    if (keys[i].is_object()) text += (text.empty() ? "" : ", ") + said(json_text(keys[i], "kid"));
  }
  return text + (keys.size() > shown_max ? ", ..." : "");
}

bool lists_algorithm(const json &document, const std::string &algorithm) {
  const auto listed = document.find("id_token_signing_alg_values_supported");
  if (listed == document.end() || !listed->is_array()) return true;  // it says nothing
  return contains(*listed, json(algorithm));
}

// The key that the token's header names; null when the issuer has none.
json find_key(const json &document, const json &keys, const TokenFacts &facts, DoctorReport &report) {
  for (const json &key : keys) {
    if (!key.is_object() || json_text(key, "kid") != facts.key_id) continue;
    const std::string of_key = json_text(key, "alg");
    if (!of_key.empty() && of_key != facts.algorithm) {
      report.add(failed_step("issuer-key",
                             "the key is for " + said(of_key) + ", the token is signed with " + said(facts.algorithm),
                             "publish the keys that kube-apiserver gives (kubectl get --raw /openid/v1/jwks)"));
      return nullptr;
    }
    if (!lists_algorithm(document, facts.algorithm)) {
      report.add(failed_step("issuer-key",
                             "the discovery document does not list the token's algorithm " + said(facts.algorithm),
                             "publish the document that kube-apiserver gives"));
      return nullptr;
    }
    report.add({issuer_area,
                "issuer-key",
                StepState::passed,
                "the issuer has the token's key, for " + facts.algorithm,
                {},
                {}});
    return key;
  }
  report.add(failed_step("issuer-key", "the issuer has no key " + said(facts.key_id),
                         "publish the keys again (kubectl get --raw /openid/v1/jwks): they changed, or the token is of "
                         "another cluster",
                         {"it has " + known_key_ids(keys)}));
  return nullptr;
}

std::string member(const json &key, const char *name) { return base64url_decode(json_text(key, name)).value_or(""); }

Step signature_step(const TokenFacts &facts, const json &key, DoctorNetwork &network) {
  const std::size_t dot = facts.token.rfind('.');
  const std::string signature = base64url_decode(facts.token.substr(dot + 1)).value_or("");
  const std::string type = json_text(key, "kty");
  const std::string curve = json_text(key, "crv");
  const std::string n = member(key, "n"), e = member(key, "e"), x = member(key, "x"), y = member(key, "y");
  const SignedToken token{facts.token.substr(0, dot), signature, facts.algorithm};
  switch (network.check(token, {type, n, e, curve, x, y})) {
    case SignatureCheck::fits:
      return {issuer_area, "token-signature", StepState::passed, "the signature fits the key", {}, {}};
    case SignatureCheck::does_not_fit:
      return failed_step("token-signature", "the signature does not fit the issuer's key of that id",
                         "the token was changed, or the keys that are published are another cluster's");
    case SignatureCheck::unusable_key:
      return failed_step("token-signature", "the issuer's key cannot be used with " + said(facts.algorithm),
                         "publish the keys that kube-apiserver gives (kubectl get --raw /openid/v1/jwks)");
    case SignatureCheck::unknown_algorithm:
    case SignatureCheck::not_checked:
      break;
  }
  return {issuer_area,
          "token-signature",
          StepState::skipped,
          "not verified: " + said(facts.algorithm) + " is none of RS256, RS384, RS512, ES256, ES384, ES512",
          {},
          {}};
}

// "none" has no signature, HS256 and the like one by a secret that both sides know (RFC 7518, 3.1).
bool is_unverifiable(std::string_view algorithm) {
  return to_lower(algorithm) == "none" || algorithm.starts_with("HS");
}

}  // namespace

void examine_issuer(const TokenFacts &facts, DoctorNetwork &network, DoctorReport &report,
                    const FollowedHosts &followed) {
  const std::string &issuer = facts.claims.issuer;
  const std::string url = without_slash(issuer) + "/.well-known/openid-configuration";
  // guard: issuer-https
  if (!issuer.starts_with("https://") || !broken_rule({.method = "GET", .url = url}).empty()) {
    report.add(failed_step("issuer-reach", "the issuer " + said(issuer) + " is not an https address",
                           std::string("registries fetch keys over https only: ") + publish));
    return report.skip(issuer_area, {issuer_steps.begin() + 1, issuer_steps.end()},
                       "nothing can be fetched from there");
  }
  report.add(reach_step(std::string(url_host(issuer)), network));

  const Fetched discovery = fetch(url, network);
  const tl::expected<json, Step> document = read_document(discovery, url, "issuer-discovery");
  if (!document) {
    report.add(document.error());
    return report.skip(issuer_area, {issuer_steps.begin() + 2, issuer_steps.end()}, "there is no discovery document");
  }
  report.add({issuer_area, "issuer-discovery", StepState::passed, url, {}, {}});
  report.add(identity_step(*document, issuer));

  const json keys = fetch_keys(*document, issuer, discovery, network, report, followed);
  if (keys.is_null()) return report.skip(issuer_area, {"issuer-key", "token-signature"}, "there are no keys");
  if (is_unverifiable(facts.algorithm)) {
    report.skip(issuer_area, {"issuer-key"},
                "a token with the algorithm " + said(facts.algorithm) + " needs no key of the issuer");
    return report.add(
        failed_step("token-signature",
                    "the token's algorithm is " + said(facts.algorithm) + ", which nobody can verify by a public key",
                    "an API server signs with RS256 or ES256: see where this token is from"));
  }
  const json key = find_key(*document, keys, facts, report);
  if (key.is_null()) return report.skip(issuer_area, {"token-signature"}, "there is no key for it");
  report.add(signature_step(facts, key, network));
}

}  // namespace regcred::core
