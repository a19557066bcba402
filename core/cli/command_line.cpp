// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/completion.hpp"
#include "common/contains.hpp"
#include "common/key_value.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr const char *description =
    "regcred answers the kubelet: it turns a pod's service account token into image registry credentials.\n"
    "Without a command it reads one CredentialProviderRequest from standard input.";

constexpr const char *short_help =
    "regcred is a kubelet image credential provider: the kubelet runs it and writes a request to its input.\n"
    "\n"
    "  regcred check             is the configuration sound, and does it fit the kubelet's\n"
    "  regcred explain IMAGE     which registry entry answers an image, and why the others do not\n"
    "  regcred get IMAGE         credentials for an image, by hand\n"
    "  regcred doctor IMAGE      each step of a pull, and the first that fails\n"
    "  regcred audit FILE        who gives the credentials for each image of a cluster\n"
    "  regcred generate WHAT     the kubelet's configuration, RBAC and more, for a cluster\n"
    "  regcred backends          the installed backends\n"
    "  regcred new-backend NAME  a project for a backend of your own\n"
    "  regcred --help            all options\n"
    "\n"
    "To answer a request by hand: regcred < request.json\n";

// CLI11 only counts what it did not expect; the word that was meant as a command deserves a better answer.
Status check_first_word(const CLI::App &app, const std::vector<std::string> &arguments, const std::string &cure) {
  if (arguments.empty() || arguments.front().starts_with('-')) return {};
  std::vector<std::string> names;
  for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; })) {
    names.push_back(command->get_name());
  }
  const std::string &word = arguments.front();
  if (contains(names, word)) return {};
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view near = nearest(word, candidates);
  return fail(ErrorCode::usage, "command line", "there is no command \"" + printable(word, 64) + '"',
              near.empty() ? cure : "did you mean " + std::string(near) + "? " + cure);
}

// What to do about arguments that cannot be understood. With a request to be read, the kubelet is the caller.
std::string cure_of(const std::vector<std::string> &arguments, bool stdin_is_terminal) {
  std::string cure;
  for (const std::string &argument : arguments) {
    const std::size_t space = argument.find(' ');
    if (!argument.starts_with('-') || space == std::string::npos || argument.find('=') < space) continue;
    cure = "write an option and its value as two arguments, or with '=' between them; ";
    break;
  }
  return cure + "see regcred --help" +
         (stdin_is_terminal ? "" : "; a kubelet takes arguments from `args` in its CredentialProviderConfig");
}

// The words of the command that was named, such as "generate rbac".
std::string named_command(const CLI::App &app) {
  std::string path;
  for (const CLI::App *at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    path += (path.empty() ? "" : " ") + at->get_name();
  }
  return path;
}

// The help of the innermost command that was named.
std::string help_of(const CLI::App &app) {
  const CLI::App *chosen = &app;
  std::string before;
  while (!chosen->get_subcommands().empty()) {
    before += (before.empty() ? "" : " ") + chosen->get_name();
    chosen = chosen->get_subcommands().front();
  }
  return before.empty() ? chosen->help() : chosen->help(before);
}

// --config and --log-level, each at most once and with an ordinary value: what the `args` of a provider have. A pod
// waits for this, so no command line library is set up for it; empty for everything else, and for whatever is wrong.
std::optional<CommonOptions> provider_arguments(const std::vector<std::string> &arguments) {
  CommonOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::optional<KeyValue> joined = split_key_value(arguments[i]);
    const std::string_view name = joined ? joined->key : std::string_view(arguments[i]);
    std::optional<std::string> *const option = name == "--config"      ? &options.config_path
                                               : name == "--log-level" ? &options.log_level
                                                                       : nullptr;
    if (option == nullptr || *option || (!joined && i + 1 == arguments.size())) return std::nullopt;
    *option = joined ? std::string(joined->value) : arguments[++i];
    if ((*option)->empty() || (*option)->front() == '-') return std::nullopt;
  }
  const std::string level = options.log_level.value_or(log_level_names[0]);
  const bool is_known =
      std::find(std::begin(log_level_names), std::end(log_level_names), level) != std::end(log_level_names);
  return is_known ? std::optional(std::move(options)) : std::nullopt;
}

CommandLine show(std::string text) {
  return {{}, "help", [text = std::move(text)](const Context &) { return Output{text, std::nullopt}; }, false};
}

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<std::string> &arguments, bool stdin_is_terminal) {
  if (!stdin_is_terminal) {
    if (std::optional<CommonOptions> options = provider_arguments(arguments)) {
      return CommandLine{std::move(*options), "", answer_kubelet, true};
    }
  }
  CommandLine line;
  const std::string cure = cure_of(arguments, stdin_is_terminal);
  CLI::App app(description, "regcred");
  try {
    declare_command_line(app, line.options, line.run);
    if (!arguments.empty() && arguments.front() == completion_request) {
      return show(completions(app, {arguments.begin() + 1, arguments.end()}));
    }
    if (const Status known = check_first_word(app, arguments, cure); !known) return tl::make_unexpected(known.error());
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 takes them from the back
    app.parse(reversed);
  } catch (const CLI::CallForHelp &) {
    return show(help_of(app));
  } catch (const CLI::ParseError &error) {
    return fail(ErrorCode::usage, "command line", error.what(), cure);
  }
  if (!line.run && stdin_is_terminal) return show(short_help);
  line.answers_kubelet = !line.run;
  if (!line.run) line.run = answer_kubelet;
  line.command = named_command(app);
  return line;
}

}  // namespace regcred::core
