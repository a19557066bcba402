// SPDX-License-Identifier: Apache-2.0
// The error for a program that failed. It never quotes the program's output, which may hold secrets.
#pragma once

#include <regcred/process.hpp>
#include <regcred/result.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>

#include "options.hpp"

namespace exec_backend {

[[nodiscard]] inline std::string named(const std::string &program) {
  return "the program " + regcred::shown(program, 160);
}

// Why a login is of no use to a container runtime; empty when it is.
[[nodiscard]] inline std::string_view fault_of(std::string_view username, std::string_view password) {
  if (username.empty() || password.empty()) return "an empty username or password, which container runtimes ignore";
  // RFC 7617, section 2: there a registry reads the password.
  return username.find(':') == std::string_view::npos ? "" : "a ':' in the username";
}

// For a run that ended with another status than 0.
[[nodiscard]] inline tl::unexpected<regcred::Failure> failed_run(const Options &options,
                                                                 const regcred::ProgramResult &end) {
  const std::string how = end.signal != 0 ? "was ended by signal " + std::to_string(end.signal)
                                          : "failed with exit status " + std::to_string(end.exit_status);
  return regcred::failure(regcred::Code::unavailable,
                          named(options.program) + " " + how +
                              "; its words are not shown, since they may hold a secret: run it by hand, as root, with "
                              "the variables of settings.env and the same input");
}

}  // namespace exec_backend
