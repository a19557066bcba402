// SPDX-License-Identifier: Apache-2.0
// regcred. How one request is answered: cli/answer.cpp.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <regcred/secret.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.hpp"
#include "common/text.hpp"
#include "common/write_all.hpp"
#include "config/environment.hpp"
#include "record/recorder.hpp"
#include "services/clock/clock.hpp"
#include "worker/sandbox.hpp"

namespace {

using namespace regcred::core;

// The end where nothing can be caught: an allocation that fails before main, where libraries make objects, or inside a
// function that promised not to throw. Allocates nothing.
[[noreturn]] void terminate_with_message() noexcept {
  [[maybe_unused]] const bool written =
      write_all(STDERR_FILENO,
                "regcred: process: ended by an exception that nobody could handle, most likely out of memory; see the "
                "memory limits of the kubelet's unit\n");
  ::_exit(exit_status(ErrorCode::internal));
}

// 101: before all other objects of the program are made (the numbers below are the compiler's own).
// guard: terminate-handler
__attribute__((constructor(101))) void install_terminate_handler() { std::set_terminate(terminate_with_message); }

int report(const Error &error) {
  [[maybe_unused]] const bool written = write_all(STDERR_FILENO, one_line(error));
  return exit_status(error.code);
}

// Writes what a command has to show to standard output, and wipes it. Gives the error that remains to be reported.
std::optional<Error> write_output(Output &output) {
  const bool written = write_all(STDOUT_FILENO, output.text);
  const int reason = errno;
  regcred::wipe(output.text);
  if (output.error || written) return std::move(output.error);  // guard: answer-written
  return Error{ErrorCode::internal, "standard output", std::string("cannot be written: ") + std::strerror(reason),
               "see who reads it"};
}

int regcred_main(int argc, char **argv) {
  SystemClock clock;
  const std::int64_t started_ms = clock.monotonic_ms();
  if (const Status hardened = harden_process(); !hardened) return report(hardened.error());

  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  const Result<CommandLine> line = parse_command_line(arguments, ::isatty(STDIN_FILENO) != 0);
  if (!line) return report(line.error());

  const Environment environment = process_environment();
  const char *name = argc > 0 ? ::basename(argv[0]) : "regcred";
  const Terminal terminal = detect_terminal(environment, STDOUT_FILENO, STDERR_FILENO);
  Output output = line->run({name, environment, clock, started_ms, STDIN_FILENO, STDERR_FILENO, terminal, line->options,
                             argc > 0 ? argv[0] : "regcred"});
  const std::optional<Error> failure = write_output(output);
  const int status = failure ? report(*failure) : output.status;  // guard: exit-status
  if (output.record) {                                            // only now that the kubelet has its answer
    record_request(std::move(*output.record), failure, clock.monotonic_ms() - started_ms, clock);
  }
  return status;
}

}  // namespace

int main(int argc, char **argv) {
  try {
    return regcred_main(argc, argv);
  } catch (const std::bad_alloc &) {
    return report({ErrorCode::internal, "process", "out of memory", "see the memory limits of the kubelet's unit"});
  } catch (const std::exception &) {
    // what() of an unforeseen exception may quote input, so it is not shown.
    return report(
        {ErrorCode::internal, "process", "an unforeseen exception", "report this to the maintainers of regcred"});
  }
}
