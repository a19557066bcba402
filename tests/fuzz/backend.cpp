// SPDX-License-Identifier: Apache-2.0
// A registry's answer to each call of one backend (backend_case.hpp), written down as HTTP writes it:
// status, headers, an empty line, body. `!7` in place of the status: there is none, and the host fails with that code.
// The words TOKEN, PASSWORD and CANARY stand for the pod's token, a credential, and text that is nobody's business.
//
// Whatever the answer, the backend keeps the ABI's rules, nothing that it says quotes one of the three, and what it
// gives is a credential that the core passes on. For the backend `static` the body is the content of its secret file,
// for `exec` the whole input is what its program writes.
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/testing.hpp>

#include "backends/backend_under_test.hpp"
#include "dispatch/answer_rules.hpp"
#include "fuzz/backend_case.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"

using namespace regcred::test;
using regcred::fuzz::backend_case;
using regcred::fuzz::require;

namespace {

// With an underscore in every part of it: a host, which may be named, cannot hold it.
constexpr std::string_view canary = "c_a_n_a_r_y_3_1_4_1_5_9";

const std::string &pod_token() {
  static const std::string made = fake_token(pod_claims());
  return made;
}

const std::string &password() {
  static const std::string made = fake_token({{"exp", 1'750'003'600}, {"sub", "password_canary"}});
  return made;
}

Outcome ask(FakeHost &host) {
  static const regcred_backend_v1 &backend = load_backend(backend_case.file);
  return run(backend, backend_case.settings, FakeRequest(backend_case.image).token(pod_token()), host);
}

// What the backend runs; empty when it runs nothing.
const std::string &program() {
  static const std::string found = [] {
    FakeHost nobody;
    static_cast<void>(ask(nobody));
    return nobody.programs().empty() ? std::string() : nobody.programs().front().path;
  }();
  return found;
}

std::string with_canaries(std::string_view text) {
  using regcred::fuzz::with;
  return with(with(with(std::string(text), "TOKEN", pod_token()), "PASSWORD", password()), "CANARY", canary);
}

void script(std::string_view input, ScriptedCall &call) {
  using regcred::fuzz::take_line;
  std::string_view first = take_line(input);
  if (first.starts_with('!')) {
    const std::int64_t code = regcred::fuzz::number_of(first.substr(1), REGCRED_UNAVAILABLE);
    call.fail(static_cast<regcred::Code>(std::clamp<std::int64_t>(code, REGCRED_BAD_CONFIG, REGCRED_BAD_UPSTREAM)),
              "the host says why; and what to do");
    return;
  }
  const std::int64_t status = std::clamp<std::int64_t>(regcred::fuzz::number_of(first, 200), 200, 599);
  regcred::HttpHeaders headers;
  for (std::string_view line = take_line(input); !line.empty(); line = take_line(input)) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    const std::string value = with_canaries(line.substr(std::min(colon + 2, line.size())));
    headers.emplace_back(line.substr(0, colon), value);
    const std::int64_t seconds = regcred::fuzz::number_of(value, -1);
    if (headers.back().first == "Retry-After" && seconds >= 0) call.retry_after(std::chrono::seconds(seconds));
  }
  call.reply(static_cast<int>(status), with_canaries(input), headers);
}

// Asks with `input` as the answer to every call of the backend. Which calls those are, it shows by making them.
Outcome ask_answered(std::string_view input, std::optional<FakeHost> &host) {
  constexpr std::size_t calls_max = 4;
  std::vector<RecordedCall> known;
  while (true) {
    host.emplace();
    host->add_secret_file("/etc/regcred/secrets/harbor", with_canaries(input));
    if (!program().empty()) host->expect_program(program()).prints(with_canaries(input));
    for (const RecordedCall &call : known) script(input, host->expect(call.method, call.url));
    Outcome outcome = ask(*host);
    if (host->calls().size() <= known.size() || known.size() == calls_max) return outcome;
    known.push_back(host->calls()[known.size()]);
  }
}

// A backend that says what the core then refuses would have failed its operator.
void check_passes(const Outcome &outcome) {
  using namespace regcred::core;
  RegistryEntry entry;
  entry.name = "x";
  entry.backend = "y";
  Route route;
  WorkerResult result;
  result.code = outcome.code;
  result.scope = outcome.scope ? static_cast<std::int32_t>(*outcome.scope) : REGCRED_SCOPE_IMAGE;
  result.lifetime_seconds = outcome.lifetime ? outcome.lifetime->count() : REGCRED_LIFETIME_UNKNOWN;
  for (const auto &[registry, username, secret] : outcome.auth) {
    result.auth.push_back({registry, username, regcred::Secret(secret)});
  }
  const auto verdict = judge_result(std::move(result),
                                    {entry, route, ImageReference(backend_case.image), pod_token(), 1'750'000'000'000});
  require(verdict.has_value(), "the core passes on what a backend gives", verdict ? "" : verdict.error().what);
}

void check_quiet(const Outcome &outcome, const FakeHost &host) {
  std::string said = outcome.text;
  for (const FakeHost::LogLine &line : host.log()) said += '\n' + line.text;
  for (const std::string_view secret : {std::string_view(pod_token()), std::string_view(password()), canary}) {
    const auto leak = find_leak(secret, said);
    require(!leak, "nothing of token, credential and body is said", leak ? *leak + " in " + said : "");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view input = regcred::fuzz::text_of(data, size);
  std::optional<FakeHost> host;
  const Outcome outcome = ask_answered(input, host);
  for (const std::string &problem : outcome.problems) {
    // A credential may be any word, also one that a text uses; the canaries are looked for below.
    require(problem.starts_with("the password stands"), "the rules of the ABI are kept", problem);
  }
  require(outcome.code >= REGCRED_OK && outcome.code <= REGCRED_INTERNAL, "the code is a known one");
  require(outcome.code != REGCRED_INTERNAL, "no answer is an internal fault", outcome.text);
  check_quiet(outcome, *host);
  if (outcome.code == REGCRED_OK) check_passes(outcome);
  return 0;
}
