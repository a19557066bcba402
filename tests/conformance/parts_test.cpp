// SPDX-License-Identifier: Apache-2.0
// The pieces that checks are made of: derived settings, faults, expiries, leaks, and the processes that run checks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <regcred/jwt.hpp>
#include <regcred/testing/fake_request.hpp>
#include <set>

#include "conformance/bad_settings.hpp"
#include "conformance/expiry.hpp"
#include "conformance/leak_finder.hpp"
#include "conformance/network_faults.hpp"
#include "conformance/report.hpp"
#include "conformance/runner.hpp"

namespace regcred::conformance {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> wrong_types(const std::string &settings, const std::string &schema) {
  std::vector<std::string> found;
  for (const BadSettings &bad : bad_settings(settings, schema)) {
    if (bad.kind == BadSettingsKind::wrong_type) found.push_back(bad.json);
  }
  return found;
}

TEST(BadSettings, tries_every_other_type_for_keys_of_settings_and_schema) {
  EXPECT_THAT(wrong_types(R"({"a":"x"})", ""),
              ElementsAre(R"({"a":7})", R"({"a":true})", R"({"a":[1]})", R"({"a":{"a":1}})"));
  EXPECT_THAT(wrong_types("{}", R"({"properties":{"n":{"type":"integer"}}})"),
              ElementsAre(R"({"n":"text"})", R"({"n":true})", R"({"n":[1]})", R"({"n":{"a":1}})"));
  EXPECT_THAT(wrong_types("{}", R"({"properties":{"n":{"type":["string","number","boolean","array"]}}})"),
              ElementsAre(R"({"n":{"a":1}})"));
  EXPECT_THAT(wrong_types("{}", R"({"properties":{"n":{"oneOf":[]}}})"), ElementsAre());
}

constexpr std::chrono::seconds now{1'750'000'000};

TEST(Expiry, is_moved_to_the_past_in_its_own_notation) {
  const std::string jwt = test::fake_token({{"exp", 1'750'003'600}});
  const json body = {{"expires_in", 3600},
                     {"expiresAt", 1750003600.5},
                     {"nested", {{"ttl", "60"}}},
                     {"expireTimeMs", 1.75e12},
                     {"expiration", "2025-06-15T16:00:00Z"},
                     {"token", jwt},
                     {"password", "not touched"}};
  const auto changed = with_expiry(body.dump(), ExpiryChange::past, now);
  ASSERT_TRUE(changed);
  const json past = json::parse(*changed);
  EXPECT_EQ(past["expires_in"], -3600);
  EXPECT_EQ(past["expiresAt"], 1'749'996'400);
  EXPECT_EQ(past["nested"]["ttl"], "-3600");
  EXPECT_EQ(past["expireTimeMs"], 1'749'996'400'000);
  EXPECT_EQ(past["expiration"], "2025-06-15T14:06:40Z");
  EXPECT_EQ(past["password"], "not touched");
  EXPECT_EQ(read_unverified_claims(past["token"].get<std::string>())->expires_at, 1'749'996'400);
}

TEST(Expiry, is_removed_and_not_found_where_there_is_none) {
  const std::string jwt = test::fake_token({{"exp", 1'750'003'600}, {"sub", "x"}});
  const json removed =
      json::parse(*with_expiry(json{{"expires_in", 3600}, {"t", jwt}}.dump(), ExpiryChange::removed, now));
  EXPECT_FALSE(removed.contains("expires_in"));
  EXPECT_EQ(read_unverified_claims(removed["t"].get<std::string>())->expires_at, std::nullopt);
  for (const char *body : {"", "{}", R"({"token":"a.b.c"})", R"({"expires":"never"})", "<html>"}) {
    EXPECT_EQ(with_expiry(body, ExpiryChange::removed, now), std::nullopt) << body;
  }
}

TEST(Leaks, are_found_in_every_disguise_and_not_in_open_text) {
  const std::string secret = "s3cret/of+the=registry~robot";
  const LeakFinder finder({secret, "short-pw", "tiny"}, {"registry~robot"});
  const auto hex = [&secret] {
    std::string out;
    for (const char c : secret) {
      std::array<char, 3> digits{};
      std::snprintf(digits.data(), digits.size(), "%02X", static_cast<unsigned char>(c));
      out += digits.data();
    }
    return out;
  };
  for (const std::string &text : {secret, std::string("x s3cret/of+th x"), percent_encode(secret).substr(0, 14),
                                  hex().substr(6, 12), base64_encode(secret.substr(1)).substr(4, 12),
                                  base64url_encode("xx" + secret).substr(4, 14), std::string("short-pw!")}) {
    EXPECT_NE(finder.find(text), std::nullopt) << text;
  }
  for (const char *text : {"", "s3cret/of", "tiny", "registry~robot", "another sentence about it"}) {
    EXPECT_EQ(finder.find(text), std::nullopt) << text;
  }
}

Conversation two_calls() {
  Conversation conversation;
  Call challenge{"GET", "https://r.example.com/v2/", {}};
  challenge.reply.status = 401;
  Call token{"POST", "https://r.example.com/token", {}};
  token.reply.body = R"({"token":"t","list":[1]})";
  conversation.calls = {challenge, token};
  return conversation;
}

TEST(NetworkFaults, cover_every_call_but_not_the_status_that_is_planned) {
  std::map<std::string, std::set<std::size_t>> calls;
  std::size_t wrong_types = 0;
  for (const NetworkFault &fault : network_faults(two_calls())) {
    calls[fault.check].insert(fault.call);
    wrong_types += fault.check == "network.wrong-types" ? 1U : 0U;
    EXPECT_FALSE(fault.expected_codes.empty());
    EXPECT_EQ(std::count(fault.expected_codes.begin(), fault.expected_codes.end(), REGCRED_NO_CREDENTIALS), 0);
  }
  EXPECT_EQ(calls["network.http-401"], std::set<std::size_t>{1});
  EXPECT_EQ(calls["network.http-403"], (std::set<std::size_t>{0, 1}));
  EXPECT_EQ(calls["network.truncated-json"], std::set<std::size_t>{1});
  EXPECT_EQ(wrong_types, 4U);  // token, list, list[0], the whole
  EXPECT_EQ(calls.count("network.expiry-past"), 0U);
}

TEST(NetworkFaults, M3_the_expiry_that_counts_is_the_last) {
  Conversation conversation = two_calls();
  conversation.calls[0].reply.body = R"({"expires_in":3600})";
  const auto changed = [&] {
    std::set<std::size_t> calls;
    for (const NetworkFault &fault : network_faults(conversation)) {
      if (fault.check.starts_with("network.expiry-")) calls.insert(fault.call);
    }
    return calls;
  };
  EXPECT_EQ(changed(), std::set<std::size_t>{0});
  conversation.calls[1].reply.body = R"({"token":"t","expires_at":1750003600})";
  EXPECT_EQ(changed(), std::set<std::size_t>{1});
}

Check check_of(const std::string &name, CheckFunction run) { return {name, "A sentence.", std::move(run)}; }

Verdict run_one(CheckFunction run, std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
  const std::vector<Check> checks = {check_of("a.b", std::move(run))};
  RunOptions options;
  options.timeout = timeout;
  return run_checks(checks, Subject{}, options).at(0).verdict;
}

TEST(Runner, hands_a_verdict_over_whole) {
  const Verdict verdict = run_one([](const Subject &, const Progress &) {
    Verdict said = not_applicable("two\nlines and " + std::string(100'000, 'x'));
    said.cannot_load = true;
    return said;
  });
  EXPECT_EQ(verdict.status, Status::not_applicable);
  EXPECT_TRUE(verdict.cannot_load);
  EXPECT_THAT(verdict.text, StartsWith("two lines and xxx"));
  EXPECT_EQ(verdict.text.size(), 100'014U);
}

TEST(Runner, tells_the_step_of_a_crash_an_exit_and_a_hang) {
  const auto ends_by = [](void (*end)()) {
    return run_one(
        [end](const Subject &, const Progress &progress) {
          progress("in the first step");
          progress("in the second step");
          std::fputs("last words\n", stderr);
          end();
          return passed();
        },
        std::chrono::milliseconds(300));
  };
  EXPECT_EQ(ends_by([] { ::_exit(3); }).text,
            "ended the process with status 3 in the second step; it wrote: last words\\n");
  EXPECT_EQ(ends_by([] {
              while (true) ::pause();
            }).text,
            "no end after 300 ms in the second step; it wrote: last words\\n");
#ifndef REGCRED_SANITIZED
  EXPECT_THAT(ends_by([] { std::abort(); }).text, StartsWith("crashed (signal 6, Aborted) in the second step"));
#endif
}

TEST(Runner, is_not_held_up_by_a_grandchild_nor_by_a_flood) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run_one([](const Subject &, const Progress &) {
              if (::fork() == 0) ::pause();
              ::_exit(0);
              return passed();
            }).status,
            Status::failed);
  EXPECT_EQ(run_one([](const Subject &, const Progress &) {
              for (int i = 0; i < 100'000; ++i) std::fputs("a line of a flood\n", stderr);
              return passed();
            }).status,
            Status::passed);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

TEST(Runner, hears_the_verdict_of_one_that_wrote_to_standard_error_and_ends_at_once) {
  for (int i = 0; i < 300; ++i) {
    const Verdict verdict = run_one([](const Subject &, const Progress &) {
      std::fputs("last words\n", stderr);
      return passed();
    });
    ASSERT_EQ(verdict.status, Status::passed) << i << ": " << verdict.text;
  }
}

TEST(Runner, an_exception_of_a_check_and_a_skip_are_told) {
  EXPECT_EQ(run_one([](const Subject &, const Progress &) -> Verdict { throw std::runtime_error("so"); }).text,
            "the check ended with an exception: so");
  const std::vector<Check> checks = {
      check_of("a.b", [](const Subject &, const Progress &) -> Verdict { std::abort(); })};
  RunOptions options;
  options.skips["a.b"] = "known";
  const std::vector<CheckOutcome> outcomes = run_checks(checks, Subject{}, options);
  EXPECT_EQ(outcomes.at(0).verdict.status, Status::skipped);
  EXPECT_EQ(format_report(outcomes, Style::plain),
            "skip a.b: known\n1 checks: 0 passed, 0 failed, 1 skipped, 0 not applicable\n");
}

TEST(Report, shows_nothing_of_a_backend_unescaped_and_gives_the_status) {
  const Check check = check_of("a.b", {});
  std::vector<CheckOutcome> outcomes = {{&check, failed("text \x1b[31m"), std::chrono::milliseconds(1)}};
  EXPECT_EQ(format_report(outcomes, Style::plain),
            "FAIL a.b: text \\x1b[31m\n1 checks: 0 passed, 1 failed, 0 skipped, 0 not applicable\n");
  EXPECT_THAT(format_report(outcomes, Style::terminal), Not(HasSubstr("text \x1b")));
  EXPECT_EQ(json::parse(format_json(outcomes, Subject{}))["checks"][0]["text"], "text \\x1b[31m");
  EXPECT_EQ(exit_status(outcomes), 1);
  outcomes[0].verdict = passed();
  EXPECT_EQ(exit_status(outcomes), 0);
  outcomes[0].verdict.cannot_load = true;
  EXPECT_EQ(exit_status(outcomes), 5);
}

}  // namespace
}  // namespace regcred::conformance
