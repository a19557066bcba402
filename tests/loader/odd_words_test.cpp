// SPDX-License-Identifier: Apache-2.0
// What a backend says beside its answer: log levels, and the schema of its settings; and what --in-process keeps.
#include "loader/fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Log, L7_levels_that_do_not_exist_are_silent_when_the_log_is_off) {
  const ProcessOutput off = ask(config_for({"odd-levels"}));
  EXPECT_EQ(off.status, 0) << off.err;
  EXPECT_EQ(off.err, "");
  const ProcessOutput errors = ask(config_for({"odd-levels"}), {"--log-level", "error"});
  EXPECT_THAT(errors.err, AllOf(HasSubstr("regcred: error: shown\n"), HasSubstr("regcred: error: forged\n")));
  EXPECT_THAT(errors.err, AllOf(Not(HasSubstr("unasked")), Not(HasSubstr("debug"))));
}

TEST(Schema, H5_a_schema_of_many_levels_is_refused_by_every_command) {
  const TemporaryDirectory directory;
  const std::string config = directory.write("config.yaml", config_for({"deep-schema"}));
  const std::string says = "its settings schema is not a JSON object of at most 32 levels";
  const auto run = [&](std::vector<std::string> command) {
    command.insert(command.begin(), REGCRED_PROGRAM);
    command.insert(command.end(), {"--config", config});
    return run_process({command, "", {}});
  };
  for (const auto &command :
       {std::vector<std::string>{"backends", "-o", "json"}, {"backends"}, {"generate", "schema"}, {"check"}}) {
    const ProcessOutput output = run(command);
    EXPECT_LT(output.out.size(), 500'000U) << command[0];
    EXPECT_EQ(output.out.find(says) == std::string::npos, command[0] == "generate") << command[0];
  }
}

TEST(Audiences, H5_what_is_no_audience_is_written_nowhere) {
  const TemporaryDirectory directory;
  const std::string config = directory.write("config.yaml", config_for({"odd-audiences"}));
  const auto run = [&](std::vector<std::string> command) {
    command.insert(command.begin(), REGCRED_PROGRAM);
    command.insert(command.end(), {"--config", config});
    return run_process({command, "", {}});
  };
  for (const auto &command : {std::vector<std::string>{"generate", "kubelet-config"}, {"generate", "rbac"}}) {
    const ProcessOutput output = run(command);
    EXPECT_EQ(output.status, 3) << command[1];
    EXPECT_THAT(output.err, HasSubstr("`audience` is missing")) << command[1];
    EXPECT_THAT(output.out + output.err, Not(HasSubstr("evil"))) << command[1];
  }
  const ProcessOutput checked = run({"check"});
  EXPECT_THAT(checked.out, AllOf(HasSubstr("[audience-missing]"), Not(HasSubstr("evil"))));
}

TEST(InProcess, L4_the_backend_has_no_environment) {
  EXPECT_THAT(ask_in_process(config_for({"tells"})).out, HasSubstr(" environment=0 "));
}

// The kubelet gives the request through a pipe: there, a crash of the backend must not be one of regcred.
TEST(InProcess, I1_is_refused_where_the_kubelet_may_be_the_one_who_asks) {
  const ProcessOutput piped = ask(config_for({"good"}), {"--in-process"});
  EXPECT_EQ(piped.status, 2);
  EXPECT_THAT(piped.err, HasSubstr("--in-process: is for debuggers"));
  expect_clean_failure(piped);
  EXPECT_EQ(ask_in_process(config_for({"good"})).status, 0);
}

}  // namespace
}  // namespace regcred::testing
