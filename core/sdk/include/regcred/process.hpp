// SPDX-License-Identifier: Apache-2.0
// Programs for backends, through the host: who may write to the file, its SHA-256, environment, descriptors, limits and
// the end of everything that the program started are the host's part. Of use to a backend that declares it:
// BackendInfo::runs_programs.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <map>
#include <regcred/host.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regcred {

// One run. What breaks a rule below ends it with BAD_REQUEST, before anything is started.
struct ProgramRun {
  std::string path;    // absolute; also the program's argv[0]. A script runs by its #! line, and no shell is involved
  std::string sha256;  // of the file, 64 lower-case hex digits; empty: not compared
  // Behind argv[0]: at most 64. With the variables at most 64 KiB, and no secret in either: every user of the node can
  // read them.
  std::vector<std::string> arguments;
  // At most 64, beside PATH, LANG and, where the operator wants it, the proxy variables; a name that is here wins.
  std::map<std::string, std::string> environment;
  Secret input;  // the whole of standard input, at most 1 MiB; may hold the token
  // From start to end. 0: until two seconds before the request's deadline, which is the latest in any case.
  std::chrono::milliseconds timeout{0};
};

// A program that ran and ended by itself. Owns its bytes.
struct ProgramResult {
  int exit_status = -1;  // 0 to 255; -1 when a signal ended it
  int signal = 0;        // that signal; 0: none
  Secret output;         // standard output, at most 1 MiB; may hold a password. Standard error was dropped
};

// The rules above one by one, for a backend that takes them from its settings and refuses a wrong one in create().
inline constexpr std::size_t program_path_bytes_max = 4096;
inline constexpr std::size_t program_items_max = 64;                // of arguments, and of variables
inline constexpr std::size_t program_items_bytes_max = 64U << 10U;  // of both together
inline constexpr std::size_t program_input_bytes_max = 1U << 20U;
// An absolute path without NUL.
[[nodiscard]] inline bool is_program_path(std::string_view path) noexcept;
// 64 lower-case hex digits, as sha256sum(1) prints them.
[[nodiscard]] inline bool is_sha256(std::string_view text) noexcept;
// Letters, digits and _, not a digit first (POSIX, Base Definitions 8.1).
[[nodiscard]] inline bool is_variable_name(std::string_view name) noexcept;

// Runs programs through a host. Copies refer to the same host, which must outlive them.
class Process {
 public:
  explicit Process(const Host &host) noexcept;

  // Starts the program and waits for its end; what it leaves running is killed. Gives the result, whatever its status.
  //
  // Otherwise fails with the host's code and one line for the operator, fit to be handed on: bad_request, bad_config
  // (the file is missing, others could change it, another SHA-256, not executable), timeout (it was killed, or no time
  // was left), bad_upstream (too much output), unavailable (no process can be started), internal (a host without the
  // service, a backend that does not declare its use, or no memory).
  [[nodiscard]] Result<ProgramResult> run(const ProgramRun &program) const;

 private:
  const regcred_process_v1 *service_;  // null on a host without it
};

}  // namespace regcred

#include <regcred/detail/process_impl.hpp>
#include <regcred/detail/program_rules.hpp>
