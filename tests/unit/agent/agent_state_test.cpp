// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(AgentState, is_read_as_it_was_written) {
  AgentState state{{"a \"b\"", "c"}, "/run/x.prom", {1, 2, 3, 4, 5, 6}, false};
  const std::optional<AgentState> read = parse_state(state_line(state));
  ASSERT_TRUE(read);
  EXPECT_EQ(state_line(*read), state_line(state));
  for (const char *damaged : {"", "{}", "[]", "x", R"({"obstacles":1})"}) EXPECT_FALSE(parse_state(damaged)) << damaged;
}

TEST(AgentState, L3_is_shown_to_prometheus) {
  EXPECT_THAT(agent_metrics({{"x"}, "", {1, 2, 3, 4, 5, 6}, false}),
              AllOf(HasSubstr("\nregcred_agent_ready 0\n"),
                    HasSubstr("# TYPE regcred_agent_events_total counter\n"
                              "regcred_agent_events_total{result=\"posted\"} 1\n"
                              "regcred_agent_events_total{result=\"limited\"} 2\n"
                              "regcred_agent_events_total{result=\"rejected\"} 3\n"
                              "regcred_agent_events_total{result=\"invalid\"} 4\n"
                              "regcred_agent_events_total{result=\"dropped\"} 5\n"),
                    HasSubstr("\nregcred_agent_spool_files 6\n"), HasSubstr("\nregcred_agent_can_post 0\n")));
}

}  // namespace
}  // namespace regcred::core
