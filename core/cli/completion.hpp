// SPDX-License-Identifier: Apache-2.0
// Completion in shells. A script of a few lines for each shell (`regcred completion SHELL`) asks the program itself:
// `regcred __complete WORD...`, so that completion always offers what the command line accepts.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace regcred::core {

inline constexpr const char *completion_request = "__complete";

// What can stand in place of the last of `words`, the words after the program's name; `app` has all declarations. One
// line each: the word, and its meaning after a tab; or ":file" or ":directory" where the shell's own paths are wanted.
// It also has words that do not begin like the last one: each shell filters by its own rules. A value behind
// "--option=" comes without the option; a '=' may be a word of its own, as readline has it.
[[nodiscard]] std::string completions(const CLI::App &app, const std::vector<std::string> &words);

}  // namespace regcred::core
