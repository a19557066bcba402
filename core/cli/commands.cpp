// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <iterator>
#include <memory>

namespace regcred::core {
namespace {

#define REGCRED_COMMAND_ADDRESS(name) &name##_command,
constexpr const Command *all_commands[] = {REGCRED_COMMANDS(REGCRED_COMMAND_ADDRESS)};
#undef REGCRED_COMMAND_ADDRESS

// Below what `parser` is for; `chosen` is set to what runs the one that is given.
void add_commands(ArgumentParser &parser, std::span<const Command *const> commands, Run &chosen) {
  CLI::App &app = parser.app();
  app.require_subcommand(1);
  app.fallthrough();
  for (const Command *command : commands) {
    CLI::App &added = *app.add_subcommand(command->name, command->summary);
    ArgumentParser below(added);
    added.callback([&chosen, run = command->declare(below)] { chosen = run; });
  }
}

}  // namespace

Run declare_parts(ArgumentParser &parser, std::span<const Command *const> parts) {
  const auto chosen = std::make_shared<Run>();
  add_commands(parser, parts, *chosen);
  return [chosen](const Context &context) { return (*chosen)(context); };
}

void declare_command_line(CLI::App &app, CommonOptions &options, Run &chosen) {
  ArgumentParser parser(app);
  parser
      .add("--config", options.config_path,
           "Configuration file or directory (default: /etc/regcred/config.yaml and /etc/regcred/config.d)")
      .value_name("PATH");
  parser.add("--log-level", options.log_level, "Lines about this request on standard error")
      .one_of({std::begin(log_level_names), std::end(log_level_names)})
      .value_name("LEVEL");
  parser.add_flag("--in-process", options.in_process, "Run the backend in this process, for debuggers");
  app.add_flag_callback(
      "--version", [&chosen] { chosen = [](const Context &) { return print_version(false); }; }, "Print the version");
  add_commands(parser, all_commands, chosen);
  app.require_subcommand(0, 1);
}

}  // namespace regcred::core
