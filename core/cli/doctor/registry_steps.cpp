// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/registry_steps.hpp"

#include <algorithm>
#include <optional>
#include <regcred/base64.hpp>
#include <regcred/http.hpp>
#include <regcred/secret.hpp>

#include "cli/doctor/challenge.hpp"
#include "cli/doctor/granted.hpp"
#include "cli/doctor/pull_rights.hpp"
#include "common/domain.hpp"
#include "common/join.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;

constexpr const char *registry_area = "registry";
constexpr const char *manifest_types =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

Step step_of(const char *name, StepState state, std::string what, std::string cure = {},
             std::vector<std::string> details = {}) {
  return {registry_area, name, state, std::move(what), std::move(cure), std::move(details)};
}

// A request that had no response.
Step no_response(const char *name, const std::string &whom, const Fetched &fetched) {
  WhatAndCure words = split_cure(fetched.failure);
  Step step = step_of(name, StepState::failed, whom + ": " + words.what, std::move(words.cure));
  if (fetched.timed_out) step.code = ErrorCode::deadline;
  return step;
}

std::string http(const Fetched &fetched) { return "HTTP " + std::to_string(fetched.status); }

// The first code of the body's errors (distribution specification), like DENIED; empty when there is none.
std::string error_code(const Fetched &fetched) {
  const std::optional<json> body = parse_json_object(fetched.body);
  const json::json_pointer place("/errors/0/code");
  if (!body || !body->contains(place) || !body->at(place).is_string()) return {};
  const std::string code = body->at(place);
  const bool plain = code.size() <= 40 && code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
  return plain ? " " + code : "";
}

// Whether an answer to /v2/ with status 200 can be a registry's: it says so, or its body is empty or a JSON object.
bool is_registry(const Fetched &ping) {
  if (!ping.header("docker-distribution-api-version").empty()) return true;
  return ping.body.find_first_not_of(" \t\r\n") == std::string::npos || regcred::parse_json_object(ping.body);
}

bool is_manifest(const Fetched &fetched) {
  const std::optional<json> body = regcred::parse_json_object(fetched.body);
  return body && body->contains("schemaVersion");
}

Step not_a_registry(const char *name, const std::string &host, const std::string &path, const char *expected) {
  return step_of(
      name, StepState::failed,
      host + " answered " + path + " with HTTP 200 and no " + expected + ": it is not a registry",
      "see that the image's host is the registry's own and not a web page's, and what a proxy between makes of "
      "its answers");
}

// What to do about a credential that the registry refuses.
std::string refused_cure(const std::string &host, const AuthEntry &auth, const CredentialOrigin &origin) {
  switch (origin.kind) {
    case CredentialOrigin::Kind::files:
      return "the registry does not know the username " + in_quotes(auth.username, 200) + " with the password in " +
             joined(origin.files) + ": correct the file, or the username";
    case CredentialOrigin::Kind::pod_token:
      return "the registry does not accept the pod's token as the password of " + in_quotes(auth.username, 200) +
             ": it must trust the token's issuer, audience and subject";
    case CredentialOrigin::Kind::exchange:
      break;
  }
  return std::string(
             "the exchange gave a credential that this registry does not know: see that the entry's settings ") +
         "and the image's host belong together" +
         (pull_right(host).empty() ? "" : ", and " + std::string(pull_right(host)));
}

// What a registry wants: Bearer before Basic, as runtimes choose.
const Challenge *choose(const std::vector<Challenge> &challenges) {
  for (const char *scheme : {"bearer", "basic"}) {
    for (const Challenge &challenge : challenges) {
      if (challenge.scheme == scheme) return &challenge;
    }
  }
  return nullptr;
}

