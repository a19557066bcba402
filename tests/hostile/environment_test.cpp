// The node as an attacker or an absent-minded administrator leaves it: descriptors, limits, file systems, signals. Each
// gives the right answer, or one clean line; never half a document.
#include <filesystem>

#include "e2e/fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Node : public EndToEnd {
 protected:
  // Runs `script` with $REGCRED and $CONFIG set; the request is on its standard input.
  ProcessOutput sh(const std::string &script, const std::vector<std::string> &around = {}) {
    std::vector<std::string> argv = around;
    argv.insert(argv.end(), {"/bin/sh", "-c", script});
    return run_process({argv,
                        request(),
                        {{"REGCRED", REGCRED_PROGRAM},
                         {"CONFIG", directory_.write("config.yaml", usual_config())},
                         {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}});
  }
  void expect_right_or_clean(const ProcessOutput &output, const std::string &row) {
    EXPECT_EQ(regcred::test::find_leak(token_, output.err), std::nullopt) << row;
    if (output.status == 0) {
      EXPECT_TRUE(nlohmann::json::accept(output.out)) << row << ": " << output.out;
      return;
    }
    EXPECT_EQ(output.out, "") << row;
    EXPECT_THAT(output.status, AnyOf(Eq(2), Eq(3), Eq(5), Eq(6), Eq(7), Eq(8))) << row << ": " << output.err;
    EXPECT_THAT(output.err, StartsWith("regcred: ")) << row;
    EXPECT_EQ(output.err.find('\n'), output.err.size() - 1) << row << ": " << output.err;
  }
};

constexpr const char *plain = "exec \"$REGCRED\" --config \"$CONFIG\"";

TEST_F(Node, the_usual_one) { credential(sh(plain)); }

TEST_F(Node, L5_descriptors_that_are_closed) {
  struct Row {
    const char *redirection;
    bool can_answer;
  };
  const Row table[] = {{"2>&-", true},      {"<&-", false},     {">&-", false},         {"<&- 2>&-", false},
                       {">&- 2>&-", false}, {"<&- >&-", false}, {"<&- >&- 2>&-", false}};
  for (const auto &[redirection, can_answer] : table) {
    const ProcessOutput output = sh(std::string(plain) + " " + redirection);
    EXPECT_EQ(output.status == 0, can_answer) << redirection << ": " << output.err;
    EXPECT_EQ(output.out.empty(), !can_answer) << redirection;
    EXPECT_EQ(regcred::test::find_leak(token_, output.err), std::nullopt);
  }
}

TEST_F(Node, L6_an_answer_that_cannot_be_written_is_a_failure) {
  const ProcessOutput full = sh(std::string(plain) + " > /dev/full");
  EXPECT_EQ(full.status, 8);
  EXPECT_THAT(full.err, HasSubstr("standard output: cannot be written"));
  // A reader that is gone, with SIGPIPE as it comes and ignored.
  EXPECT_NE(sh("(" + std::string(plain) + "; echo status $? >&2) | true").err, "status 0\n");
  const ProcessOutput ignored = sh("trap '' PIPE; (\"$REGCRED\" --config \"$CONFIG\"; echo status $? >&2) | true");
  EXPECT_THAT(ignored.err, AnyOf(HasSubstr("status 8"), HasSubstr("status 0")));  // it may be faster than `true`
}

TEST_F(Node, limits_that_are_too_small) {
  const char *const limits[] = {"ulimit -n 3",        "ulimit -n 4",     "ulimit -n 5",      "ulimit -n 6",
                                "ulimit -n 8",        "ulimit -n 12",    "ulimit -f 0",      "ulimit -s 64",
                                "ulimit -s 256",      "ulimit -v 60000", "ulimit -v 120000", "ulimit -v 250000",
                                "ulimit -c unlimited"};
  for (const char *limit : limits) {
    const ProcessOutput output = sh(std::string(limit) + " && " + plain);
    // The loader of the system itself may say no before regcred begins: then it is the shell's or the linker's word.
    if (output.status == 127 || output.err.find("error while loading shared libraries") != std::string::npos) {
      EXPECT_EQ(output.out, "") << limit;
      continue;
    }
    if (output.status >= 128) {  // the kernel refuses the stack before main
      EXPECT_THAT(limit, HasSubstr("ulimit -")) << output.status;
      EXPECT_EQ(output.out, "") << limit;
      continue;
    }
    expect_right_or_clean(output, limit);
  }
}

TEST_F(Node, file_systems) {
  const std::vector<std::string> mounts = {"/usr/bin/unshare", "--mount", "--propagation", "private"};
  expect_right_or_clean(sh("umount -l /proc; " + std::string(plain), mounts), "no /proc");
  credential(sh("mount -o remount,ro,bind / 2>/dev/null || mount --bind -o ro / /; " + std::string(plain), mounts));
  expect_right_or_clean(sh("mount -t tmpfs none /dev; " + std::string(plain), mounts), "an empty /dev");
  credential(sh("mount -t tmpfs none /tmp/.. 2>/dev/null; cd / && " + std::string(plain), mounts));
}

TEST_F(Node, signals_and_masks_that_the_parent_left) {
  credential(sh("umask 0; " + std::string(plain)));
  credential(sh("trap '' CHLD; " + std::string(plain)));
  credential(sh("trap '' TERM HUP INT QUIT ALRM USR1 USR2; " + std::string(plain)));
  credential(run_process({{"/usr/bin/python3", "-c",
                           "import os,signal,sys\n"
                           "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n"
                           "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
                           "os.execv(sys.argv[1], sys.argv[1:])",
                           REGCRED_PROGRAM, "--config", directory_.write("config.yaml", usual_config())},
                          request(),
                          {}}));
  credential(
      sh("cd /nowhere 2>/dev/null; mkdir -p \"${CONFIG%/*}/gone\" && cd \"${CONFIG%/*}/gone\" && rmdir "
         "\"${CONFIG%/*}/gone\"; " +
         std::string(plain)));
}

TEST_F(Node, hundreds_of_inherited_descriptors) {
  credential(
      sh("exec /bin/bash -c 'for i in {10..200}; do eval \"exec $i</dev/null\"; done; " + std::string(plain) + "'"));
}

}  // namespace
}  // namespace regcred::testing
