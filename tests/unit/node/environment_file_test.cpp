// SPDX-License-Identifier: Apache-2.0
// Files of variables as systemd reads them, and the two flags in a variable that holds an operator's arguments.
#include "node/environment_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

EnvironmentFile parsed(const std::string &text) {
  Result<EnvironmentFile> file = EnvironmentFile::parse(text, "FILE");
  EXPECT_TRUE(file) << (file ? "" : file.error().what);
  return file ? std::move(*file) : EnvironmentFile();
}

struct Reading {
  const char *text;
  const char *value;  // of A; null: none
};

TEST(EnvironmentFile, values_are_those_of_systemd) {
  const Reading readings[] = {
      {"A=b\n", "b"},
      {"A=b", "b"},
      {"", nullptr},
      {"B=c\n", nullptr},
      {"  A = b c  \n", "b c"},
      {"A=\n", ""},
      {"A=b\nA=c\n", "c"},
      {"# A=x\n; A=y\nA=b\n", "b"},
      {"A=b # c\n", "b # c"},
      {"A=\"b  c\"\n", "b  c"},
      {"A='b \\ \"c'\n", "b \\ \"c"},
      {"A=\"b \\\"c\\\" \\$d \\`e \\\\ \\n\"\n", "b \"c\" $d `e \\ \\n"},
      {"A=b\\\nc\n", "bc"},
      {"A=b \\\n  --c\n", "b   --c"},
      {"A=\"b\\\nc\"\n", "bc"},
      {"A=\"b\nc\"\n", "b\nc"},
      {"A=b\\ \n", "b "},
      {"A=\"b\"'c'\n", "bc"},
      {"A=b\"c\"\n", "b\"c\""},
      {"A=b\r\nB=c\r\n", "b"},
      {"A\nB=c\nA=b\n", "b"},
      {"export A=b\n", nullptr},
  };
  for (const Reading &reading : readings) {
    const std::optional<std::string> value = parsed(reading.text).value("A");
    const std::optional<std::string> expected =
        reading.value == nullptr ? std::nullopt : std::optional<std::string>(reading.value);
    EXPECT_EQ(value, expected) << reading.text;
  }
}

TEST(EnvironmentFile, what_versions_of_systemd_read_differently_is_refused) {
  for (const char *text : {"# a comment \\\nA=b\n", "A=\"b\n", "A='b\n", "A=b\xff\n"}) {
    EXPECT_FALSE(EnvironmentFile::parse(text, "FILE")) << text;
  }
  EXPECT_EQ(EnvironmentFile::parse("B=c\n# x\\\nA=b\n", "FILE").error().where, "FILE:2");
}

TEST(EnvironmentFile, a_new_value_leaves_every_other_byte) {
  const EnvironmentFile file = parsed("# mine\nB='c'\nA=\"x\" \\\n y\n\nA=z   \n#end");
  EXPECT_EQ(file.with("A", "--new=1"), "# mine\nB='c'\nA=\"x\" \\\n y\n\nA=--new=1\n#end");
  EXPECT_EQ(file.with("C", "1 2"), file.text() + "\nC=\"1 2\"\n");
  EXPECT_EQ(parsed("").with("A", ""), "A=\n");
}

TEST(EnvironmentFile, what_is_written_is_read_back) {
  for (const std::string value :
       {"", "a", "a b", " a ", "'a' \"b\" \\ $c `d`", "a\nb", "#a", "a=b", "\\", "\"", "--x='a b' --y"}) {
    const EnvironmentFile file = parsed(parsed("B=1\nA=old\nC=2\n").with("A", value));
    EXPECT_EQ(file.value("A"), value);
    EXPECT_EQ(file.value("B"), "1");
    EXPECT_EQ(file.value("C"), "2");
  }
}

TEST(EnvironmentFile, words_of_arguments_lose_their_quotes) {
  EXPECT_THAT(argument_words(" a  'b c'd \"e'f\" g\\ h \\\\ ''"),
              ::testing::ElementsAre("a", "b cd", "e'f", "g h", "\\", ""));
}

TEST(EnvironmentFile, N3_the_operators_arguments_survive_new_flags) {
  const ProviderFlags flags{"/new/config", "/new/bin", ""};
  const std::string ours =
      "--image-credential-provider-config=/new/config --image-credential-provider-bin-dir=/new/bin";
  const std::pair<const char *, std::string> values[] = {
      {"", ours},
      {"--v=2", "--v=2 " + ours},
      {"--a='b c' \"--d e\"  --f\\ g", "--a='b c' \"--d e\" --f\\ g " + ours},
      {"--image-credential-provider-config=/old --v=2 --image-credential-provider-bin-dir /old/bin --w",
       "--v=2 --w " + ours},
      {"--image_credential_provider_config '/old one' --v=2", "--v=2 " + ours},
      {"--v=2 -- --image-credential-provider-config=/x", "--v=2 " + ours + " -- --image-credential-provider-config=/x"},
      {"--image-credential-provider-configs=/x", "--image-credential-provider-configs=/x " + ours},
  };
  for (const auto &[old, expected] : values) EXPECT_EQ(with_provider_flags(old, flags), expected) << old;
  EXPECT_EQ(with_provider_flags("--v=2 " + ours, {}), "--v=2");
  EXPECT_EQ(with_provider_flags(ours, flags), ours);
}

}  // namespace
}  // namespace regcred::core
