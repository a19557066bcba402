// One function per sub-command. Each gives what goes to standard output; main prints it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command_line.hpp"
#include "cli/terminal.hpp"
#include "common/result.hpp"
#include "config/environment.hpp"
#include "record/request_record.hpp"
#include "services/clock/clock.hpp"

namespace regcred::core {

// The world of one run, made by main.
struct Context {
  std::string program_name;  // basename of argv[0]: decides drop-in mode, nothing else
  const Environment &environment;
  Clock &clock;
  std::int64_t started_ms = 0;  // monotonic: the deadline counts from here
  int input_fd = 0;             // where a request is read from
  int error_fd = 2;             // where log lines go when a log level is set, and progress on a terminal
  Terminal terminal{};
};

// What a command has to show. Both parts may be there: a complete document, and the reason of a non-zero exit status.
struct Output {
  std::string text;
  std::optional<Error> error;
  std::optional<RequestRecord> record{};  // of a kubelet's request, when the configuration wants it kept
};

// Answers one kubelet request (cli/answer.cpp). `text` holds passwords: the caller wipes it.
[[nodiscard]] Output answer_command(const Command &command, const Context &context);

// The same by hand: token from a file or from kubectl, and the answer in a form for people or programs (cli/get.cpp).
// `text` holds a password when show_secrets is set.
[[nodiscard]] Output get_command(const Command &command, const Context &context);

// Which entry answers an image and why the others do not; with the kubelet's configuration, whether the kubelet would
// call regcred at all (cli/explain.cpp). No network.
[[nodiscard]] Output explain_command(const Command &command, const Context &context);

// Everything that is wrong with the configuration, the backends' files and the kubelet's side (cli/check/check.cpp).
// No network.
[[nodiscard]] Output check_command(const Command &command, const Context &context);

// Each step from the token to the registry's login, and the likely cure of what fails (cli/doctor/doctor.cpp).
[[nodiscard]] Output doctor_command(const Command &command, const Context &context);

// The installed backends (cli/backends.cpp).
[[nodiscard]] Output backends_command(const Command &command, const Context &context);

// What a cluster needs, made from the configuration (cli/generate/generate.cpp).
[[nodiscard]] Output generate_command(const Command &command, const Context &context);

// Links to this program under the names that the kubelet's configuration uses (cli/install_links.cpp).
[[nodiscard]] Output install_links_command(const Command &command, const Context &context);

// A completion script (cli/completion.cpp). Reads no configuration.
[[nodiscard]] Output completion_command(const Command &command);

// Writes a project for a new backend and tells how to build it (cli/new_backend.cpp). Reads no configuration.
[[nodiscard]] Output new_backend_command(const Command &command);

// Name, version and what it speaks (cli/version.cpp). Reads no configuration.
[[nodiscard]] Output version_command(const Command &command);

}  // namespace regcred::core