std::vector<Challenge> challenges_of(const Fetched &fetched) {
  std::vector<Challenge> all;
  for (const auto &[name, value] : fetched.headers) {
    if (name != "www-authenticate") continue;
    const std::vector<Challenge> some = parse_challenges(value);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// The login, one object per run: what is known grows from step to step.
class Login {
 public:
  Login(const RegistryTarget &target, const AuthEntry &auth, DoctorNetwork &network, DoctorReport &report,
        const CredentialOrigin &origin, const FollowedHosts &followed)
      : target_(target),
        refused_cure_(refused_cure(target.host, auth, origin)),
        network_(network),
        report_(report),
        followed_(followed) {
    std::string pair = auth.username + ':' + std::string(auth.password.reveal());
    std::string encoded = base64_encode(pair);
    basic_ = Secret("Basic " + encoded);
    report.hide(auth.password.reveal());
    report.hide(encoded);  // servers may quote what they were sent
    wipe(encoded);
    wipe(pair);
  }

  void run(const std::function<void(const std::string &)> &announce) {
    const Fetched ping = network_.get(url_, {});
    if (ping.status == 0) return stop(no_response("registry-challenge", target_.host, ping), 1);
    if (ping.status == 200 && !is_registry(ping)) {
      return stop(not_a_registry("registry-challenge", target_.host, "/v2/", "registry's answer"), 1);
    }
    if (ping.status == 200) return open_registry();
    const std::vector<Challenge> challenges = challenges_of(ping);
    const Challenge *const challenge = ping.status == 401 ? choose(challenges) : nullptr;
    if (challenge == nullptr) return stop(no_challenge(ping), 1);
    if (challenge->scheme == "basic" ? basic_challenge() : bearer_challenge(*challenge, ping, announce)) pull();
  }

 private:
  // Adds the failed step and skips what comes after the first `done` steps.
  void stop(Step step, std::ptrdiff_t done) {
    const std::string why = step.name + " failed";
    report_.add(std::move(step));
    report_.skip(registry_area, {registry_steps.begin() + done, registry_steps.end()}, why);
  }

  Step no_challenge(const Fetched &ping) const {
    return step_of("registry-challenge", StepState::failed,
                   target_.host + " answered /v2/ with " + http(ping) +
                       (ping.status == 401 ? " and no challenge that is known" : ""),
                   "see that the image's host is a registry, and what a proxy between makes of its answers");
  }

  void open_registry() {
    report_.add(step_of("registry-challenge", StepState::passed, target_.host + " asks nobody who they are"));
    report_.skip(registry_area, {"registry-login"}, "the registry wants no login");
    pull();
  }

  bool basic_challenge() {
    report_.add(step_of("registry-challenge", StepState::passed, target_.host + " takes passwords itself (Basic)"));
    authorization_ = basic_.clone();
    return accepted(network_.get(url_, {{"Authorization", std::string(authorization_.reveal())}}), target_.host);
  }

  bool bearer_challenge(const Challenge &challenge, const Fetched &ping,
                        const std::function<void(const std::string &)> &announce) {
    const std::optional<std::string> realm = token_url(challenge, target_.repository);
    const auto named = challenge.parameters.find("realm");
    const std::string shown = in_quotes(named == challenge.parameters.end() ? "" : named->second, 200);
    if (!realm) {
      stop(step_of("registry-challenge", StepState::failed,
                   target_.host + " sends logins to " + shown + ", which is not an https address",
                   "nothing was sent there; correct the registry's token realm"),
           1);
      return false;
    }
    const std::string host(url_host(*realm));
    if (!followed_.has(host) && !share_domain(bare_host(target_.host), bare_host(host))) {
      stop(
          step_of("registry-challenge", StepState::failed,
                  target_.host + " sends logins to " + shown +
                      ", which is not of its own domain: the credential was not sent there",
                  followed_.allowing ? "if " + host + " may have the credential: " + followed_.allowing(bare_host(host))
                                     : ""),
          1);
      return false;
    }
    Step step = step_of("registry-challenge", StepState::passed, target_.host + " sends logins to " + shown);
    if (host != target_.host) {
      step.details.push_back("the password goes to another host, " + host + ", because the registry says so");
      announce("registry " + target_.host + " lets " + host + " check the password; it is sent there");
    }
    report_.add(std::move(step));
    return bearer_login(*realm, host, places_for(host, target_.host, ping, followed_));
  }

  bool bearer_login(const std::string &realm, const std::string &host, AddressKinds allowed) {
    Fetched fetched = network_.get(realm, {{"Authorization", std::string(basic_.reveal())}}, allowed);
    if (!fetched.refused.empty()) {
      stop(step_of("registry-login", StepState::failed, host + " is at " + fetched.refused + ": nothing was sent there",
                   "correct the registry's token realm" + followed_.cure(host, fetched)),
           2);
      return false;
    }
    if (fetched.status != 200) return accepted(fetched, host);
    const std::optional<json> body = parse_json_object(fetched.body);
    std::string token = body ? json_text(*body, "token") : "";
    if (token.empty() && body) token = json_text(*body, "access_token");
    wipe(fetched.body);
    const bool usable =
        !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!usable) {
      stop(step_of("registry-login", StepState::failed, host + " answered without a token",
                   "see what answers at the registry's token realm"),
           2);
      return false;
    }
    granted_ = granted_lines(token, report_);
    authorization_ = Secret("Bearer " + token);
    report_.hide(token);
    wipe(token);
    return accepted(network_.get(url_, {{"Authorization", std::string(authorization_.reveal())}}), target_.host);
  }

  bool accepted(const Fetched &fetched, const std::string &host) {
    if (fetched.status == 200 && !is_registry(fetched)) {
      stop(not_a_registry("registry-login", host, "/v2/", "registry's answer"), 2);
      return false;
    }
    if (fetched.status == 200) {
      report_.add(step_of("registry-login", StepState::passed, host + " accepts the credential", {}, granted_));
      return true;
    }
    if (fetched.status == 0) {
      stop(no_response("registry-login", host, fetched), 2);
      return false;
    }
    const bool refused = fetched.status == 401 || fetched.status == 403;
    stop(step_of("registry-login", StepState::failed,
                 host + (refused ? " refuses the credential: " : " answered the login with ") + http(fetched) +
                     error_code(fetched),
                 refused ? refused_cure_ : "see the registry's state; it is not the credential that was judged",
                 granted_),
         2);
    return false;
  }

  void pull() {
    const std::string path = "/v2/" + target_.repository + "/manifests/" + target_.reference;
    Headers headers = {{"Accept", manifest_types}};
    if (!authorization_.empty()) headers.emplace_back("Authorization", authorization_.reveal());
    const Fetched fetched = network_.get("https://" + target_.host + path, headers);
    const std::string what = target_.repository + " " + target_.reference + ": ";
    if (fetched.status == 0) return report_.add(no_response("registry-pull", target_.host, fetched));
    if (fetched.status == 200 && !is_manifest(fetched)) {
      return report_.add(not_a_registry("registry-pull", target_.host, path, "manifest"));
    }
    if (fetched.status == 200) {
      return report_.add(step_of("registry-pull", StepState::passed, what + "the manifest may be read"));
    }
    if (fetched.status == 404) return report_.add(missing(what, fetched));
    const bool refused = fetched.status == 401 || fetched.status == 403;
    const std::string_view right = pull_right(target_.host);
    report_.add(
        step_of("registry-pull", StepState::failed,
                what + (refused ? "the credential may not read it, " : "") + http(fetched) + error_code(fetched),
                !refused        ? "see the registry's state"
                : right.empty() ? "give the account that the exchange chose the right to pull from this repository"
                                : std::string(right),
                granted_));
  }

  // Registries answer 404 to who may read and asks for what is not there; some also to who may not read.
  Step missing(const std::string &what, const Fetched &fetched) const {
    const std::string seen = what + "is not there, HTTP 404" + error_code(fetched);
    if (target_.reference_given) {
      return step_of("registry-pull", StepState::failed, seen,
                     "see the image's name and tag; some registries say so as well when the account may not read it");
    }
    return step_of("registry-pull", StepState::passed, seen,
                   "name the image with its tag to see whether that can be pulled");
  }

  const RegistryTarget &target_;
  const std::string url_ = "https://" + target_.host + "/v2/";
  std::string refused_cure_;
  DoctorNetwork &network_;
  DoctorReport &report_;
  const FollowedHosts &followed_;
  Secret basic_;
  Secret authorization_;  // what the registry itself gets; empty: nothing
  std::vector<std::string> granted_;
};

}  // namespace

