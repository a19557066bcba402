// SPDX-License-Identifier: Apache-2.0
// What one backend says, in words, and what the kubelet or the operator then sees:
//
//   CODE SCOPE LIFETIME RETRY_AFTER CACHE_MAX WHOLE_REGISTRY [CREDENTIAL_HOST]
//   text of the failure, in which TOKEN stands for the pod's token
//   REGISTRY USERNAME PASSWORD
//   ...
//
// Nothing but the documented fields reaches the kubelet, for the asked registry only; no failure quotes the token.
#include <limits>
#include <nlohmann/json.hpp>
#include <regcred/testing/leaks.hpp>
#include <regcred/text.hpp>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "dispatch/answer_rules.hpp"
#include "fuzz/chance.hpp"
#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "kubelet/answer_writer.hpp"

using namespace regcred::core;
using regcred::fuzz::require;
using regcred::fuzz::take_line;
using regcred::fuzz::take_word;

namespace {

constexpr std::string_view token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnktMzE0MTU5In0.Y2FuYXJ5LXNpZ25hdHVyZQ";
constexpr std::string_view claims = R"({"sub":"canary-314159"})";  // the token's, decoded
constexpr std::string_view image = "docker.cloudsmith.io/acme/repo/app";
constexpr std::string_view registry = "docker.cloudsmith.io";

struct Case {
  RegistryEntry entry;
  Route route;
  WorkerResult result;
};

std::int64_t take_number(std::string_view &line) { return regcred::fuzz::number_of(take_word(line), -1); }

std::int32_t take_int32(std::string_view &line) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(take_number(line), Limits::min(), Limits::max()));
}

void read_case(std::string_view input, Case &made) {
  std::string_view line = take_line(input);
  made.entry.name = "x";
  made.entry.backend = "y";
  made.result.code = take_int32(line);
  made.result.scope = take_int32(line);
  made.result.lifetime_seconds = take_number(line);
  made.result.retry_after_seconds = take_number(line);
  if (const std::int64_t longest = take_number(line); longest >= 0)
    made.entry.cache_max = std::chrono::seconds(longest);
  made.route.whole_registry = take_number(line) == 1;
  made.entry.credential_host = regcred::host_and_port(line).value_or("");
  made.route.candidates = {&made.entry};
  made.result.text = regcred::fuzz::with(std::string(take_line(input)), "TOKEN", token);
  while (!input.empty() && made.result.auth.size() < limits::auth_entries_max) {
    line = take_line(input);
    const std::string_view host = take_word(line);
    const std::string_view username = take_word(line);
    made.result.auth.push_back({std::string(host), std::string(username), regcred::Secret(line)});
  }
}

// The host itself, or with a path that the asked image lies in.
bool is_asked(const std::string &key) {
  if (key == registry) return true;
  if (key.size() <= registry.size() + 1 || !image.starts_with(key)) return false;
  return key.size() == image.size() || key.back() == '/' || image[key.size()] == '/';
}

void check_document(const Answer &answer) {
  const std::string text = render_answer(answer);
  require(text.ends_with("\n") && text.find('\n') == text.size() - 1, "an answer is one line");
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  require(document.is_object(), "an answer is one JSON object");
  require(document.size() == (answer.cache_duration ? 5U : 4U), "it has the documented fields and no other");
  require(document["apiVersion"] == answer.api_version && document["kind"] == "CredentialProviderResponse",
          "it says what it is");
  require(document["cacheKeyType"] == "Image" || document["cacheKeyType"] == "Registry", "the key type is known");
  const nlohmann::json &auth = document["auth"];
  require(auth.size() == answer.auth.size(), "no credential hides another");
  for (const AuthEntry &entry : answer.auth) {
    const nlohmann::json &written = auth[entry.registry];
    require(written.size() == 2 && written["username"] == entry.username &&
                written["password"].get<std::string>() == entry.password.reveal(),
            "a credential is a username and a password, unchanged");
    require(is_asked(entry.registry), "an answer is for the asked registry only", entry.registry);
    require(!entry.username.empty() && !entry.password.empty() && !regcred::has_control_character(entry.username),
            "username and password can be used");
  }
}

void check_cache(const Answer &answer, std::int64_t lifetime, const RegistryEntry &entry, bool whole_registry) {
  if (answer.cache_duration) {
    const std::int64_t kept = answer.cache_duration->count();
    require(kept >= 0 && (lifetime < 0 || kept == 0 || kept + 60 <= lifetime), "no cache outlives the credential");
    require(!entry.cache_max || *answer.cache_duration <= *entry.cache_max, "nor what the operator allows");
  }
  require(answer.cache_duration || (lifetime < 0 && !entry.cache_max), "only an unknown life leaves it open");
  const bool for_all = answer.cache_key_type == CacheKeyType::registry;
  require(!for_all || (whole_registry && answer.auth.size() == 1 && answer.auth.front().registry == registry),
          "a credential for a path is not kept for the registry");
}

void check_failure(const Error &error) {
  require(error.where == R"(registry "x" (backend y))" && !error.what.empty(), "a failure says whose it is and what");
  const std::string line = one_line(error);
  require(line.size() <= limits::error_line_bytes_max, "a failure is one bounded line");
  require(!regcred::test::find_leak(token, line), "no failure quotes the token", line);
  require(!regcred::test::find_leak(claims, line), "nor what it says", line);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view input = regcred::fuzz::text_of(data, size);
  if (regcred::fuzz::spells(input, token) || regcred::fuzz::spells(input, claims)) return 0;
  Case made;
  read_case(input, made);
  const std::int64_t lifetime = made.result.lifetime_seconds;
  const std::int32_t code = made.result.code;
  auto verdict = judge_result(std::move(made.result),
                              {made.entry, made.route, ImageReference(std::string(image)), token, 1'750'000'000'000});
  if (!verdict) {
    check_failure(verdict.error());
    return 0;
  }
  require(code == REGCRED_OK || code == REGCRED_NO_CREDENTIALS, "a failure never looks like success");
  require(verdict->no_credentials == (code == REGCRED_NO_CREDENTIALS), "no credentials is no answer");
  if (verdict->no_credentials) {
    require(!regcred::test::find_leak(token, verdict->why), "no reason quotes the token", verdict->why);
    return 0;
  }
  require(!verdict->answer.auth.empty(), "an answer has a credential");
  verdict->answer.api_version = "credentialprovider.kubelet.k8s.io/v1";
  check_document(verdict->answer);
  check_cache(verdict->answer, lifetime, made.entry, made.route.whole_registry);
  return 0;
}
