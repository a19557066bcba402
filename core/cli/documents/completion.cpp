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

std::string bash_script(const CommandFacts &program) {
  std::string ways;    // from a command and a word to the command below it
  std::string values;  // what may follow an option
  std::string words;   // all else
  for_each_command(program, {}, [&](const CommandFacts &command, const std::vector<std::string> &path) {
    const std::string name = joined(path, " ");
    for (const CommandFacts &child : command.commands) {
      ways += "      " + quoted(name + "|" + child.name) +
              ") command=" + quoted(name.empty() ? child.name : name + " " + child.name) + " ;;\n";
    }
    std::string positional;
    for (const OptionFacts &option : command.options) {
      if (option.is_positional && option.takes_path()) positional = "paths=yes ";
      if (option.is_positional || option.value.empty()) continue;
      std::vector<std::string> cases;
      for (const std::string &option_name : option.names) cases.push_back(quoted(name + "|" + option_name));
      values += "    " + joined(cases, " | ") + ") ";
      values += option.takes_path() ? "COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
                                    : "COMPREPLY=($(compgen -W " + quoted(joined(option.choices, " ")) +
                                          " -- \"$current\")); return ;;\n";
    }
    words += "    " + quoted(name) + ") " + positional + "words=" + quoted(bash_words(command)) + " ;;\n";
  });
  return "# bash completion for regcred; made by `regcred completion bash`.\n"
         "_regcred() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= words= paths= i\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case \"$command|${COMP_WORDS[i]}\" in\n" +
         ways +
         "    esac\n"
         "  done\n"
         "  case \"$command|$before\" in\n" +
         values +
         "  esac\n"
         "  case \"$command\" in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  [ -z \"$paths\" ] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
         "}\n"
         "complete -o filenames -F _regcred regcred\n";
}

// ---- zsh ----

std::string zsh_value(const OptionFacts &option) {
  if (option.value.empty()) return {};
  const std::string action = option.takes_path()      ? "_files"
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
      lines += " \\\n      " + quoted(name + '[' + zsh_escaped(option.description) + ']' + value);
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

std::string fish_option(const OptionFacts &option) {
  std::string text;
  for (const std::string &name : option.names)
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.value.empty()) {
    text += option.takes_path()      ? " -r -F"
            : option.choices.empty() ? " -x"
                                     : " -x -a " + quoted(joined(option.choices, " "));
  }
  return text + " -d " + quoted(option.description);
}

std::string fish_script(const CommandFacts &program) {
  std::string lines;
  for_each_command(program, {}, [&](const CommandFacts &command, const std::vector<std::string> &path) {
    std::vector<std::string> children;
    for (const CommandFacts &child : command.commands) children.push_back(child.name);
    std::string here;  // the condition: these commands, and none below
    for (const std::string &word : path)
      here += (here.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
    if (!children.empty()) {
      here += (here.empty() ? "" : "; and ") + ("not __fish_seen_subcommand_from " + joined(children, " "));
    }
    for (const CommandFacts &child : command.commands) {
      lines +=
          "complete -c regcred -n " + quoted(here) + " -f -a " + child.name + " -d " + quoted(child.description) + "\n";
    }
    for (const OptionFacts &option : command.options) {
      if (!option.is_positional) {
        lines += "complete -c regcred -n " + quoted(here) + fish_option(option) + "\n";
      } else if (!option.takes_path()) {
        lines += "complete -c regcred -n " + quoted(here) + " -f" +
                 (option.choices.empty() ? "" : " -a " + quoted(joined(option.choices, " "))) + "\n";
      }
    }
  });
  return "# fish completion for regcred; made by `regcred completion fish`.\n" + lines;
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
