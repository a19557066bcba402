// One function per sub-command. Each gives what goes to standard output; main prints it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command_line.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// The world of one run, made by main.
struct Context {
  std::string program_name;  // basename of argv[0]: decides drop-in mode, nothing else
  const Environment &environment;
  Clock &clock;
  std::int64_t started_ms = 0;  // monotonic: the deadline counts from here
  int input_fd = 0;             // where a request is read from
  int error_fd = 2;             // where log lines go when a log level is set
};

// What a command has to show. Both parts may be there: a complete document, and the reason of a non-zero exit status.
struct Output {
  std::string text;
  std::optional<Error> error;
};

// Answers one kubelet request (cli/answer.cpp). `text` holds passwords: the caller wipes it.
[[nodiscard]] Output answer_command(const Command &command, const Context &context);

// Which entry answers an image and why the others do not (cli/explain.cpp).
[[nodiscard]] Output explain_command(const Command &command, const Context &context);

// The installed backends (cli/backends.cpp).
[[nodiscard]] Output backends_command(const Command &command, const Context &context);

// Writes a project for a new backend and tells how to build it (cli/new_backend.cpp). Reads no configuration.
[[nodiscard]] Output new_backend_command(const Command &command);

// Name, version and what it speaks (cli/version.cpp). Reads no configuration.
[[nodiscard]] Output version_command(const Command &command);

}  // namespace regcred::core
