// SPDX-License-Identifier: Apache-2.0
#include "match/pattern_lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/pattern.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

struct Row {
  const char *pattern;
  const char *rule;  // of the one finding
  Severity severity;
  const char *cure;
};

TEST(PatternLint, names_what_is_hardly_meant) {
  const Row table[] = {
      {"https://reg.io", "pattern-scheme", Severity::error, "write \"reg.io\""},
      {"http://reg.io/team/", "pattern-scheme", Severity::error, "write \"reg.io/team/\""},
      {"reg.io/*", "pattern-path-glob", Severity::error, "\"reg.io\" matches"},
      {"reg.io/team/*", "pattern-path-glob", Severity::error, "\"reg.io/team/\" matches"},
      {"reg.io/team/app*", "pattern-path-glob", Severity::error, "\"reg.io/team/\" matches"},
      {"reg.io/team/app:1.2", "pattern-tag", Severity::error, "write \"reg.io/team/app\""},
      {"reg.io/app@sha256:00", "pattern-tag", Severity::error, "write \"reg.io/app\""},
      {"", "pattern-never", Severity::error, "host"},
      {"/team", "pattern-never", Severity::error, "host"},
      {"nginx", "pattern-short-name", Severity::error, "write docker.io/library/nginx"},
      {"team/app/", "pattern-short-name", Severity::error, "write docker.io/team/app/"},
      {"index.docker.io", "pattern-docker-hub", Severity::error, "write docker.io"},
      {"registry-1.docker.io/team/", "pattern-docker-hub", Severity::error, "write docker.io"},
      {"hub.docker.com", "pattern-docker-hub", Severity::error, "write docker.io"},
      {"*", "pattern-catch-all", Severity::warning, "\"*.*\""},
      {"Reg", "pattern-upper-case", Severity::warning, "lower case"},
      {"Reg.io", "pattern-upper-case", Severity::warning, "lower case"},
      {"reg.io/Team/", "pattern-upper-case", Severity::error, "lower case"},
      {"*.dkr.ecr.cn-north-1.amazonaws.com", "pattern-ecr-china", Severity::error, "add .cn"},
      {"reg.io/team", "pattern-prefix", Severity::note, "end it with /"},
  };
  for (const Row &row : table) {
    const std::vector<Finding> findings = lint_pattern(row.pattern);
    ASSERT_EQ(findings.size(), 1U) << row.pattern;
    EXPECT_EQ(findings[0].rule, row.rule) << row.pattern;
    EXPECT_EQ(findings[0].severity, row.severity) << row.pattern;
    EXPECT_THAT(findings[0].cure, HasSubstr(row.cure)) << row.pattern;
    EXPECT_TRUE(validate_pattern(row.pattern)) << row.pattern;
  }
}

TEST(PatternLint, what_is_hardly_meant_matches_nothing_it_names) {
  for (const char *pattern : {"https://reg.io", "reg.io/*", "reg.io/team/app:1.2", "", "index.docker.io"}) {
    EXPECT_FALSE(match_pattern(pattern, ImageReference("reg.io/team/app")).matches()) << pattern;
  }
}

TEST(PatternLint, is_silent_about_sound_patterns) {
  for (const char *pattern :
       {"reg.io", "*.example.com", "reg.io:5000", "docker.io", "docker.io/library/", "reg.io/team/", "reg.io/team/app",
        "[::1]:5000", "127.0.0.1:5000", "localhost", "registry:5000", "*.*", "*.dkr.ecr.eu-west-1.amazonaws.com",
        "*.dkr.ecr.cn-north-1.amazonaws.com.cn"}) {
    EXPECT_TRUE(lint_pattern(pattern).empty()) << pattern << ": " << lint_pattern(pattern)[0].what;
  }
}

TEST(PatternLint, docker_hub_by_name_alone_is_an_account) {
  std::vector<std::string> rules;
  for (const Finding &finding : lint_pattern("docker.io/nginx")) rules.push_back(finding.rule);
  EXPECT_THAT(rules, ::testing::ElementsAre("pattern-docker-hub", "pattern-prefix"));
}

}  // namespace
}  // namespace regcred::core
