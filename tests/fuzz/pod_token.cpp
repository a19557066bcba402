// SPDX-License-Identifier: Apache-2.0
// A digit for the backend (shipped_backends.hpp), then a pod's token: its claims, when they begin with `{`, else its
// text. Claims are shown in failures, so they are hostile; what stands around them is secret.
#include <regcred/testing.hpp>

#include "fuzz/chance.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "fuzz/shipped_backends.hpp"

using namespace regcred::test;
using regcred::fuzz::require;

namespace {

// Ends every token: what is looked for in texts.
constexpr std::string_view signature = "Y2FuYXJ5OiB0aGlzIGlzIG5vIHNpZ25hdHVyZQ";

std::string token_of(std::string_view input) {
  if (!input.starts_with('{')) return std::string(input) + std::string(signature);
  return "eyJhbGciOiJSUzI1NiJ9." + regcred::base64url_encode(input) + "." + std::string(signature);
}

// Nobody answers, and nothing runs: what else is wrong?
void check_problems(const Outcome &outcome) {
  for (const std::string &problem : outcome.problems) {
    const bool expected = problem.starts_with("unexpected call: ") || problem.starts_with("unexpected program: ") ||
                          problem.find("stands in the") != problem.npos;
    require(expected, "the rules of the ABI and of HTTP are kept", problem);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0 || size > 48U * 1024U) return 0;  // the core lets no longer token in
  const auto &[table, settings, image] = regcred::fuzz::shipped_backend(data[0]);
  const std::string_view input = regcred::fuzz::text_of(data + 1, size - 1);
  FakeHost host;
  host.add_secret_file("/etc/regcred/secrets/harbor", "pa55-word-of-the-robot");
  const Outcome outcome = run(table, settings, FakeRequest(image).token(token_of(input)), host);
  check_problems(outcome);
  require(outcome.code >= REGCRED_OK && outcome.code <= REGCRED_INTERNAL, "the code is a known one");
  require(outcome.code != REGCRED_INTERNAL, "no token is an internal fault", outcome.text);
  if (regcred::fuzz::spells(input, signature)) return 0;  // then it may stand in a claim, too
  for (const FakeHost::LogLine &line : host.log()) require(!find_leak(signature, line.text), "no log line has it");
  require(!find_leak(signature, outcome.text), "no failure quotes the token", outcome.text);
  return 0;
}
