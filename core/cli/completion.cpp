// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"

namespace regcred::core {
namespace {

constexpr const char *bash_script = R"(# bash completion for regcred
_regcred() {
  local current=${COMP_WORDS[COMP_CWORD]} kind= words= word
  [ "$current" != = ] || current= # readline makes three words of --option=value
  while IFS=$'\t' read -r word _; do
    case $word in
      :*) kind=${word#:} ;;
      *) words+="$word " ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  [ -n "$kind" ] || return 0
  compopt -o filenames 2>/dev/null # quotes what needs it
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -A "$kind" -- "$current")
}
complete -F _regcred regcred
)";

constexpr const char *zsh_script = R"(#compdef regcred
# zsh completion for regcred
_regcred() {
  local -a offered
  local kind line
  while IFS= read -r line; do
    case $line in
      :*) kind=${line#:} ;;
      *) offered+=("${line/$'\t'/:}") ;;
    esac
  done < <($words[1] __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  [[ $PREFIX != --*=* ]] || compset -P '*='
  case $kind in
    file) _files ;;
    directory) _files -/ ;;
  esac
  (($#offered == 0)) || _describe regcred offered
}
if [ "$funcstack[1]" = _regcred ]; then _regcred "$@"; else compdef _regcred regcred; fi
)";

constexpr const char *fish_script = R"(# fish completion for regcred
function __regcred_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l option (string match -r -- '^--[^=]*=' "$current"; or echo)
    set -l value (string replace -- "$option" '' "$current")
    for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :file
                string replace -r '^' -- "$option" (__fish_complete_path "$value")
            case :directory
                string replace -r '^' -- "$option" (__fish_complete_directories "$value")
            case '*'
                echo $option$line
        end
    end
end
complete -c regcred -f -a '(__regcred_complete)'
)";

std::string line_of(const std::string &word, const std::string &meaning) { return word + '\t' + meaning + '\n'; }

// What an option or argument of this type takes. CLI11 writes the possible values behind the type:
// "LEVEL:{off,error}".
std::string values_of(const std::string &type) {
  if (type == "PATH" || type == "FILE") return ":file\n";
  if (type == "DIR") return ":directory\n";
  const std::size_t open = type.find(":{");
  if (open == std::string::npos) return {};
  std::string lines;
  std::string word;
  for (const char c : type.substr(open + 2)) {
    if (c != ',' && c != '}') {
      word += c;
      continue;
    }
    lines += line_of(word, "");
    word.clear();
  }
  return lines;
}

// The option of `command`, or of the program, that is written like this; null when there is none that takes a value.
const CLI::Option *option_with_value(const CLI::App &program, const CLI::App &command, const std::string &written) {
  for (const CLI::App *app : {&command, &program}) {
    for (const CLI::Option *option : app->get_options()) {
      if (option->nonpositional() && option->check_name(written)) {
        return option->get_items_expected_max() > 0 ? option : nullptr;
      }
    }
  }
  return nullptr;
}

std::string options_of(const CLI::App &app) {
  std::string lines;
  for (const CLI::Option *option : app.get_options()) {
    for (const std::string &name : option->get_snames()) lines += line_of("-" + name, option->get_description());
    for (const std::string &name : option->get_lnames()) lines += line_of("--" + name, option->get_description());
  }
  return lines;
}

// Sub-commands of `app`, and what its arguments without dashes can be.
std::string arguments_of(const CLI::App &app) {
  std::string lines;
  for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; })) {
    lines += line_of(command->get_name(), command->get_description());
  }
  for (const CLI::Option *option : app.get_options()) {
    if (option->nonpositional()) continue;
    const std::string name = option->get_name(true);
    lines += values_of(name == "DIR" || name == "FILE" ? name : option->get_type_name());
  }
  return lines;
}

Run declare(ArgumentParser &parser) {
  const auto shell = std::make_shared<std::string>();
  parser.add("SHELL", *shell, "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});
  return [shell](const Context &) -> Output {
    return {*shell == "bash" ? bash_script : *shell == "zsh" ? zsh_script : fish_script, std::nullopt};
  };
}

}  // namespace

const Command completion_command = {"completion", "Print a completion script for a shell", declare};

std::string completions(const CLI::App &app, const std::vector<std::string> &words) {
  const std::string current = words.empty() ? "" : words.back();
  const CLI::App *command = &app;
  const CLI::Option *waiting = nullptr;  // the option whose value comes next
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "=") continue;
    if (waiting != nullptr) {
      waiting = nullptr;
    } else if (words[i].starts_with('-')) {
      waiting = option_with_value(app, *command, words[i]);
    } else {
      const auto is_named = [&](const CLI::App *below) { return below->get_name() == words[i]; };
      if (const auto below = command->get_subcommands(is_named); !below.empty()) command = below.front();
    }
  }
  if (const std::size_t equals = current.find('='); waiting == nullptr && equals != 0 && equals != std::string::npos) {
    waiting = option_with_value(app, *command, current.substr(0, equals));
  }
  if (waiting != nullptr) return values_of(waiting->get_type_name());
  std::string lines = current.starts_with('-') ? "" : arguments_of(*command);
  if (lines.empty()) lines = options_of(*command) + (command == &app ? "" : options_of(app));
  return lines;
}

}  // namespace regcred::core
