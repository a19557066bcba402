// SPDX-License-Identifier: Apache-2.0
#include "cli/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

class Child : public ::testing::Test {
 protected:
  // Runs a shell script that stands on PATH under the name `tool`.
  Result<ChildOutput> run(const std::string &script, std::int64_t patience_ms = 5000, std::size_t out_bytes_max = 100) {
    directory_.write("tool", "#!/bin/sh\n" + script, 0700);
    environment_ = with(environment_, "PATH", "relative:/nowhere:" + directory_.path() + ":/usr/bin:/bin");
    return run_child({{"tool", "first", "second"}, out_bytes_max, {clock_.monotonic_ms() + patience_ms}}, environment_,
                     clock_);
  }
  regcred::testing::TemporaryDirectory directory_;
  Environment environment_;
  SystemClock clock_;
};

TEST_F(Child, both_outputs_and_the_exit_status_are_kept) {
  const auto output = run("echo \"$1 $2\"; echo oops >&2; exit 3\n");
  ASSERT_TRUE(output) << output.error().what;
  EXPECT_EQ(output->status, 3);
  EXPECT_EQ(output->out, "first second\n");
  EXPECT_EQ(output->err, "oops");
}

TEST_F(Child, it_has_these_variables_no_input_and_dies_of_a_closed_pipe_as_programs_do) {
  environment_ = with(environment_, "KUBECONFIG", "/some/where");
  EXPECT_EQ(run("echo $KUBECONFIG; cat\n")->out, "/some/where\n");
  EXPECT_EQ(run("kill -PIPE $$\n")->status, 128 + SIGPIPE);
}

TEST_F(Child, its_words_become_one_short_printable_line) {
  EXPECT_EQ(run("printf 'one\\ntwo\\033[31m\\n' >&2\n")->err, "one\\ntwo\\x1b[31m");
  EXPECT_LE(run("yes oops | head -c 1000000 >&2\n")->err.size(), 400U);
}

TEST_F(Child, one_that_does_not_end_is_killed) {
  const auto output = run("echo waiting for a login >&2; exec sleep 60\n", 300);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::deadline);
  EXPECT_THAT(output.error().what, HasSubstr("gave no answer in time: waiting for a login"));
}

TEST_F(Child, one_that_closes_its_outputs_and_stays_is_killed_too) {
  const std::int64_t before_ms = clock_.monotonic_ms();
  EXPECT_TRUE(run("exec sleep 60 >&- 2>&-\n", 300));
  EXPECT_LT(clock_.monotonic_ms() - before_ms, 5000);
}

TEST_F(Child, H5_too_much_output_is_refused) {
  EXPECT_TRUE(run("printf %0100d 0\n"));
  const auto output = run("printf %0101d 0\n");
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::usage);
}

TEST_F(Child, one_that_is_not_there_or_no_program_is_said_so) {
  environment_ = with(environment_, "PATH", ":relative");
  const auto missing = run_child({{"tool"}, 10, {clock_.monotonic_ms() + 1000}}, environment_, clock_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().what, "is not on PATH");
  directory_.write("broken",
                   "\x7f"
                   "ELF",
                   0700);
  environment_ = with(environment_, "PATH", directory_.path());
  const auto broken = run_child({{"broken"}, 10, {clock_.monotonic_ms() + 1000}}, environment_, clock_);
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().what, HasSubstr("cannot be started"));
}

}  // namespace
}  // namespace regcred::core