RegistryTarget registry_target(const std::string &typed, const std::string &normalised) {
  const ImageReference image(normalised);
  RegistryTarget target;
  target.host = image.registry();
  if (target.host == "docker.io") target.host = "registry-1.docker.io";
  if (!image.path().empty()) {
    target.repository = image.path().substr(1);
    target.reference = tag_or_digest(typed);
  }
  target.reference_given = !target.reference.empty();
  if (!target.reference_given) target.reference = "latest";  // what runtimes take
  return target;
}

const AuthEntry *auth_for(const Answer &answer) {
  const auto longest =
      std::max_element(answer.auth.begin(), answer.auth.end(),
                       [](const AuthEntry &a, const AuthEntry &b) { return a.registry.size() < b.registry.size(); });
  return longest == answer.auth.end() ? nullptr : &*longest;
}

void examine_registry(const RegistryTarget &target, const AuthEntry &auth, DoctorNetwork &network,
                      const std::function<void(const std::string &)> &announce, DoctorReport &report,
                      const CredentialOrigin &origin, const FollowedHosts &followed) {
  if (target.repository.empty()) {
    return report.skip(registry_area, registry_steps, "the image is a registry without a repository");
  }
  Login(target, auth, network, report, origin, followed).run(announce);
}

}  // namespace regcred::core
