#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr const char *description =
    "regcred answers the kubelet: it turns a pod's service account token into image registry credentials.\n"
    "Without a command it reads one CredentialProviderRequest from standard input.";

constexpr const char *short_help =
    "regcred is a kubelet image credential provider: the kubelet runs it and writes a request to its input.\n"
    "\n"
    "  regcred explain IMAGE     which registry entry answers an image, and why the others do not\n"
    "  regcred backends          the installed backends\n"
    "  regcred new-backend NAME  a project for a backend of your own\n"
    "  regcred version           this program's version\n"
    "  regcred --help            all options\n"
    "\n"
    "To answer a request by hand: regcred < request.json\n";

void add_output_option(CLI::App &app, Command &command) {
  app.add_option_function<std::string>(
         "-o,--output", [&command](const std::string &format) { command.json = format == "json"; },
         "How to print: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

void declare(CLI::App &app, Command &command) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_option("--config", command.config_path,
                 "Configuration file or directory (default: /etc/regcred/config.yaml and /etc/regcred/config.d)")
      ->type_name("PATH");
  app.add_option("--log-level", command.log_level, "Lines about this request on standard error")
      ->check(CLI::IsMember({"off", "error", "warn", "info", "debug"}))
      ->type_name("LEVEL");
  app.add_flag("--in-process", command.in_process, "Run the backend in this process, for debuggers");
  app.add_flag_callback(
      "--version", [&command] { command.action = Action::version; }, "Print the version");

  CLI::App &explain = *app.add_subcommand("explain", "Show which registry entry answers an image, without network");
  explain.add_option("IMAGE", command.image, "As in a pod: nginx, registry.example.com/app:1.2")->required();
  add_output_option(explain, command);
  explain.callback([&command] { command.action = Action::explain; });

  CLI::App &backends = *app.add_subcommand("backends", "List the installed backends");
  add_output_option(backends, command);
  backends.callback([&command] { command.action = Action::backends; });

  CLI::App &new_backend = *app.add_subcommand("new-backend", "Write a project for a backend of your own");
  new_backend
      .add_option("NAME", command.backend_name, "What operators will write under `backend:`, like acme-registry")
      ->required();
  new_backend.add_option("DIR", command.project_directory, "A new or empty directory (default: NAME)");
  new_backend.callback([&command] { command.action = Action::new_backend; });

  CLI::App &version = *app.add_subcommand("version", "Print the version");
  version.add_flag("--json", command.json, "As JSON");
  version.callback([&command] { command.action = Action::version; });
}

// CLI11 only counts what it did not expect; the word that was meant as a command deserves a better answer.
Status check_first_word(const CLI::App &app, const std::vector<std::string> &arguments) {
  if (arguments.empty() || arguments.front().starts_with('-')) return {};
  std::vector<std::string> names;
  for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; })) {
    names.push_back(command->get_name());
  }
  const std::string &word = arguments.front();
  if (std::find(names.begin(), names.end(), word) != names.end()) return {};
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view near = nearest(word, candidates);
  return fail(ErrorCode::usage, "command line", "there is no command \"" + printable(word, 64) + '"',
              near.empty() ? "see regcred --help" : "did you mean " + std::string(near) + "?");
}

}  // namespace

Result<Command> parse_command_line(const std::vector<std::string> &arguments, bool stdin_is_terminal) {
  Command command;
  CLI::App app(description, "regcred");
  try {
    declare(app, command);
    if (const Status known = check_first_word(app, arguments); !known) return tl::make_unexpected(known.error());
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 takes them from the back
    app.parse(reversed);
  } catch (const CLI::CallForHelp &) {
    const std::vector<CLI::App *> chosen = app.get_subcommands();
    command.action = Action::help;
    command.help_text = chosen.empty() ? app.help() : chosen.front()->help("regcred");
    return command;
  } catch (const CLI::ParseError &error) {
    return fail(ErrorCode::usage, "command line", error.what(), "see regcred --help");
  }
  if (command.action == Action::answer && stdin_is_terminal) {
    command.action = Action::help;
    command.help_text = short_help;
  }
  return command;
}

}  // namespace regcred::core
