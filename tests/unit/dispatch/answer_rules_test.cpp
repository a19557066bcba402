// SPDX-License-Identifier: Apache-2.0
#include "dispatch/answer_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Judge : public ::testing::Test {
 protected:
  Judge() {
    entry_.name = "x";
    entry_.backend = "y";
    route_.whole_registry = true;
  }

  // One credential for `registry`, else as a good backend says it.
  static WorkerResult answer_for(std::string registry) {
    WorkerResult result;
    result.code = REGCRED_OK;
    result.scope = REGCRED_SCOPE_REGISTRY;
    result.lifetime_seconds = 7200;
    result.auth.push_back({std::move(registry), "token", Secret("password")});
    return result;
  }
  Result<Verdict> judge(WorkerResult result) {
    return judge_result(std::move(result), {entry_, route_, image_, "the-pods-own-token", 1'790'000'000'000});
  }
  std::string refusal(WorkerResult result) {
    const Result<Verdict> verdict = judge(std::move(result));
    return verdict ? "accepted" : verdict.error().what;
  }

  RegistryEntry entry_;
  Route route_;
  ImageReference image_{"reg.io:5000/team/app"};
};

TEST_F(Judge, M2_accepts_the_asked_host_and_paths_of_the_asked_image_only) {
  for (const char *good : {"reg.io:5000", "reg.io:5000/team", "reg.io:5000/team/", "reg.io:5000/team/app"}) {
    EXPECT_EQ(refusal(answer_for(good)), "accepted") << good;
  }
  for (const char *bad : {"", "reg.io", "reg.io:5001", "reg.io:50000", "reg.io:5000.evil.com", "reg.io:5000/",
                          "reg.io:5000/te", "reg.io:5000/team/ap", "reg.io:5000/team/app/more", "*", "*.io",
                          "https://reg.io:5000", "REG.io:5000", "user@reg.io:5000"}) {
    EXPECT_THAT(refusal(answer_for(bad)), HasSubstr("which is not what was asked for")) << bad;
  }
}

TEST_F(Judge, M2_a_mirrors_answer_is_rewritten_onto_the_asked_host) {
  entry_.credential_host = "mirror.example.net";
  EXPECT_EQ(judge(answer_for("mirror.example.net"))->answer.auth[0].registry, "reg.io:5000");
  EXPECT_EQ(judge(answer_for("mirror.example.net/team"))->answer.auth[0].registry, "reg.io:5000/team");
  EXPECT_THAT(refusal(answer_for("reg.io:5000")), HasSubstr("not what was asked for"));
}

TEST_F(Judge, M2_a_path_of_credentialHost_stands_for_the_whole_asked_host) {
  entry_.credential_host = "cache.example.net/hub/mirror";
  for (const char *whole : {"cache.example.net", "cache.example.net/hub", "cache.example.net/hub/mirror"}) {
    const Result<Verdict> verdict = judge(answer_for(whole));
    ASSERT_TRUE(verdict) << whole << ": " << verdict.error().what;
    EXPECT_EQ(verdict->answer.auth[0].registry, "reg.io:5000") << whole;
  }
  EXPECT_EQ(judge(answer_for("cache.example.net/hub/mirror/team"))->answer.auth[0].registry, "reg.io:5000/team");
  for (const char *bad : {"cache.example.net/", "cache.example.net/hu", "cache.example.net/hub/mirror/",
                          "cache.example.net/hub/mirror/te", "cache.example.net/team", "cache.example.net/hub/mirror2",
                          "cache.example.ne", "cache.example.net:443", "reg.io:5000/hub/mirror/team"}) {
    EXPECT_THAT(refusal(answer_for(bad)), HasSubstr("which is not what was asked for")) << bad;
  }
  entry_.credential_host = "[fd00::2]:5000";
  EXPECT_EQ(judge(answer_for("[fd00::2]:5000/team"))->answer.auth[0].registry, "reg.io:5000/team");
}

TEST_F(Judge, refuses_what_no_registry_gives) {
  WorkerResult result = answer_for("reg.io:5000");
  result.auth[0].username = "";
  EXPECT_THAT(refusal(std::move(result)), HasSubstr("empty username"));
  result = answer_for("reg.io:5000");
  result.auth[0].password = Secret();
  EXPECT_THAT(refusal(std::move(result)), HasSubstr("empty password"));
  result = answer_for("reg.io:5000");
  result.auth[0].password = Secret("a\nb");
  EXPECT_THAT(refusal(std::move(result)), HasSubstr("a password with control characters"));
  result = answer_for("reg.io:5000");
  result.scope = 7;
  EXPECT_THAT(refusal(std::move(result)), HasSubstr("unknown scope"));
  result = answer_for("reg.io:5000");
  result.lifetime_seconds = -2;
  EXPECT_THAT(refusal(std::move(result)), HasSubstr("lifetime that cannot be"));
  result = answer_for("reg.io:5000");
  result.lifetime_seconds = 1LL << 60;
  EXPECT_THAT(refusal(std::move(result)), HasSubstr("lifetime that cannot be"));
  result = answer_for("reg.io:5000");
  result.auth.push_back({"reg.io:5000", "second", Secret("password")});
  EXPECT_THAT(refusal(std::move(result)), HasSubstr("two credentials"));
  EXPECT_THAT(refusal(WorkerResult{.code = REGCRED_OK}), HasSubstr("without a credential"));
}

