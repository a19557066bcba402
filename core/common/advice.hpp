// SPDX-License-Identifier: Apache-2.0
// The commands that messages recommend, with the program's name and --config of this run, so that they can be pasted.
#pragma once

#include <string>
#include <string_view>

namespace regcred::core {

// How this run was started.
struct Invocation {
  std::string program = "regcred";  // as it is typed
  std::string config_path = {};     // --config; empty: not given
};

// "regcred explain IMAGE --config PATH": `words` go into it as they are, by shell_word() where they come from outside.
[[nodiscard]] std::string advised_command(const Invocation &invocation, std::string_view words);

// `text` so that it can be pasted into a shell as one word.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace regcred::core
