// SPDX-License-Identifier: Apache-2.0
// Real programs, run by the rules of regcred.process/1; and those that do what none should.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "common/sha256.hpp"
#include "services/process/forked_programs.hpp"
#include "support/process.hpp"
#include "support/recording_log.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RecordingLog;
using ::testing::StartsWith;

class ProgramRuns : public ::testing::Test {
 protected:
  ProgramRuns() { std::signal(SIGPIPE, SIG_IGN); }  // as harden_process() does

  std::string script(const std::string &body, unsigned mode = 0755) {
    return directory_.write("program", "#!/bin/sh\n" + body, mode);
  }
  tl::expected<ProgramEnd, ProgramFailure> run(const ProgramRequest &request, std::int64_t deadline_ms = 20'000) {
    ForkedPrograms programs({clock_.monotonic_ms() + deadline_ms}, clock_, log_, proxy_);
    return programs.run(request);
  }
  std::string output(const ProgramRequest &request) {
    const auto end = run(request);
    if (!end) return "failed: " + end.error().text;
    EXPECT_EQ(end->exit_status, 0);
    return std::string(end->output.reveal());
  }
  ProgramFailure failure(const ProgramRequest &request, std::int64_t deadline_ms = 20'000) {
    const auto end = run(request, deadline_ms);
    return end ? ProgramFailure{REGCRED_OK, "it ran"} : end.error();
  }
  // Whether the process whose id a program wrote into a file lives.
  bool lives(const std::string &file) {
    std::ifstream in(file);
    pid_t pid = 0;
    in >> pid;
    EXPECT_GT(pid, 0) << file;
    return ::kill(pid, 0) == 0;
  }

  regcred::testing::TemporaryDirectory directory_;
  SystemClock clock_;
  RecordingLog log_;
  std::vector<std::string> proxy_;
};

TEST_F(ProgramRuns, P1_input_output_arguments_and_status_are_passed) {
  const std::string path = script("cat; printf '|%s' \"$0\" \"$@\"; exit 7\n");
  const auto end = run({.path = path, .arguments = {"get", "a b", ""}, .input = "the input"});
  ASSERT_TRUE(end) << end.error().text;
  EXPECT_EQ(end->output.reveal(), "the input|" + path + "|get|a b|");
  EXPECT_EQ(end->exit_status, 7);
  EXPECT_EQ(end->signal, 0);
}

TEST_F(ProgramRuns, P1_a_compiled_program_runs_as_well) {
  EXPECT_EQ(output({.path = "/bin/cat", .input = "x"}), "x");
  EXPECT_EQ(output({.path = "/usr/bin/env"}), "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLANG=C\n");
}

TEST_F(ProgramRuns, P1_a_signal_is_told) {
  const auto end = run({.path = script("kill -SEGV $$\n")});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGSEGV);
  EXPECT_EQ(end->exit_status, -1);
}

TEST_F(ProgramRuns, P2_the_environment_is_built_and_not_inherited) {
  ::setenv("REGCRED_TEST_INHERITED", "1", 1);
  proxy_ = {"HTTPS_PROXY=http://proxy.example.com:3128"};
  EXPECT_EQ(output({.path = "/usr/bin/env", .environment = {{"HOME", "/var/lib/x"}, {"PATH", "/opt/bin"}}}),
            "LANG=C\nHTTPS_PROXY=http://proxy.example.com:3128\nHOME=/var/lib/x\nPATH=/opt/bin\n");
}

TEST_F(ProgramRuns, P2_a_program_has_three_descriptors_root_as_directory_its_own_session_and_no_mask) {
  const int open = ::open("/dev/null", O_RDWR);  // inherited unless it is closed
  EXPECT_EQ(output({.path = "/bin/ls", .arguments = {"/proc/self/fd"}}), "0\n1\n2\n3\n");  // 3: the directory itself
  ::close(open);
  const std::string own = output({.path = script("pwd; umask; grep -E '^(SigBlk|SigIgn)' /proc/self/status\n"
                                                 "read -r _ _ _ _ group session rest </proc/self/stat\n"
                                                 "[ $$ = \"$group\" ] && [ $$ = \"$session\" ] && echo own\n")});
  EXPECT_THAT(own, StartsWith("/\n0077\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"));
  EXPECT_THAT(own, HasSubstr("own\n"));
}

TEST_F(ProgramRuns, P2_standard_error_is_dropped_and_its_lines_are_counted) {
  EXPECT_EQ(output({.path = script("echo s3cret >&2; echo s3cret >&2; echo out\n")}), "out\n");
  EXPECT_THAT(log_.lines, ::testing::ElementsAre(AllOf(HasSubstr("wrote 2 lines"), Not(HasSubstr("s3cret")))));
}

