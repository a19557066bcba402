// SPDX-License-Identifier: Apache-2.0
#include "cli/node/agent_judges.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

std::string findings(const std::string &list) { return R"({"findings": [)" + list + "]}"; }

TEST(AgentJudges, the_first_error_of_check_counts_unless_only_the_node_can_see_it) {
  const std::string warning =
      R"({"severity": "warning", "rule": "x", "file": "a", "line": 1, "column": 1, "what": "w", "cure": ""})";
  const std::string of_machine =
      R"({"severity": "error", "rule": "ca-file", "file": "/ca.pem", "line": 0, "column": 0, "what": "m", "cure": ""})";
  const std::string error =
      R"({"severity": "error", "rule": "y", "file": "/c.yaml", "line": 3, "column": 5, "what": "is bad", "cure": "c"})";
  EXPECT_TRUE(judge_findings(findings("")));
  EXPECT_TRUE(judge_findings(findings(warning + ',' + of_machine)));
  const Status judged = judge_findings(findings(warning + ',' + of_machine + ',' + error));
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().where, "/c.yaml:3:5");
  EXPECT_EQ(judged.error().what, "is bad");
  EXPECT_EQ(judged.error().cure, "c");
  for (const char *damaged : {"", "[]", "{}", R"({"findings": 1})", "regcred: crashed"}) {
    EXPECT_EQ(judge_findings(damaged).error().code, ErrorCode::internal) << damaged;
  }
}

TEST(AgentJudges, a_node_is_ready_when_nothing_is_left_to_install) {
  EXPECT_EQ(obstacle_in_status(R"({"install": {"refusal": null, "upToDate": true}})"), "");
  EXPECT_THAT(obstacle_in_status(R"({"install": {"refusal": null, "upToDate": false}})"), HasSubstr("not up to date"));
  EXPECT_THAT(obstacle_in_status(R"({"install": {"refusal": null}})"), HasSubstr("not up to date"));
  EXPECT_THAT(obstacle_in_status(R"({"install": {"refusal": "no kubelet runs"}})"), HasSubstr("no kubelet runs"));
  for (const char *damaged : {"", "[]", "{}", R"({"install": []})"}) {
    EXPECT_THAT(obstacle_in_status(damaged), HasSubstr("gave no report")) << damaged;
  }
}

}  // namespace
}  // namespace regcred::core
