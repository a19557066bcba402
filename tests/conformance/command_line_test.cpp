// SPDX-License-Identifier: Apache-2.0
// Arguments, choice of checks and skip files: a slip must be an error, or a run that checks nothing looks good.
#include "conformance/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/checks.hpp"

namespace regcred::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::vector<Check> three_checks() {
  const CheckFunction pass = [](const Subject &, const Progress &) { return passed(); };
  return {{"file.mode", "", pass}, {"load.name", "", pass}, {"load.version", "", pass}};
}

std::vector<std::string> chosen(std::vector<std::string> include, std::vector<std::string> exclude) {
  Command command;
  command.include = std::move(include);
  command.exclude = std::move(exclude);
  const auto checks = choose_checks(three_checks(), command);
  if (!checks) return {checks.error().where + " " + checks.error().what};
  std::vector<std::string> names;
  for (const Check &check : *checks) names.push_back(check.name);
  return names;
}

TEST(CommandLine, reads_every_option) {
  const auto command = parse_command_line({"x.so",    "--settings",   "s",   "--conversation", "c",      "--request",
                                           "r",       "--image",      "h/p", "--token-file",   "t",      "--annotation",
                                           "a=b",     "--annotation", "c=d", "--include",      "file.*", "--exclude",
                                           "file.m*", "--skip-file",  "k",   "--timeout",      "500ms",  "--in-process",
                                           "--json"});
  ASSERT_TRUE(command);
  const SubjectSources &sources = command->sources;
  EXPECT_THAT((std::vector{sources.backend, sources.settings, sources.conversation, sources.request, sources.image,
                           sources.token_file}),
              ElementsAre("x.so", "s", "c", "r", "h/p", "t"));
  EXPECT_THAT(sources.annotations, ElementsAre("a=b", "c=d"));
  EXPECT_THAT(command->include, ElementsAre("file.*"));
  EXPECT_THAT(command->exclude, ElementsAre("file.m*"));
  EXPECT_EQ(command->skip_file, "k");
  EXPECT_EQ(command->timeout.count(), 500);
  EXPECT_TRUE(command->in_process && command->json);
}

TEST(CommandLine, a_pattern_does_not_swallow_the_backend) {
  const auto command = parse_command_line({"--include", "file.*", "x.so"});
  ASSERT_TRUE(command) << command.error().what;
  EXPECT_EQ(command->sources.backend, "x.so");
  EXPECT_THAT(command->include, ElementsAre("file.*"));
}

TEST(CommandLine, refuses_with_status_2) {
  for (const std::vector<std::string> &arguments : {std::vector<std::string>{},
                                                    {"--include", "x"},
                                                    {"x.so", "y.so"},
                                                    {"x.so", "--colour"},
                                                    {"x.so", "--timeout", "0"},
                                                    {"x.so", "--timeout", "soon"},
                                                    {"x.so", "--timeout", "-1s"},
                                                    {"x.so", "--settings"}}) {
    const auto command = parse_command_line(arguments);
    ASSERT_FALSE(command) << ::testing::PrintToString(arguments);
    EXPECT_EQ(core::exit_status(command.error().code), 2);
  }
}

TEST(ChooseChecks, by_globs_over_names) {
  EXPECT_THAT(chosen({}, {}), ElementsAre("file.mode", "load.name", "load.version"));
  EXPECT_THAT(chosen({"load.*"}, {}), ElementsAre("load.name", "load.version"));
  EXPECT_THAT(chosen({"load.*", "file.mode"}, {"*.version"}), ElementsAre("file.mode", "load.name"));
  EXPECT_THAT(chosen({"laod.*"}, {}), ElementsAre("\"laod.*\" matches no check"));
  EXPECT_THAT(chosen({}, {"load"}), ElementsAre("\"load\" matches no check"));
}

TEST(SkipFile, takes_names_and_reasons) {
  const auto skips =
      read_skips("# why\n\n load.name : file is renamed: see the package\nfile.mode: umask\r\n", "k", three_checks());
  ASSERT_TRUE(skips) << skips.error().what;
  EXPECT_THAT(*skips, ElementsAre(Pair("file.mode", "umask"), Pair("load.name", "file is renamed: see the package")));
}

TEST(SkipFile, names_the_line_that_is_wrong) {
  struct Row {
    const char *text;
    const char *where;
    const char *says;
  };
  for (const Row &row : {Row{"load.name: a\nload.nane: b\n", "k:2", "there is no check load.nane"},
                         Row{"load.name", "k:1", "has no reason"}, Row{"load.name:  \n", "k:1", "has no reason"},
                         Row{"load.*: all\n", "k:1", "there is no check load.*"},
                         Row{"load.name: a\n\nload.name: b", "k:3", "is named twice"}}) {
    const auto skips = read_skips(row.text, "k", three_checks());
    ASSERT_FALSE(skips) << row.text;
    EXPECT_EQ(skips.error().where, row.where);
    EXPECT_THAT(skips.error().what, HasSubstr(row.says));
    EXPECT_EQ(core::exit_status(skips.error().code), 2);
  }
  EXPECT_EQ(read_skips("load.nane: b", "k", three_checks()).error().cure, "did you mean load.name?");
}

TEST(AllChecks, have_unique_names_of_a_group_and_one_sentence) {
  std::set<std::string> names;
  for (const Check &check : all_checks()) {
    EXPECT_TRUE(names.insert(check.name).second) << check.name;
    EXPECT_GT(check.name.find('.'), 0U);
    EXPECT_EQ(check.about.find('.', check.about.size() - 1), check.about.size() - 1) << check.about;
    EXPECT_EQ(check.about.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace regcred::conformance
