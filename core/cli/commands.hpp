// SPDX-License-Identifier: Apache-2.0
// The sub-commands as values. START HERE in this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "common/host_root.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"
#include "record/request_record.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// What --log-level takes.
inline constexpr const char *log_level_names[] = {"off", "error", "warn", "info", "debug"};

// The options that every command takes.
struct CommonOptions {
  std::optional<std::string> config_path;  // --config: replaces the default places
  std::optional<std::string> log_level;    // --log-level: off, error, warn, info, debug; overrides the configuration
  bool in_process = false;                 // --in-process
};

// What main gives to every command.
struct Context {
  std::string program_name;  // basename of argv[0]: decides drop-in mode, nothing else
  const Environment &environment;
  Clock &clock;
  std::int64_t started_ms = 0;  // monotonic: the deadline of a kubelet's request counts from here
  int input_fd = 0;             // where a request is read from
  int error_fd = 2;             // where log lines go when a log level is set, and progress on a terminal
  Terminal terminal{};
  CommonOptions options{};
  std::string called_as{};  // argv[0]
  HostRoot root{};          // below which the default places of the configuration are
};

// What a command writes to standard output, and the error that becomes the exit status. Both may be there.
struct Output {
  std::string text;
  std::optional<Error> error;
  std::optional<RequestRecord> record{};  // of a kubelet's request, when the configuration asks for records
  int status = 0;                         // the exit status without an error
};

// A command whose options have been read.
using Run = std::function<Output(const Context &)>;

// One sub-command. `declare` adds its options to `parser` and returns what runs it; the values of the options belong to
// that function, which is called after the command line was parsed.
struct Command {
  const char *name;     // as it is typed
  const char *summary;  // one line of --help
  Run (*declare)(ArgumentParser &parser);
};

// The only list of sub-commands, in the order of --help. `x` stands for the value x_command, which a file defines:
//   const Command x_command = {"x", "What it does", declare};
#define REGCRED_COMMANDS(COMMAND) \
  COMMAND(get)                    \
  COMMAND(explain)                \
  COMMAND(check)                  \
  COMMAND(doctor)                 \
  COMMAND(audit)                  \
  COMMAND(backends)               \
  COMMAND(generate)               \
  COMMAND(install_links)          \
  COMMAND(node)                   \
  COMMAND(cache)                  \
  COMMAND(completion)             \
  COMMAND(new_backend)            \
  COMMAND(version)

#define REGCRED_DECLARE_COMMAND(name) extern const Command name##_command;
REGCRED_COMMANDS(REGCRED_DECLARE_COMMAND)
#undef REGCRED_DECLARE_COMMAND

// Declares `parts` as the sub-commands of a command, of which one must be given. Gives what runs the one that was.
[[nodiscard]] Run declare_parts(ArgumentParser &parser, std::span<const Command *const> parts);

// Declares the common options and all commands. Without a command, `chosen` stays as it is.
void declare_command_line(CLI::App &app, CommonOptions &options, Run &chosen);

// Without a command: answers one kubelet request (answer.cpp). The text holds passwords: the caller wipes it.
[[nodiscard]] Output answer_kubelet(const Context &context);

// Name, version and what it speaks (version.cpp): `regcred version` and --version.
[[nodiscard]] Output print_version(bool as_json);

}  // namespace regcred::core
