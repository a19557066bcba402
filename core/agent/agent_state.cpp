// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_state.hpp"

#include <nlohmann/json.hpp>

#include "record/metrics.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

// The one list of counts, for the line and for Prometheus.
template <class Counts, class Visit>
void each_count(Counts &counts, const Visit &visit) {
  visit("posted", counts.posted);
  visit("limited", counts.limited);
  visit("rejected", counts.rejected);
  visit("invalid", counts.invalid);
  visit("dropped", counts.dropped);
}

}  // namespace

std::string state_line(const AgentState &state) {
  Json document = {{"obstacles", state.obstacles},
                   {"metricsFile", state.metrics_file},
                   {"waiting", state.events.waiting},
                   {"canPost", state.can_post}};
  each_count(state.events, [&](const char *name, std::uint64_t count) { document[name] = count; });
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::optional<AgentState> parse_state(std::string_view line) {
  const Json document = Json::parse(line, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  try {
    AgentState state;
    state.obstacles = document.at("obstacles").get<std::vector<std::string>>();
    state.metrics_file = document.at("metricsFile").get<std::string>();
    state.events.waiting = document.at("waiting").get<std::uint64_t>();
    state.can_post = document.at("canPost").get<bool>();
    each_count(state.events, [&](const char *name, std::uint64_t &count) { count = document.at(name); });
    return state;
  } catch (const Json::exception &) {
    return std::nullopt;
  }
}

std::string agent_metrics(const AgentState &state) {
  std::string text;
  append_head(text, "regcred_agent_ready", "gauge", "1: the node is as the agent's options ask for it.");
  text += std::string("regcred_agent_ready ") + (state.obstacles.empty() ? '1' : '0') + '\n';
  append_head(text, "regcred_agent_events_total", "counter",
              "Failed requests on their way to events: posts (posted, rejected), failures (limited), files (invalid, "
              "dropped).");
  each_count(state.events, [&](const char *name, std::uint64_t count) {
    text += std::string("regcred_agent_events_total{result=\"") + name + "\"} " + std::to_string(count) + '\n';
  });
  append_head(text, "regcred_agent_spool_files", "gauge", "Failed requests that wait in the spool.");
  text += "regcred_agent_spool_files " + std::to_string(state.events.waiting) + '\n';
  append_head(text, "regcred_agent_can_post", "gauge", "0: the API server did not take the last event.");
  text += std::string("regcred_agent_can_post ") + (state.can_post ? '1' : '0') + '\n';
  return text;
}

}  // namespace regcred::core
