// SPDX-License-Identifier: Apache-2.0
#include "record/recorder.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "common/unique_fd.hpp"
#include "record/event_spool.hpp"
#include "record/metrics_file.hpp"
#include "record/request_line.hpp"

namespace regcred::core {

bool send_datagram(std::string_view path, std::string_view bytes) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::copy(path.begin(), path.end(), address.sun_path);
  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // Not syslog(3): it waits for a full socket.
  return fd && ::sendto(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
                        reinterpret_cast<const sockaddr *>(&address), sizeof address) >= 0;
}

void record_request(RequestRecord record, const std::optional<Error> &failure, std::int64_t milliseconds, Clock &clock,
                    const LogSockets &sockets) noexcept {
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit that is reached is an error value, too
  try {
    conclude(record, failure, milliseconds);
    if (!record.destinations.metrics_file.empty()) {
      const Status added = add_to_metrics_file(record.destinations.metrics_file, record, clock);
      if (!added) record.metrics_error = added.error().where + ": " + added.error().what;
    }
    if (!record.destinations.event_spool.empty() && record.pod.is_known() && record.outcome != "ok") {
      const Status added = add_to_spool(record.destinations.event_spool, spool_entry(record, failure, clock.unix_ms()));
      if (!added) record.spool_error = added.error().where + ": " + added.error().what;
    }
    const RequestLog log = record.destinations.request_log;
    // guard: journal-line
    if (log == RequestLog::journald || (log == RequestLog::unanswered && record.outcome == no_credentials)) {
      [[maybe_unused]] const bool sent = send_datagram(sockets.journald, journald_datagram(record));
    }
    if (log == RequestLog::syslog) {
      const std::string datagram = syslog_datagram(record, clock.unix_ms(), ::getpid());
      [[maybe_unused]] const bool sent = send_datagram(sockets.syslog, datagram);
    }
  } catch (...) {
    // The kubelet has its answer: nothing that happens here may turn it into a failure.
  }
}

}  // namespace regcred::core
