// SPDX-License-Identifier: Apache-2.0
// Events on their way to the API server.
#pragma once

#include <cstdint>
#include <string>

#include "agent/pod_event.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// What the API server said, or why it said nothing.
struct ApiAnswer {
  int status = 0;                         // 0: no answer
  std::string message = {};               // of its Status object, or why there is no answer: printable, one line
  std::int64_t retry_after_seconds = -1;  // -1: it names none
};

// Interface. Real: ApiServer. In tests: scripted.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink &) = delete;
  EventSink &operator=(const EventSink &) = delete;
  virtual ~EventSink() = default;

  [[nodiscard]] virtual ApiAnswer create(const PodEvent &event) = 0;
  [[nodiscard]] virtual ApiAnswer patch(const PodEvent &event) = 0;
};

struct ApiServerParts {
  std::string url;                // https://10.96.0.1:443
  std::string token_file;         // read for each call, since it rotates
  std::string ca_file;            // the only trusted root
  std::string node;               // host of the events
  std::string library_directory;  // of this installation
};

// Each call in a worker, with a connection of its own and at most 10 s. The token is in memory during the call alone.
class ApiServer final : public EventSink {
 public:
  ApiServer(ApiServerParts parts, Clock &clock) : parts_(std::move(parts)), clock_(clock) {}

  [[nodiscard]] ApiAnswer create(const PodEvent &event) override;
  [[nodiscard]] ApiAnswer patch(const PodEvent &event) override;

 private:
  [[nodiscard]] ApiAnswer send(std::string_view method, const std::string &path, const std::string &type,
                               const std::string &body);

  ApiServerParts parts_;
  Clock &clock_;
};

}  // namespace regcred::core
