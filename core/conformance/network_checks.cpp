// SPDX-License-Identifier: Apache-2.0
// A registry that fails in every way that is seen in the field: the code that comes back decides what happens next.

#include "common/contains.hpp"
#include "common/limits.hpp"
#include "conformance/checks.hpp"
#include "conformance/network_faults.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

using core::limits::lifetime_seconds_max;

std::string expected_text(const std::vector<std::int32_t> &codes) {
  std::string text;
  for (const std::int32_t code : codes) text += (text.empty() ? "" : " or ") + code_name(code);
  return text;
}

// Beyond the code: what must hold of one fault's outcome, empty when it does.
using FaultRule = std::function<std::string(const Stage &, const NetworkFault &, const Said &)>;

std::string no_further_rule(const Stage &, const NetworkFault &, const Said &) { return {}; }

std::string fault_of(const Stage &stage, const NetworkFault &fault, const Said &said) {
  if (said.code == REGCRED_OK) {
    // Who does not need that reply may well come to the right answer.
    const bool right = fault.changes_credential || said.auth == stage.success.auth;
    return right ? "" : "answered with another credential than in the success case";
  }
  if (said.code == REGCRED_NO_CREDENTIALS) {
    return "returned no_credentials, so that the host would ask the next registry entry; expected " +
           expected_text(fault.expected_codes);
  }
  const auto &codes = fault.expected_codes;
  if (core::contains(codes, said.code)) return {};
  return "returned " + said.summary(stage.subject) + ", expected " + expected_text(codes);
}

CheckFunction fault_check(const std::string &name, FaultRule rule = no_further_rule) {
  return with_network([name, rule = std::move(rule)](const Stage &stage) {
    bool any = false;
    for (const NetworkFault &fault : network_faults(stage.subject.conversation)) {
      if (fault.check != name) continue;
      any = true;
      stage.progress("after " + fault.what);
      Scene scene;
      scene.network_fault = fault;
      const Said said = stage.live(scene);
      std::string found = fault_of(stage, fault, said);
      if (found.empty()) found = rule(stage, fault, said);
      if (!found.empty()) return failed(fault.what + ": " + found);
    }
    return any ? passed() : not_applicable("no reply of the conversation can fail this way");
  });
}

std::string keeps_retry_after(const Stage &, const NetworkFault &, const Said &said) {
  const std::int64_t seconds = said.failures.empty() ? -1 : said.failures.back().retry_after_seconds;
  if (said.code == REGCRED_OK || seconds == retry_after.count()) return {};
  return "retry_after_seconds is " + std::to_string(seconds) + ", the registry said " +
         std::to_string(retry_after.count());
}

std::string stays_at_home(const Stage &, const NetworkFault &, const Said &said) {
  for (const test::RecordedCall &call : said.network_calls) {
    if (call.url.find(elsewhere_host) != std::string::npos) return "the redirect was followed";
  }
  return {};
}

// A body that breaks off cannot be read, whatever its first half holds; unless nobody reads this body at all.
std::string reads_whole_body(const Stage &stage, const NetworkFault &fault, const Said &said) {
  if (said.code != REGCRED_OK) return {};
  Scene scene;
  scene.network_fault = fault;
  scene.network_fault->at.body.clear();
  if (stage.live(scene).code == REGCRED_OK) return {};
  return "answered as if the body were whole";
}

// The expiry is what a success case with a known lifetime reads; without one there is nothing to judge.
CheckFunction expiry_check(const std::string &name, FaultRule rule) {
  const CheckFunction check = fault_check(name, std::move(rule));
  return with_network([check](const Stage &stage) {
    if (stage.success.lifetime_seconds().value_or(0) == 0) {
      return not_applicable("the success case ends without a lifetime, so no expiry is read");
    }
    return check(stage.subject, stage.progress);
  });
}

