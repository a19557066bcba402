// SPDX-License-Identifier: Apache-2.0
// contract.*: what get_credentials() says, and how it says that it failed.
#include <set>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "conformance/all_runs.hpp"
#include "conformance/checks.hpp"
#include "conformance/stage.hpp"
#include "dispatch/answer_rules.hpp"

namespace regcred::conformance {
namespace {

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
                  ": give the replies with --conversation FILE");
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
    if (std::string fault = core::credential_fault(auth.username, auth.secret); !fault.empty()) return failed(fault);
    if (!registries.insert(auth.registry).second)
      return failed("two credentials for " + core::in_quotes(auth.registry));
  }
  for (const SaidCache &cache : said.cache) {
    if (std::string fault = core::reuse_fault(cache.scope, cache.lifetime_seconds); !fault.empty())
      return failed(fault);
  }
  return passed();
}

Verdict registry(const Stage &stage, const std::string &, const Said &said) {
  const std::string host = stage.subject.request.registry();
  const std::string &image = stage.subject.request.image;
  for (const SaidAuth &auth : said.auth) {
    if (!core::answered_path(auth.registry, host, std::string_view(image).substr(host.size()))) {
      return failed("a credential for " + core::in_quotes(auth.registry) + ", asked was " + core::in_quotes(image));
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
  return failed("returned " + code_name(said.code) + " but gave sink->fail " + code_name(said.failures.back().code));
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
    std::string fault = text_fault(stage.subject, failure.text, core::limits::backend_text_bytes_max);
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

Verdict log_levels(const Stage &, const std::string &, const Said &said) {
  for (const std::int32_t level : said.log_levels) {
    if (level < REGCRED_LOG_DEBUG || level > REGCRED_LOG_ERROR) {
      return failed("a log line of level " + std::to_string(level) + ", which abi.h does not have");
    }
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
      {"contract.answer-values", "The host accepts each username, secret, scope and lifetime.", in_all_runs(values)},
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
      {"contract.log-levels", "A log line has a level of abi.h: what the host makes of another is not defined.",
       in_all_runs(log_levels)},
  };
}

}  // namespace regcred::conformance
