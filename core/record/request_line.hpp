// SPDX-License-Identifier: Apache-2.0
// A RequestRecord as the bytes of one datagram. Pure functions.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "record/request_record.hpp"

namespace regcred::core {

// One line for people and for programs that read key=value (logfmt): a value with a space, quote, '=' or backslash
// stands in quotes. What is empty or does not apply is left out. All of it printable, no newline, at most 8 KiB:
//   image=docker.cloudsmith.io/acme/app registry=cloudsmith backend=cloudsmith serviceAccount=team-a/default
//   outcome=ok cacheKeyType=Registry cacheDuration=6480s milliseconds=212 exitStatus=0
[[nodiscard]] std::string request_line(const RequestRecord &record);

// For systemd-journald, in its native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): the line as MESSAGE, each
// of its values as a field of its own (serviceAccount: REGCRED_SERVICE_ACCOUNT), SYSLOG_IDENTIFIER=regcred and
// PRIORITY: 6 (info) for an answer, 3 (err) for a failure.
[[nodiscard]] std::string journald_datagram(const RequestRecord &record);

// For the local syslog socket, as syslog(3) writes it (RFC 3164, section 4.1, without host): facility daemon, severity
// as above, local time, "regcred[PID]: " and the line.
[[nodiscard]] std::string syslog_datagram(const RequestRecord &record, std::int64_t unix_ms, pid_t pid);

}  // namespace regcred::core
