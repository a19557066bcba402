// SPDX-License-Identifier: Apache-2.0
#include "common/advice.hpp"

namespace regcred::core {

std::string advised_command(const Invocation &invocation, std::string_view words) {
  std::string command = shell_word(invocation.program) + ' ' + std::string(words);
  if (!invocation.config_path.empty()) command += " --config " + shell_word(invocation.config_path);
  return command;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+=:,@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace regcred::core
