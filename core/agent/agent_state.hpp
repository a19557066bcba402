// SPDX-License-Identifier: Apache-2.0
// What the agent knows of itself: from the process that works to the process that answers probes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event_poster.hpp"

namespace regcred::core {

struct AgentState {
  std::vector<std::string> obstacles;  // why the node is not ready; printable
  std::string metrics_file;            // empty: none
  EventCounts events;
  bool can_post = true;  // nothing is known to stand in the way
};

// One line of JSON, and back. Empty for what the first does not write.
[[nodiscard]] std::string state_line(const AgentState &state);
[[nodiscard]] std::optional<AgentState> parse_state(std::string_view line);

// regcred_agent_* in Prometheus' text format: ready, events by result, files that wait, whether events can be posted.
[[nodiscard]] std::string agent_metrics(const AgentState &state);

}  // namespace regcred::core
