// SPDX-License-Identifier: Apache-2.0
// Steps about the exchange: whom the backend asks, the connection to it phase by phase, and the real exchange.
#pragma once

#include <string>
#include <vector>

#include "cli/bypass.hpp"
#include "cli/doctor/network.hpp"
#include "cli/doctor/report.hpp"

namespace regcred::core {

inline const std::vector<std::string> connection_steps = {"exchange-host", "exchange-name", "exchange-connection",
                                                          "exchange-tls"};

// The step `exchange-memory`, when there is something to say: what pulls on this node go by and this exchange does not.
void report_bypassed(const Bypassed &bypassed, const Config &config, DoctorReport &report);

// Finds the host by a dry run of the backend (nothing is sent), and goes as far as TLS. False when an exchange cannot
// succeed.
bool examine_connection(const BackendJob &job, DoctorNetwork &network, DoctorReport &report);

// After an exchange of several calls that ended without a response, as its `trace` at level debug shows: the connection
// to the last host, phase by phase, when it is not the one that examine_connection() has tried.
void examine_last_host(const std::vector<std::string> &trace, DoctorNetwork &network, DoctorReport &report);

// One step for each call of the exchange that was made, in order: whom, where, status or failure, and how long it took.
// Of an exchange that failed, the last call without a good answer has failed, too.
void report_calls(const std::vector<HttpCall> &calls, bool exchange_failed, DoctorReport &report);

// Whether examine_connection() found that the backend asks nobody.
[[nodiscard]] bool asks_nobody(const DoctorReport &report);

// The step of the exchange that was made. `trace` are its lines at level debug.
void report_exchange(const Answered &answered, const std::vector<std::string> &trace, DoctorReport &report);

}  // namespace regcred::core
