// SPDX-License-Identifier: Apache-2.0
// contract.*: what get_credentials() says, and how it says that it failed.
#include <algorithm>
#include <set>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "conformance/all_runs.hpp"
#include "conformance/checks.hpp"
#include "conformance/stage.hpp"

namespace regcred::conformance {
namespace {

constexpr std::size_t text_bytes_max = core::limits::backend_text_bytes_max;

// In quotes, without the token: the report is read by more people than a secret.
std::string shown(const Subject &subject, std::string_view text) {
  const std::string_view token = subject.request.token;
  return core::in_quotes(core::redacted(text, {&token, 1}));
}

bool is_failure(const Said &said) { return said.code != REGCRED_OK && said.code != REGCRED_NO_CREDENTIALS; }

Verdict answers(const Stage &stage) {
  stage.progress("in the success case");
  const Said said = stage.live({});
  if (said.code == REGCRED_OK && said.differences.empty()) {
    return passed(std::to_string(said.network_calls.size()) + " network call(s)");
  }
  if (!stage.subject.has_conversation && !said.network_calls.empty()) {
    const test::RecordedCall &call = said.network_calls.front();
    return failed("the backend calls " + call_label(call.method, call.url) +
                  ": tell what it is answered with --conversation FILE");
  }
  if (said.code != REGCRED_OK) {
    return failed((said.create_code != REGCRED_OK ? "create returned " : "get_credentials returned ") +
                  said.summary(stage.subject) + "; give what makes it succeed: --settings, --request, --conversation");
  }
  return failed(said.differences.front());
}

Verdict ok_has_credential(const Stage &, const std::string &, const Said &said) {
  return said.code == REGCRED_OK && said.auth.empty() ? failed("ok without a credential") : passed();
}

// The rules by which the host throws an answer away.
Verdict values(const Stage &, const std::string &, const Said &said) {
  if (said.code != REGCRED_OK) return passed();
  std::set<std::string> registries;
  for (const SaidAuth &auth : said.auth) {
    if (auth.username.find(':') != std::string::npos)
      return failed("a username with ':', which ends it for registries");
    if (auth.username.empty()) return failed("an empty username, which container runtimes ignore with its password");
    if (auth.secret.empty()) return failed("an empty secret");
    for (const auto &[name, text] : {std::pair("username", auth.username), std::pair("secret", auth.secret)}) {
      if (!core::is_utf8(text)) return failed(std::string("a ") + name + " that is not UTF-8");
      if (!core::is_printable(text)) return failed(std::string("a ") + name + " with control characters");
    }
    if (!registries.insert(auth.registry).second)
      return failed("two credentials for " + core::in_quotes(auth.registry));
  }
  for (const SaidCache &cache : said.cache) {
    if (cache.scope != REGCRED_SCOPE_IMAGE && cache.scope != REGCRED_SCOPE_REGISTRY) {
      return failed("the unknown scope " + std::to_string(cache.scope));
    }
    const std::int64_t seconds = cache.lifetime_seconds;
    if (seconds < REGCRED_LIFETIME_UNKNOWN || seconds > core::limits::lifetime_seconds_max) {
      return failed("a lifetime of " + std::to_string(seconds) + " s, the host takes -1 to " +
                    std::to_string(core::limits::lifetime_seconds_max));
    }
  }
  return passed();
}

// The registry itself, or with a path of whole segments that starts the image's path.
bool belongs_to(const std::string &answered, const RequestSpec &request) {
  const std::string registry = request.registry();
  if (answered == registry) return true;
  if (!answered.starts_with(registry + "/") || !request.image.starts_with(answered)) return false;
  return request.image.size() == answered.size() || answered.back() == '/' || request.image[answered.size()] == '/';
}

Verdict registry(const Stage &stage, const std::string &, const Said &said) {
  for (const SaidAuth &auth : said.auth) {
    if (!belongs_to(auth.registry, stage.subject.request)) {
      return failed("a credential for " + core::in_quotes(auth.registry) + ", asked was " +
                    core::in_quotes(stage.subject.request.image));
    }
  }
  return passed();
}

Verdict known_code(const Stage &, const std::string &, const Said &said) {
  return said.code < REGCRED_OK || said.code > REGCRED_INTERNAL ? failed("returned the " + code_name(said.code))
                                                                : passed();
}

Verdict tells_why(const Stage &, const std::string &, const Said &said) {
  if (!is_failure(said)) return passed();
  if (said.failures.empty()) return failed("returned " + code_name(said.code) + " without a call of sink->fail");
  return said.failures.back().text.empty() ? failed("failed with an empty text") : passed();
}

Verdict same_code(const Stage &, const std::string &, const Said &said) {
  if (!is_failure(said) || said.failures.empty() || said.failures.back().code == said.code) return passed();
  return failed("returned " + code_name(said.code) + " but told sink->fail " + code_name(said.failures.back().code));
}

Verdict no_credential_on_failure(const Stage &, const std::string &, const Said &said) {
  if (said.code == REGCRED_OK || said.auth.empty()) return passed();
  return failed("gave a credential and returned " + code_name(said.code));
}

std::string text_fault(const Subject &subject, std::string_view text, std::size_t bytes_max) {
  if (!core::is_utf8(text)) return "a text that is not UTF-8: " + shown(subject, text);
  if (core::printable(text, text.size() + 1) != text) {
    return "a text that is not one printable line: " + shown(subject, text);
  }
  if (text.size() <= bytes_max) return {};
  return "a text of " + std::to_string(text.size()) + " bytes, " + std::to_string(bytes_max) + " are kept";
}

Verdict texts(const Stage &stage, const std::string &, const Said &said) {
  for (const SaidFailure &failure : said.failures) {
    std::string fault = text_fault(stage.subject, failure.text, text_bytes_max);
    if (!fault.empty()) return failed(std::move(fault));
  }
  return passed();
}

Verdict log_lines(const Stage &stage, const std::string &, const Said &said) {
  for (const std::string &line : said.log) {
    std::string fault = text_fault(stage.subject, line, core::limits::log_line_bytes_max);
    if (!fault.empty()) return failed("in the log " + fault);
  }
  return passed();
}

}  // namespace

std::vector<Check> answer_checks() {
  return {
      {"contract.answers", "With the given settings, request and conversation the backend answers ok.",
       with_backend(answers)},
      {"contract.ok-has-credential",
       "ok means at least one add_auth: an empty answer looks like success to the kubelet.",
       in_all_runs(ok_has_credential)},
      {"contract.answer-values", "Usernames, secrets, scope and lifetime are such as the host passes on.",
       in_all_runs(values)},
      {"contract.answer-registry", "A credential is for the registry that was asked for, or a path of the image there.",
       in_all_runs(registry)},
      {"contract.known-code", "Returns codes of abi.h only.", in_all_runs(known_code)},
      {"contract.tells-why", "A failure says why by sink->fail: the operator sees nothing else.",
       in_all_runs(tells_why)},
      {"contract.same-code", "The code returned is the one given to sink->fail.", in_all_runs(same_code)},
      {"contract.no-credential-on-failure", "A failure hands out no credential.",
       in_all_runs(no_credential_on_failure)},
      {"contract.texts", "A failure's text is one printable line of UTF-8, at most 512 bytes.", in_all_runs(texts)},
      {"contract.log-lines", "A log line is printable UTF-8 and at most 1 KiB.", in_all_runs(log_lines)},
  };
}

}  // namespace regcred::conformance