TEST_F(ProgramRuns, F1_a_file_that_others_may_change_is_not_run) {
  for (const unsigned mode : {0775U, 0757U}) {
    const ProgramFailure refused = failure({.path = script("echo\n", mode)});
    EXPECT_EQ(refused.code, REGCRED_BAD_CONFIG);
    EXPECT_THAT(refused.text, AllOf(HasSubstr("is writable by"), HasSubstr("chmod go-w")));
  }
  const std::string path = script("echo ran\n");
  ::chown(path.c_str(), 4711, 4711);
  EXPECT_THAT(failure({.path = path}).text, HasSubstr("belongs to user 4711"));
}

TEST_F(ProgramRuns, F2_nor_one_in_a_directory_or_behind_a_link_that_others_may_change) {
  const std::string path = script("echo ran\n");
  const std::string link = directory_.path() + "/link";
  ASSERT_EQ(::symlink(path.c_str(), link.c_str()), 0);
  EXPECT_EQ(output({.path = link}), "ran\n");  // root's own link
  ASSERT_EQ(::lchown(link.c_str(), 4711, 4711), 0);
  EXPECT_THAT(failure({.path = link}).text, HasSubstr("its symlink"));
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
  EXPECT_THAT(failure({.path = path}).text, HasSubstr("its directory"));
}

TEST_F(ProgramRuns, F5_a_pinned_sha256_that_differs_is_fatal) {
  const std::string path = script("echo ran\n");
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string right = sha256_of(fd.get()).value_or("");
  EXPECT_EQ(output({.path = path, .sha256 = right}), "ran\n");
  const ProgramFailure refused = failure({.path = path, .sha256 = std::string(64, '0')});
  EXPECT_EQ(refused.code, REGCRED_BAD_CONFIG);
  EXPECT_THAT(refused.text, AllOf(HasSubstr(right), HasSubstr("install the expected build")));
}

TEST_F(ProgramRuns, P1_what_cannot_be_started_says_why) {
  struct Row {
    std::string path;
    std::int32_t code;
    const char *words;
  };
  const std::vector<Row> rows = {
      {"program", REGCRED_BAD_REQUEST, "absolute path"},
      {directory_.path() + "/none", REGCRED_BAD_CONFIG, "no such file"},
      {directory_.path(), REGCRED_BAD_CONFIG, "is a directory"},
      {"/dev/null", REGCRED_BAD_CONFIG, "is a device"},
      {directory_.write("no-x", "#!/bin/sh\n", 0644), REGCRED_BAD_CONFIG, "/no-x: it is not executable; chmod 755 /"},
      {directory_.write("text", "just text\n", 0755), REGCRED_BAD_CONFIG, "a script begins with a #! line"},
      {directory_.write("strange", "#!/nowhere/sh\n", 0755), REGCRED_BAD_CONFIG, "it needs /nowhere/sh, which is not"},
      {directory_.write("relative", "#! nowhere/sh\n", 0755), REGCRED_BAD_CONFIG, "it needs nowhere/sh"},
      {directory_.write("folder-as-sh", "#!/etc\n", 0755), REGCRED_BAD_CONFIG, "it needs /etc, which is not there"},
      {directory_.write("windows", "#!/bin/sh\r\n", 0755), REGCRED_BAD_CONFIG, "lines that end in CR LF"},
  };
  for (const Row &row : rows) {
    const ProgramFailure refused = failure({.path = row.path});
    EXPECT_EQ(refused.code, row.code) << row.path;
    EXPECT_THAT(refused.text, HasSubstr(row.words));
  }
}

