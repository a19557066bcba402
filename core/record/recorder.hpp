// SPDX-License-Identifier: Apache-2.0
// Writes the record of one request to where the configuration says. START HERE in this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "record/request_record.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// The sockets of the two logs; others in tests, which outlive the call.
struct LogSockets {
  std::string_view journald = "/run/systemd/journal/socket";
  std::string_view syslog = "/dev/log";
};
// Made by whoever calls record_request(), so outside of what it catches: a second line of error would follow the first.
static_assert(std::is_nothrow_default_constructible_v<LogSockets>);

// Concludes `record` (conclude() in request_record.hpp) and writes it to the metrics file, to the spool of events and
// to the log that record.destinations names, in this order; to the spool only without credentials, for a known pod. To
// be called when the kubelet has its answer and waits only for the exit of the process: takes a few milliseconds, and
// at most 200 more when other processes hold the metrics file. Never fails: a log that is absent, full or of another
// kind, and a file that cannot be written, lose that record and have no other effect. Opens nothing that is not
// configured, except for the one line of RequestLog::unanswered.
void record_request(RequestRecord record, const std::optional<Error> &failure, std::int64_t milliseconds, Clock &clock,
                    const LogSockets &sockets = {}) noexcept;

// Sends one datagram to the socket at `path`. False, at once, when nobody listens there or its queue is full.
[[nodiscard]] bool send_datagram(std::string_view path, std::string_view bytes) noexcept;

}  // namespace regcred::core
