// SPDX-License-Identifier: Apache-2.0
// regcred-conformance: checks any backend against the ABI's promises. checks.hpp lists what is checked.
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "common/text.hpp"
#include "conformance/checks.hpp"
#include "conformance/command_line.hpp"
#include "conformance/document.hpp"
#include "conformance/report.hpp"

namespace {

using namespace regcred::conformance;
namespace core = regcred::core;

int refuse(const core::Error &error) {
  std::string line = "regcred-conformance: " + error.where + ": " + error.what;
  if (!error.cure.empty()) line += "; " + error.cure;
  std::cerr << core::printable(line, 1000) << '\n';
  return core::exit_status(error.code);
}

core::Result<RunOptions> run_options(const Command &command, const std::vector<Check> &all) {
  RunOptions options;
  options.timeout = command.timeout;
  options.in_process = command.in_process;
  if (command.skip_file.empty()) return options;
  const core::Result<std::string> text = read_file(command.skip_file);
  if (!text) return tl::make_unexpected(text.error());
  auto skips = read_skips(*text, command.skip_file, all);
  if (!skips) return tl::make_unexpected(skips.error());
  options.skips = std::move(*skips);
  return options;
}

int run(const Command &command) {
  const std::vector<Check> all = all_checks();
  const core::Result<std::vector<Check>> chosen = choose_checks(all, command);
  if (!chosen) return refuse(chosen.error());
  if (command.action == Action::list) {
    std::cout << format_list(*chosen, command.json);
    return 0;
  }
  const core::Result<RunOptions> options = run_options(command, all);
  if (!options) return refuse(options.error());
  const core::Result<Subject> subject = read_subject(command.sources);
  if (!subject) return refuse(subject.error());

  const std::vector<CheckOutcome> outcomes = run_checks(*chosen, *subject, *options);
  if (command.json) {
    std::cout << format_json(outcomes, *subject);
  } else {
    std::cout << format_report(outcomes, ::isatty(STDOUT_FILENO) != 0 ? Style::terminal : Style::plain);
  }
  return exit_status(outcomes);
}

int conformance_main(const std::vector<std::string> &arguments) {
  const core::Result<Command> command = parse_command_line(arguments);
  if (!command) return refuse(command.error());
  switch (command->action) {
    case Action::help:
      std::cout << command->help_text;
      return 0;
    case Action::version:
      std::cout << "regcred-conformance " REGCRED_VERSION " (backend ABI " << REGCRED_ABI_MAJOR << "."
                << REGCRED_ABI_MINOR << ")\n";
      return 0;
    default:
      return run(*command);
  }
}

}  // namespace

int main(int argc, char **argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return conformance_main(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  } catch (const std::exception &error) {
    return refuse({core::ErrorCode::internal, "process", error.what(), {}});
  }
}
