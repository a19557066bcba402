// regcred: puts the parts together. The way of one request is in cli/answer.cpp.
#include <unistd.h>

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

#include "cli/commands.hpp"
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
[[noreturn]] void end_in_one_line() noexcept {
  [[maybe_unused]] const bool written =
      write_all(STDERR_FILENO,
                "regcred: process: ended by an exception that nobody could handle, most likely out of memory; see the "
                "memory limits of the kubelet's unit\n");
  ::_exit(exit_status(ErrorCode::internal));
}

// 101: before all other objects of the program are made (the numbers below are the compiler's own).
__attribute__((constructor(101))) void set_last_words() { std::set_terminate(end_in_one_line); }

int report(const Error &error) {
  [[maybe_unused]] const bool written = write_all(STDERR_FILENO, one_line(error));
  return exit_status(error.code);
}

Output run(const Command &command, const Context &context) {
  switch (command.action) {
    case Action::answer:
      return answer_command(command, context);
    case Action::check:
      return check_command(command, context);
    case Action::explain:
      return explain_command(command, context);
    case Action::backends:
      return backends_command(command, context);
    case Action::doctor:
      return doctor_command(command, context);
    case Action::get:
      return get_command(command, context);
    case Action::generate:
      return generate_command(command, context);
    case Action::install_links:
      return install_links_command(command, context);
    case Action::completion:
      return completion_command(command);
    case Action::new_backend:
      return new_backend_command(command);
    case Action::version:
      return version_command(command);
    case Action::help:
      return {command.help_text, std::nullopt};
  }
  return {};
}

// Writes what a command has to show to standard output, and wipes it. Gives the error that remains to be reported.
std::optional<Error> write_output(Output &output) {
  const bool written = write_all(STDOUT_FILENO, output.text);
  const int reason = errno;
  regcred::wipe(output.text);
  if (output.error || written) return std::move(output.error);
  return Error{ErrorCode::internal, "standard output", std::string("cannot be written: ") + std::strerror(reason),
               "see who reads it"};
}

int regcred_main(int argc, char **argv) {
  SystemClock clock;
  const std::int64_t started_ms = clock.monotonic_ms();
  if (const Status hardened = harden_process(); !hardened) return report(hardened.error());

  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  const Result<Command> command = parse_command_line(arguments, ::isatty(STDIN_FILENO) != 0);
  if (!command) return report(command.error());

  const ProcessEnvironment environment;
  const char *name = argc > 0 ? ::basename(argv[0]) : "regcred";
  const Terminal terminal = detect_terminal(environment, STDOUT_FILENO, STDERR_FILENO);
  Output output = run(*command, {name, environment, clock, started_ms, STDIN_FILENO, STDERR_FILENO, terminal});
  const std::optional<Error> failure = write_output(output);
  const int status = failure ? report(*failure) : 0;
  if (output.record) {  // only now that the kubelet has its answer
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
