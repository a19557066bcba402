#include "cli/documents/completion.hpp"

#include <algorithm>

#include "cli/commands.hpp"

namespace regcred::core {
namespace {

// `text` inside single quotes of a shell.
std::string quoted(const std::string &text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string joined(const std::vector<std::string> &words, const char *between) {
  std::string text;
  for (const std::string &word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// Calls `visit` with each command below `program` and the words that lead to it: {"generate", "rbac"}.
template <class Visit>
void for_each_command(const CommandFacts &command, std::vector<std::string> path, const Visit &visit) {
  visit(command, path);
  for (const CommandFacts &child : command.commands) {
    std::vector<std::string> below = path;
    below.push_back(child.name);
    for_each_command(child, std::move(below), visit);
  }
}

// The options of `command` that take a value, as patterns of a shell's case: "get|-o", "get|--output".
std::vector<std::string> value_patterns(const std::string &command, const OptionFacts &option) {
  std::vector<std::string> patterns;
  if (option.is_positional || option.value.empty()) return patterns;
  for (const std::string &name : option.names) patterns.push_back(quoted(command + "|" + name));
  return patterns;
}

// ---- bash ----

std::string bash_words(const CommandFacts &command) {
  std::vector<std::string> words;
  for (const CommandFacts &child : command.commands) words.push_back(child.name);
  for (const OptionFacts &option : command.options) {
    if (option.is_positional) {
      words.insert(words.end(), option.choices.begin(), option.choices.end());
    } else {
      words.insert(words.end(), option.names.begin(), option.names.end());
    }
  }
  return joined(words, " ");
}

// What to offer for a value: paths, or the words there are.
std::string bash_value(const OptionFacts &option) {
  if (option.takes_directory()) return "paths=directory";
  if (option.takes_path()) return "paths=file";
  return "words=" + quoted(joined(option.choices, " "));
}

constexpr const char *bash_functions = R"(_regcred() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= words= paths= i
  # readline makes three words of --option=value
  if [ "$current" = = ]; then
    current=
  elif [ "$before" = = ]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if _regcred_value "$command|${COMP_WORDS[i]}"; then
      i=$((i + 1))
      [ "${COMP_WORDS[i]}" != = ] || i=$((i + 1))
    else
      _regcred_enter "$command|${COMP_WORDS[i]}"
    fi
  done
  words= paths=
  _regcred_value "$command|$before" || _regcred_arguments "$command"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  [ -n "$paths" ] || return 0
  compopt -o filenames 2>/dev/null # quotes what needs it
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -A "$paths" -- "$current")
}
complete -F _regcred regcred
)";

std::string bash_script(const CommandFacts &program) {
  std::string ways;    // from a command and a word to the command below it
  std::string values;  // what may follow an option
  std::string words;   // all else
  for_each_command(program, {}, [&](const CommandFacts &command, const std::vector<std::string> &path) {
    const std::string name = joined(path, " ");
    for (const CommandFacts &child : command.commands) {
      ways += "    " + quoted(name + "|" + child.name) +
              ") command=" + quoted(name.empty() ? child.name : name + " " + child.name) + " ;;\n";
    }
    std::string positional;
    for (const OptionFacts &option : command.options) {
      if (option.is_positional && option.takes_path()) positional = bash_value(option) + " ";
      const std::vector<std::string> patterns = value_patterns(name, option);
      if (!patterns.empty()) values += "    " + joined(patterns, " | ") + ") " + bash_value(option) + " ;;\n";
    }
    words += "    " + quoted(name) + ") " + positional + "words=" + quoted(bash_words(command)) + " ;;\n";
  });
  return "# bash completion for regcred; made by `regcred completion bash`.\n\n"
         "# The command that a word leads to.\n_regcred_enter() {\n  case \"$1\" in\n" +
         ways +
         "  esac\n}\n\n# What follows an option; false when nothing does.\n"
         "_regcred_value() {\n  case \"$1\" in\n" +
         values +
         "    *) return 1 ;;\n  esac\n}\n\n# What else a command takes.\n_regcred_arguments() {\n  case \"$1\" in\n" +
         words + "  esac\n}\n\n" + bash_functions;
}

// ---- zsh ----

std::string zsh_value(const OptionFacts &option) {
  if (option.value.empty()) return {};
  const std::string action = option.takes_directory() ? "_files -/"
                             : option.takes_path()    ? "_files"
                             : option.choices.empty() ? " "
                                                      : "(" + joined(option.choices, " ") + ")";
  return ":" + option.value + ":" + action;
}

// What _arguments reads as syntax, escaped.
std::string zsh_escaped(const std::string &text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_arguments(const CommandFacts &command) {
  std::string lines;
  for (const OptionFacts &option : command.options) {
    const std::string value = zsh_value(option);
    if (option.is_positional) {
      lines += " \\\n      " + quoted(value);
      continue;
    }
    for (const std::string &name : option.names) {
      const bool joins = name.starts_with("--") && !value.empty();  // --option VALUE and --option=VALUE
      lines += " \\\n      " + quoted(name + (joins ? "=[" : "[") + zsh_escaped(option.description) + ']' + value);
    }
  }
  return lines;
}

std::string zsh_script(const CommandFacts &program) {
  std::string functions;
  for_each_command(program, {"regcred"}, [&](const CommandFacts &command, const std::vector<std::string> &path) {
    const std::string name = "_" + joined(path, "_");
    functions += name + "() {\n";
    if (command.commands.empty()) {
      functions += "  _arguments -s" + zsh_arguments(command) + "\n}\n\n";
      return;
    }
    functions += "  local context state state_descr line\n  typeset -A opt_args\n  _arguments -C -s" +
                 zsh_arguments(command) + " \\\n      '1:command:->command' '*::argument:->argument'\n" +
                 "  case $state in\n    command)\n      local -a commands=(\n";
    for (const CommandFacts &child : command.commands) {
      functions += "        " + quoted(child.name + ":" + child.description) + "\n";
    }
    functions += "      )\n      _describe command commands ;;\n    argument)\n      case $line[1] in\n";
    for (const CommandFacts &child : command.commands) {
      functions += "        " + child.name + ") " + name + "_" + child.name + " ;;\n";
    }
    functions += "      esac ;;\n  esac\n}\n\n";
  });
  return "#compdef regcred\n# zsh completion for regcred; made by `regcred completion zsh`.\n\n" + functions +
         "if [ \"$funcstack[1]\" = _regcred ]; then _regcred \"$@\"; else compdef _regcred regcred; fi\n";
}

// ---- fish ----

std::string fish_value(const OptionFacts &option) {
  if (option.takes_directory()) return " -x -a '(__fish_complete_directories)'";
  if (option.takes_path()) return " -r -F";
  return option.choices.empty() ? " -x" : " -x -a " + quoted(joined(option.choices, " "));
}

std::string fish_option(const OptionFacts &option) {
  std::string text;
  for (const std::string &name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.value.empty()) text += fish_value(option);
  return text + " -d " + quoted(option.description);
}

// What an argument without dashes offers; files are what fish offers by itself.
std::string fish_positional(const OptionFacts &option) {
  if (option.takes_directory()) return " -f -a '(__fish_complete_directories)'";
  return option.choices.empty() ? " -f" : " -f -a " + quoted(joined(option.choices, " "));
}

std::string fish_script(const CommandFacts &program) {
  std::string walk;   // from word to word, to the command they name
  std::string lines;  // what is offered there
  for_each_command(program, {}, [&](const CommandFacts &command, const std::vector<std::string> &path) {
    const std::string name = joined(path, " ");
    const std::string start = "complete -c regcred -n " + quoted("__regcred_at \"" + name + "\"");
    for (const CommandFacts &child : command.commands) {
      walk += "            case " + quoted(name + "|" + child.name) + "\n                set command " +
              quoted(name.empty() ? child.name : name + " " + child.name) + "\n";
      lines += start + " -f -a " + child.name + " -d " + quoted(child.description) + "\n";
    }
    for (const OptionFacts &option : command.options) {
      const std::vector<std::string> patterns = value_patterns(name, option);
      if (!patterns.empty()) walk += "            case " + joined(patterns, " ") + "\n                set skip yes\n";
      if (!option.is_positional) {
        lines += start + fish_option(option) + "\n";
      } else if (!option.takes_path() || option.takes_directory()) {
        lines += start + fish_positional(option) + "\n";
      }
    }
  });
  return "# fish completion for regcred; made by `regcred completion fish`.\n\n"
         "# Whether the words so far, without options and their values, name this command.\n"
         "function __regcred_at\n    set -l command ''\n    set -l skip no\n"
         "    for word in (commandline -opc)[2..-1]\n"
         "        if test $skip = yes\n            set skip no\n            continue\n        end\n"
         "        switch \"$command|$word\"\n" +
         walk + "        end\n    end\n    test \"$command\" = \"$argv[1]\"\nend\n\n" + lines;
}

}  // namespace

std::optional<std::string> completion_script(const CommandFacts &program, std::string_view shell) {
  if (shell == "bash") return bash_script(program);
  if (shell == "zsh") return zsh_script(program);
  if (shell == "fish") return fish_script(program);
  return std::nullopt;
}

Output completion_command(const Command &command) {
  return {completion_script(describe_command_line(), command.shell).value_or(""), std::nullopt};
}

}  // namespace regcred::core
