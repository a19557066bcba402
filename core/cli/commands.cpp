// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <iterator>
#include <string>
#include <vector>

namespace regcred::core {
namespace {

#define REGCRED_COMMAND_ADDRESS(name) &name##_command,
constexpr const Command *commands[] = {REGCRED_COMMANDS(REGCRED_COMMAND_ADDRESS)};
#undef REGCRED_COMMAND_ADDRESS

}  // namespace

void add_command(CLI::App &app, const Command &command, Run &chosen) {
  CLI::App &added = *app.add_subcommand(command.name, command.summary);
  added.callback([&chosen, run = command.declare(added)] { chosen = run; });
}

void declare_command_line(CLI::App &app, CommonOptions &options, Run &chosen) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_option("--config", options.config_path,
                 "Configuration file or directory (default: /etc/regcred/config.yaml and /etc/regcred/config.d)")
      ->type_name("PATH");
  app.add_option("--log-level", options.log_level, "Lines about this request on standard error")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(log_level_names), std::end(log_level_names))))
      ->type_name("LEVEL");
  app.add_flag("--in-process", options.in_process, "Run the backend in this process, for debuggers");
  app.add_flag_callback(
      "--version", [&chosen] { chosen = [](const Context &) { return print_version(false); }; }, "Print the version");
  for (const Command *command : commands) add_command(app, *command, chosen);
}

}  // namespace regcred::core
