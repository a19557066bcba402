// The declared command line as plain data: what completion and manual page are made from.
#pragma once

#include <string>
#include <vector>

namespace regcred::core {

struct OptionFacts {
  std::vector<std::string> names;    // "-o", "--output"; of an argument without dashes: its one name, "IMAGE"
  std::string value;                 // what it takes, "FORMAT"; empty: a flag
  std::vector<std::string> choices;  // the only values, when it has such
  std::string description;
  bool is_positional = false;
  bool is_required = false;

  // Whether the value is the path of a file or directory.
  [[nodiscard]] bool takes_path() const { return value == "PATH" || value == "FILE" || value == "DIR"; }
  [[nodiscard]] bool takes_directory() const { return value == "DIR"; }
};

struct CommandFacts {
  std::string name;  // "explain"; of the program: "regcred"
  std::string description;
  std::string footer;                // what --help says after the options; may be empty
  std::vector<OptionFacts> options;  // in the order of their declaration; of a command also those of the program
  std::vector<CommandFacts> commands;
};

// The whole tree, from declare_commands().
[[nodiscard]] CommandFacts describe_command_line();

// The description of the program as --help shows it.
extern const char *const program_description;

}  // namespace regcred::core
