// SPDX-License-Identifier: Apache-2.0
#include "common/advice.hpp"

#include <gtest/gtest.h>

namespace regcred::core {
namespace {

TEST(Advice, a_command_is_as_this_run_was_started) {
  EXPECT_EQ(advised_command({}, "explain reg.io/a"), "regcred explain reg.io/a");
  EXPECT_EQ(advised_command({"regcred", "/etc/x.yaml"}, "backends"), "regcred backends --config /etc/x.yaml");
  EXPECT_EQ(advised_command({"/plugins/a b", "it's here.yaml"}, "check"),
            R"('/plugins/a b' check --config 'it'\''s here.yaml')");
}

TEST(Advice, a_shell_takes_a_word_for_one) {
  const std::pair<const char *, const char *> cases[] = {
      {"reg.io:5000/a_b-c@d", "reg.io:5000/a_b-c@d"},
      {"", "''"},
      {"[::1]:5000/a", "'[::1]:5000/a'"},
      {"$(reboot)", "'$(reboot)'"},
      {"a;b", "'a;b'"},
      {"'", R"(''\''')"},
  };
  for (const auto &[text, word] : cases) EXPECT_EQ(shell_word(text), word);
}

}  // namespace
}  // namespace regcred::core
