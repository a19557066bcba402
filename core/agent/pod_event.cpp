// SPDX-License-Identifier: Apache-2.0
#include "agent/pod_event.hpp"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <regcred/time.hpp>

namespace regcred::core {
namespace {

using Json = nlohmann::json;

// metav1.Time.
std::string time_text(std::int64_t unix_ms) { return regcred::rfc3339_text(unix_ms / 1000); }

std::string dumped(const Json &document) { return document.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string event_name(const PodName &pod, std::int64_t unix_ns) {
  constexpr std::size_t pod_bytes_max = 253 - 1 - 16;  // of a name, with '.' and the digits
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<std::uint64_t>(unix_ns), 16);
  std::string name = pod.name.substr(0, pod_bytes_max);
  while (name.ends_with('.') || name.ends_with('-')) name.pop_back();
  return name + '.' + std::string(digits.data(), end.ptr);
}

std::string event_json(const PodEvent &event, const std::string &node) {
  return dumped({{"apiVersion", "v1"},
                 {"kind", "Event"},
                 {"metadata", {{"name", event.name}, {"namespace", event.pod.name_space}}},
                 {"involvedObject",
                  {{"apiVersion", "v1"},
                   {"kind", "Pod"},
                   {"namespace", event.pod.name_space},
                   {"name", event.pod.name},
                   {"uid", event.pod.uid}}},
                 {"type", "Warning"},
                 {"reason", event_reason},
                 {"message", event.message},
                 {"source", {{"component", event_component}, {"host", node}}},
                 {"reportingComponent", event_component},
                 {"reportingInstance", node},
                 {"firstTimestamp", time_text(event.first_unix_ms)},
                 {"lastTimestamp", time_text(event.last_unix_ms)},
                 {"count", event.count}});
}

std::string event_patch_json(const PodEvent &event) {
  return dumped({{"message", event.message}, {"lastTimestamp", time_text(event.last_unix_ms)}, {"count", event.count}});
}

}  // namespace regcred::core
