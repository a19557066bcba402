// SPDX-License-Identifier: Apache-2.0
#include "record/request_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "unit/record/record_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RequestLine, golden_line_of_an_answer) {
  EXPECT_EQ(request_line(answered()),
            "image=docker.cloudsmith.io/acme/app registry=cloudsmith backend=cloudsmith serviceAccount=team-a/default "
            "outcome=ok cacheKeyType=Registry cacheDuration=6480s milliseconds=212 exitStatus=0");
}

TEST(RequestLine, golden_line_of_a_failure) {
  const RequestRecord record =
      failed({ErrorCode::backend, "registry \"a\" (backend b)", "denied: no such org", "look"});
  EXPECT_EQ(request_line(record),
            "image=docker.cloudsmith.io/acme/app outcome=backend milliseconds=3 exitStatus=6 "
            R"(error="registry \"a\" (backend b): denied: no such org; look")");
}

TEST(RequestLine, an_answer_without_credentials_or_without_a_life_says_so) {
  RequestRecord record = answered();
  record.with_credentials = false;
  record.cache_duration.reset();
  record.cache_key_type = CacheKeyType::image;
  conclude(record, std::nullopt, 5);
  EXPECT_THAT(request_line(record), HasSubstr("outcome=no_credentials cacheKeyType=Image milliseconds=5 exitStatus=0"));
}

TEST(RequestLine, an_answer_that_nobody_could_read_is_a_failure_without_a_cache_hint) {
  RequestRecord record = answered();
  conclude(record, Error{ErrorCode::internal, "standard output", "cannot be written: Broken pipe", ""}, 9);
  EXPECT_THAT(request_line(record), HasSubstr("outcome=internal milliseconds=9 exitStatus=8 error="));
  EXPECT_EQ(record.answer_bytes, 0U);
}

TEST(RequestLine, says_what_the_nodes_memory_did) {
  RequestRecord record = answered();
  record.cache = "hit";
  record.cache_age = std::chrono::seconds(12);
  EXPECT_THAT(request_line(record), HasSubstr("cacheDuration=6480s cache=hit cacheAge=12s milliseconds=212"));
  record.cache = "miss";
  record.cache_age.reset();
  record.cache_corrupt = true;
  EXPECT_THAT(request_line(record), HasSubstr("cache=miss cacheCorrupt=true milliseconds=212"));
  EXPECT_THAT(journald_datagram(record), HasSubstr("\nREGCRED_CACHE=miss\n"));
}

TEST(RequestLine, every_code_has_a_name_and_its_exit_status) {
  const std::pair<ErrorCode, std::string> table[] = {
      {ErrorCode::usage, "outcome=usage milliseconds=3 exitStatus=2"},
      {ErrorCode::config, "outcome=config milliseconds=3 exitStatus=3"},
      {ErrorCode::no_match, "outcome=no_match milliseconds=3 exitStatus=4"},
      {ErrorCode::backend_load, "outcome=backend_load milliseconds=3 exitStatus=5"},
      {ErrorCode::backend, "outcome=backend milliseconds=3 exitStatus=6"},
      {ErrorCode::deadline, "outcome=deadline milliseconds=3 exitStatus=7"},
      {ErrorCode::internal, "outcome=internal milliseconds=3 exitStatus=8"},
  };
  for (const auto &[code, words] : table) EXPECT_THAT(request_line(failed({code, "w", "x", ""})), HasSubstr(words));
}

TEST(RequestLine, hostile_text_cannot_break_the_line_or_forge_a_field) {
  RequestRecord record = answered();
  record.image = "reg.io/a\nREGCRED_OUTCOME=forged\x1b[2J";
  record.service_account = "a/b outcome=ok \"quoted\" \\";
  const std::string line = request_line(record);
  EXPECT_THAT(line, HasSubstr(R"(image="reg.io/a\\nREGCRED_OUTCOME=forged\\x1b[2J" )"));
  EXPECT_THAT(line, HasSubstr(R"(serviceAccount="a/b outcome=ok \"quoted\" \\" )"));
  const std::string journald = journald_datagram(record);
  EXPECT_THAT(journald, Not(HasSubstr("\nREGCRED_OUTCOME=forged")));
  EXPECT_THAT(journald, Not(HasSubstr("\x1b")));
}

TEST(RequestLine, every_text_is_bounded) {
  RequestRecord record = failed({ErrorCode::backend, std::string(5000, 'w'), std::string(5000, 'x'), ""});
  for (std::string *text :
       {&record.image, &record.registry, &record.backend, &record.service_account, &record.metrics_error}) {
    *text = std::string(100'000, '"');
  }
  EXPECT_LE(request_line(record).size(), 8192U);
}

TEST(RequestLine, golden_datagram_for_journald) {
  EXPECT_EQ(journald_datagram(answered()), "MESSAGE=" + request_line(answered()) +
                                               "\nPRIORITY=6\nSYSLOG_IDENTIFIER=regcred\n"
                                               "REGCRED_IMAGE=docker.cloudsmith.io/acme/app\n"
                                               "REGCRED_REGISTRY=cloudsmith\n"
                                               "REGCRED_BACKEND=cloudsmith\n"
                                               "REGCRED_SERVICE_ACCOUNT=team-a/default\n"
                                               "REGCRED_OUTCOME=ok\n"
                                               "REGCRED_CACHE_KEY_TYPE=Registry\n"
                                               "REGCRED_CACHE_DURATION=6480s\n"
                                               "REGCRED_MILLISECONDS=212\n"
                                               "REGCRED_EXIT_STATUS=0\n");
  EXPECT_THAT(journald_datagram(failed({ErrorCode::deadline, "w", "x", ""})),
              HasSubstr("\nPRIORITY=3\nSYSLOG_IDENTIFIER=regcred\n"));
}

TEST(RequestLine, golden_datagram_for_syslog) {
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  EXPECT_EQ(syslog_datagram(answered(), 1'700'000'000'999, 42),
            "<30>Nov 14 22:13:20 regcred[42]: " + request_line(answered()));
  EXPECT_THAT(syslog_datagram(failed({ErrorCode::deadline, "w", "x", ""}), 1'699'000'000'000, 42),
              ::testing::StartsWith("<27>Nov  3 08:26:40 regcred[42]: image="));
}

}  // namespace
}  // namespace regcred::core