std::string does_not_guess(const Stage &, const NetworkFault &, const Said &said) {
  const std::int64_t lifetime = said.lifetime_seconds().value_or(0);
  if (said.code != REGCRED_OK || lifetime == 0) return {};
  return "answered with a lifetime of " + std::to_string(lifetime) +
         " s that the registry did not give: leave it unknown";
}

std::string is_not_cached(const Stage &, const NetworkFault &, const Said &said) {
  if (said.code != REGCRED_OK || said.lifetime_seconds() == 0) return {};
  const std::optional<std::int64_t> lifetime = said.lifetime_seconds();
  return "answered with an expired credential and " +
         (lifetime ? "a lifetime of " + std::to_string(*lifetime) + " s" : std::string("an unknown lifetime")) +
         ": fail with bad_upstream, or say 0";
}

// A node without a battery starts in 1970, and one with a broken one may be anywhere.
Verdict clock_skew(const Stage &stage) {
  using std::chrono::hours;
  const std::vector<std::int32_t> fits = {REGCRED_BAD_REQUEST, REGCRED_DENIED, REGCRED_UNAVAILABLE, REGCRED_TIMEOUT,
                                          REGCRED_BAD_UPSTREAM};
  for (const std::chrono::seconds shift :
       {std::chrono::seconds(hours(-24)), std::chrono::seconds(hours(24)), std::chrono::seconds(hours(24 * 365 * 20)),
        -stage.subject.conversation.now}) {
    const std::string what = "a clock that is " + std::to_string(shift.count()) + " s off";
    stage.progress("with " + what);
    Scene scene;
    scene.clock_shift = shift;
    const Said said = stage.live(scene);
    const std::int64_t lifetime = said.lifetime_seconds().value_or(0);
    if (said.code == REGCRED_OK && (lifetime < 0 || lifetime > lifetime_seconds_max)) {
      return failed(what + ": a lifetime of " + std::to_string(lifetime) + " s, the host takes 0 to " +
                    std::to_string(lifetime_seconds_max));
    }
    if (said.code != REGCRED_OK && !core::contains(fits, said.code)) {
      return failed(what + ": returned " + said.summary(stage.subject) + ", expected ok, " + expected_text(fits));
    }
  }
  return passed();
}

}  // namespace

std::vector<Check> network_checks() {
  const auto fault = [](const std::string &name, const std::string &about, FaultRule rule = no_further_rule) {
    return Check{name, about, fault_check(name, std::move(rule))};
  };
  return {
      fault("network.http-401", "HTTP 401 is denied: a retry does not help, and no other registry entry is asked."),
      fault("network.http-403", "HTTP 403 is denied, as 401 is."),
      fault("network.http-404", "HTTP 404 is an error, never no_credentials: somebody can cure it."),
      fault("network.http-429", "HTTP 429 is throttled, and Retry-After reaches the operator.", keeps_retry_after),
      fault("network.http-500", "HTTP 500 and 503 are unavailable: it may work later."),
      fault("network.redirect", "A redirect is an error and is not followed: the token would go there.", stays_at_home),
      fault("network.truncated-json", "Truncated JSON is bad_upstream.", reads_whole_body),
      fault("network.wrong-types", "JSON with values of other types than documented is bad_upstream."),
      fault("network.html-page", "A web page instead of an answer (a proxy, a login) is bad_upstream or unavailable."),
      fault("network.empty-body", "An empty body is bad_upstream."),
      fault("network.too-large", "A body that the host refuses for its size is bad_upstream."),
      fault("network.timeout", "A server that does not answer is timeout."),
      fault("network.reset", "A connection that breaks is unavailable."),
      {"network.clock-skew", "A wrong clock leads to a fitting failure, or to a lifetime that the host accepts.",
       with_network(clock_skew)},
      {"network.expiry-missing", "A lifetime that the registry does not give is unknown, not guessed.",
       expiry_check("network.expiry-missing", does_not_guess)},
      {"network.expiry-past", "An expired credential is refused, or answered with a lifetime of 0.",
       expiry_check("network.expiry-past", is_not_cached)},
  };
}

}  // namespace regcred::conformance
