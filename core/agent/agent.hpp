// SPDX-License-Identifier: Apache-2.0
// The agent of a node: one process works (spool, configuration), and one answers probes meanwhile. START HERE in this
// folder.
#pragma once

#include <functional>
#include <string>

#include "agent/agent_state.hpp"
#include "agent/config_follower.hpp"
#include "agent/event_poster.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// What the configuration of the node says.
struct AgentSettings {
  std::string spool;         // empty: no events
  std::string metrics_file;  // empty: none
  std::string obstacle;      // why the configuration cannot be used; or empty
};

struct AgentParts {
  FollowedPlaces places;
  JudgeConfig judge;
  std::function<AgentSettings()> settings;     // read anew whenever the configuration may have changed
  std::function<std::string()> node_obstacle;  // why the node is not as `node install` would make it; may be empty
  std::string listen;                          // [ADDRESS]:PORT, or "off"
  EventSink &sink;
  Clock &clock;
  Say say;
};

// Looks at everything once: the configuration is followed, and what the spool holds is posted. Fails with
// ErrorCode::config when a configuration is refused or cannot be put, with ErrorCode::backend when events wait.
[[nodiscard]] Status run_agent_once(const AgentParts &parts);

// The same until SIGTERM or SIGINT, then ends within 2 s. Files of the spool and changes of the volumes are noticed by
// inotify(7), all else once a minute. The process that works is a child, so that a slow API server delays no probe:
//   /healthz  200 while the child reports at least every five minutes
//   /readyz   200 when nothing is in the way of the configuration, else 503 and one line for each reason
//   /metrics  the metrics file, and regcred_agent_*
// Fails when it cannot listen, and with ErrorCode::internal when the child ends.
[[nodiscard]] Status run_agent(const AgentParts &parts);

}  // namespace regcred::core