TEST_F(ProgramRuns, P1_requests_that_break_a_rule_start_nothing) {
  const std::string much(70'000, 'x');
  const std::string flood((1U << 20U) + 1, 'x');
  using Arguments = std::vector<std::string_view>;
  const std::vector<ProgramRequest> requests = {
      {.path = "/bin/true", .sha256 = "ABC"},
      {.path = "/bin/true", .arguments = Arguments(65, "x")},
      {.path = "/bin/true", .arguments = {much}},
      {.path = "/bin/true", .arguments = {std::string_view("a\0b", 3)}},
      {.path = "/bin/true", .environment = {{"A=B", "x"}}},
      {.path = "/bin/true", .environment = {{"1A", "x"}}},
      {.path = "/bin/true", .environment = {{"", "x"}}},
      {.path = "/bin/true", .environment = {{"A", std::string_view("a\0b", 3)}}},
      {.path = "/bin/true", .input = flood},
  };
  for (const ProgramRequest &request : requests) EXPECT_EQ(failure(request).code, REGCRED_BAD_REQUEST);
}

TEST_F(ProgramRuns, P3_a_program_that_does_not_end_is_killed_also_when_it_ignores_sigterm) {
  const std::string pid = directory_.path() + "/pid";
  const std::string path = script("trap '' TERM HUP INT; echo $$ >" + pid + "; while :; do sleep 1; done\n");
  const std::int64_t start = clock_.monotonic_ms();
  const ProgramFailure late = failure({.path = path, .timeout_ms = 400});
  EXPECT_EQ(late.code, REGCRED_TIMEOUT);
  EXPECT_THAT(late.text, HasSubstr("did not end within 400 ms"));
  EXPECT_LT(clock_.monotonic_ms() - start, 2'000);
  EXPECT_FALSE(lives(pid));
}

TEST_F(ProgramRuns, P3_two_seconds_of_the_deadline_are_kept) {
  const std::int64_t start = clock_.monotonic_ms();
  EXPECT_THAT(failure({.path = "/bin/sleep", .arguments = {"60"}, .timeout_ms = 60'000}, 2'500).text,
              HasSubstr("did not end within"));
  EXPECT_LT(clock_.monotonic_ms() - start, 1'500);
  const ProgramFailure none = failure({.path = "/bin/true"}, 1'900);
  EXPECT_EQ(none.code, REGCRED_TIMEOUT);
  EXPECT_THAT(none.text, HasSubstr("no time is left"));
}

TEST_F(ProgramRuns, P3_daemons_in_sessions_of_their_own_are_gone_afterwards) {
  const std::string pid = directory_.path() + "/pid";
  const std::string daemon = "setsid sh -c 'setsid sh -c \"echo \\$\\$ >" + pid + "; exec sleep 1000\" &' & ";
  const std::string wait = "while [ ! -s " + pid + " ]; do sleep 0.01; done\n";
  EXPECT_EQ(output({.path = script(daemon + wait + "echo done\n")}), "done\n");
  EXPECT_FALSE(lives(pid));
  EXPECT_EQ(failure({.path = script(daemon + wait + "exec sleep 1000\n"), .timeout_ms = 1'000}).code, REGCRED_TIMEOUT);
  EXPECT_FALSE(lives(pid));
}

TEST_F(ProgramRuns, P3_a_child_that_keeps_the_output_open_delays_nobody) {
  const std::int64_t start = clock_.monotonic_ms();
  EXPECT_EQ(output({.path = script("sleep 1000 & echo done\n")}), "done\n");
  EXPECT_LT(clock_.monotonic_ms() - start, 2'000);
}

TEST_F(ProgramRuns, H5_a_flood_of_output_ends_the_program_and_one_of_errors_does_not) {
  const ProgramFailure flood = failure({.path = script("exec cat /dev/zero\n")});
  EXPECT_EQ(flood.code, REGCRED_BAD_UPSTREAM);
  EXPECT_THAT(flood.text, HasSubstr("more than 1 MiB"));
  EXPECT_EQ(output({.path = script("head -c 20000000 /dev/zero >&2; echo out\n")}), "out\n");
  const std::string most = output({.path = script("head -c 1048576 /dev/zero\n")});
  EXPECT_EQ(most.size(), 1U << 20U);
}

// A program may make its pipe as large as the system allows, fill it, and end.
TEST_F(ProgramRuns, P1_all_that_was_written_is_read_also_from_a_large_pipe) {
  const std::string path = directory_.write("large",
                                            "#!/usr/bin/python3\nimport fcntl, os\nfcntl.fcntl(1, 1031, 1 << 20)\n"
                                            "os.write(1, b'x' * 1000000)\nos._exit(0)\n",
                                            0755);
  for (int round = 0; round < 10; ++round) EXPECT_EQ(output({.path = path}).size(), 1'000'000U);
}

TEST_F(ProgramRuns, P1_a_program_that_does_not_read_its_input_may_end_as_it_likes) {
  const std::string much(1U << 20U, 'x');
  EXPECT_EQ(output({.path = script("exec 0<&-; echo done\n"), .input = much}), "done\n");
  EXPECT_EQ(output({.path = script("exec wc -c\n"), .input = much}), "1048576\n");
  EXPECT_EQ(output({.path = script("exec 1>&- 2>&-; sleep 0.2\n"), .input = much}), "");
}

TEST_F(ProgramRuns, P3_a_program_dies_with_its_worker) {
  const std::string pid = directory_.path() + "/pid";
  const std::string path = script("echo $$ >" + pid + "; exec sleep 1000\n");
  const pid_t worker = ::fork();
  if (worker == 0) {
    (void)run({.path = path});
    ::_exit(0);
  }
  struct stat status {};
  while (::stat(pid.c_str(), &status) != 0 || status.st_size == 0) clock_.sleep_ms(5);
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  for (int i = 0; i < 200 && lives(pid); ++i) clock_.sleep_ms(10);
  EXPECT_FALSE(lives(pid));
}

TEST_F(ProgramRuns, P1_programs_of_a_check_are_judged_and_not_run) {
  const std::string ran = directory_.path() + "/ran";
  JudgedPrograms programs;
  EXPECT_EQ(programs.asked(), "");
  EXPECT_EQ(programs.run({.path = script("touch " + ran + "\n")}).error().code, REGCRED_UNAVAILABLE);
  EXPECT_EQ(programs.run({.path = script("", 0644)}).error().code, REGCRED_BAD_CONFIG);
  EXPECT_EQ(programs.run({.path = "/nowhere/program"}).error().code, REGCRED_BAD_CONFIG);
  EXPECT_EQ(programs.asked(), "/nowhere/program");
  EXPECT_NE(::access(ran.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace regcred::core