// Registries read "user:password" up to the first ':'.
TEST_F(Judge, M4_a_username_is_one_and_stays_the_one_that_is_meant) {
  for (const char *name : {"a:b", ":", "user:", ":user"}) {
    WorkerResult result = answer_for("reg.io:5000");
    result.auth[0].username = name;
    EXPECT_THAT(refusal(std::move(result)), HasSubstr("a username with ':'")) << name;
  }
  for (const char *name : {"user", "a b", "AWS", "00000000-0000-0000-0000-000000000000", "\xC3\xBC", "robot$a+b"}) {
    WorkerResult result = answer_for("reg.io:5000");
    result.auth[0].username = name;
    EXPECT_EQ(refusal(std::move(result)), "accepted") << name;
  }
}

TEST_F(Judge, L2_what_a_terminal_would_obey_is_in_no_answer) {
  for (const char *text : {"\xC2\x9B[2J", "a\xE2\x80\xAE", "\xE2\x80\xA8", "a\xE2\x80\xA9z", "\xE2\x81\xA6", "a\tb"}) {
    WorkerResult result = answer_for("reg.io:5000");
    result.auth[0].username = text;
    EXPECT_THAT(refusal(std::move(result)), HasSubstr("a username with control characters")) << text;
    result = answer_for("reg.io:5000");
    result.auth[0].password = Secret(text);
    EXPECT_THAT(refusal(std::move(result)), HasSubstr("a password with control characters")) << text;
  }
  WorkerResult result = answer_for("reg.io:5000");
  result.auth[0].password = Secret("a:b \xC3\xBC \xE2\x82\xAC");
  EXPECT_EQ(refusal(std::move(result)), "accepted");
}

TEST_F(Judge, the_code_alone_decides_the_exit_status) {
  const std::pair<std::int32_t, ErrorCode> rows[] = {{REGCRED_BAD_CONFIG, ErrorCode::config},
                                                     {REGCRED_BAD_REQUEST, ErrorCode::backend},
                                                     {REGCRED_DENIED, ErrorCode::backend},
                                                     {REGCRED_UNAVAILABLE, ErrorCode::backend},
                                                     {REGCRED_THROTTLED, ErrorCode::backend},
                                                     {REGCRED_TIMEOUT, ErrorCode::deadline},
                                                     {REGCRED_BAD_UPSTREAM, ErrorCode::backend},
                                                     {REGCRED_INTERNAL, ErrorCode::backend},
                                                     {-1, ErrorCode::backend},
                                                     {12345, ErrorCode::backend}};
  for (const auto &[code, expected] : rows) {
    WorkerResult result = answer_for("reg.io:5000");  // credentials beside an error count for nothing
    result.code = code;
    result.text = "why";
    const Result<Verdict> verdict = judge(std::move(result));
    ASSERT_FALSE(verdict) << code;
    EXPECT_EQ(verdict.error().code, expected) << code;
    EXPECT_EQ(verdict.error().where, "registry \"x\" (backend y)");
  }
}

TEST_F(Judge, L1_the_backends_text_is_redacted_and_printable) {
  const Result<Verdict> verdict =
      judge(WorkerResult{.code = REGCRED_DENIED,
                         .text = "no \x1b[2J the-pods-own-token \xff eyJhbGciOiJub25lIn0.eyJhIjoiYiJ9.c2lnbmF0dXJl"});
  ASSERT_FALSE(verdict);
  EXPECT_THAT(verdict.error().what, Not(HasSubstr("the-pods-own-token")));
  EXPECT_THAT(verdict.error().what, Not(HasSubstr("c2lnbmF0dXJl")));
  EXPECT_EQ(verdict.error().what.find('\x1b'), std::string::npos);
}

TEST_F(Judge, a_throttled_caller_is_told_until_when) {
  const Result<Verdict> verdict = judge(WorkerResult{.code = REGCRED_THROTTLED, .retry_after_seconds = 3304});
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().cure, "wait until 2026-09-21 15:08:24Z (3304 s)");
}

}  // namespace
}  // namespace regcred::core
