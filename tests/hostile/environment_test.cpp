// SPDX-License-Identifier: Apache-2.0
// The node as an attacker or an absent-minded administrator leaves it: descriptors, limits, file systems, signals. Each
// gives the right answer, or one clean line; never half a document.
#include <csignal>
#include <filesystem>
#include <regex>

#include "e2e/fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
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

bool linker_refused(const ProcessOutput &output) {
  return output.status == 127 && output.out.empty() &&
         output.err.find("error while loading shared libraries") != std::string::npos;
}

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
  const ProcessOutput both_full = sh(std::string(plain) + " > /dev/full 2> /dev/full");
  EXPECT_EQ(both_full.status, 8);
  // A reader that is gone, with SIGPIPE as it comes and ignored.
  for (const char *trap : {"", "trap '' PIPE; "}) {
    const ProcessOutput gone =
        sh(std::string(trap) + "{ sleep 0.2; \"$REGCRED\" --config \"$CONFIG\"; echo status $? >&2; } | true");
    EXPECT_THAT(gone.err, HasSubstr("standard output: cannot be written: Broken pipe")) << trap;
    EXPECT_THAT(gone.err, HasSubstr("status 8")) << trap;
  }
}

// Each limit, from one that the system cannot start a program with (the kernel and the dynamic linker have their own
// words then) to one that is ample.
TEST_F(Node, L5_L6_I1_limits_on_descriptors) {
  bool seen_lack = false;
  for (int limit = 3; limit <= 24; ++limit) {
    const std::string row = "ulimit -n " + std::to_string(limit);
    const ProcessOutput output = sh(row + " && " + plain);
    if (linker_refused(output)) continue;
    expect_right_or_clean(output, row);
    EXPECT_THAT(output.err, Not(HasSubstr("maintainers"))) << row << ": it is no fault of the backend";
    seen_lack = seen_lack || output.err.find("process did not get what it needs: Too many open") != std::string::npos;
    if (limit == 24) credential(output);
  }
  EXPECT_TRUE(seen_lack) << "no limit hit the worker's own start";
}

TEST_F(Node, L5_L6_limits_on_memory) {
  int answered = 0;
  int failed = 0;
  for (int kib = 6000; kib <= 52'000; kib += 2000) {
    const std::string row = "ulimit -v " + std::to_string(kib);
    const ProcessOutput output = sh(row + " && " + plain);
    if (linker_refused(output)) continue;
    // The dynamic linker crashes where its own pages do not fit, whatever the program is asked.
    if (output.status == 128 + SIGSEGV && sh(row + " && exec \"$REGCRED\" --version").status == output.status) continue;
    expect_right_or_clean(output, row);
    ++(output.status == 0 ? answered : failed);
  }
#ifndef REGCRED_SANITIZED
  EXPECT_GT(answered, 0);
  EXPECT_GT(failed, 0) << "no limit was too small: the test shows nothing";
#endif
  for (const char *limit : {"ulimit -s 64", "ulimit -s 256", "ulimit -s unlimited"}) {
    expect_right_or_clean(sh(std::string(limit) + " && " + plain), limit);
  }
}

TEST_F(Node, limits_that_do_not_matter) {
  credential(sh(std::string("ulimit -f 0 && ") + plain));  // writes no file
  credential(sh(std::string("ulimit -c unlimited && ") + plain));
  credential(sh(std::string("ulimit -t 30 && ") + plain));
}

// RLIMIT_NPROC counts the processes of a user, and does not bind root: somebody of whom nothing else runs.
TEST_F(Node, L5_L6_limits_on_processes) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(ca_file_, std::filesystem::perms(0644));
  const std::string usual = directory_.write("config.yaml", usual_config(), 0644);
  const auto with = [&](int processes, const std::string &file) {
    return run_process({{"/usr/bin/prlimit", "--nproc=" + std::to_string(processes), "/usr/bin/setpriv",
                         "--reuid=64321", "--regid=64321", "--clear-groups", REGCRED_PROGRAM, "--config", file},
                        request(),
                        {}});
  };
  expect_clean_failure(
      with(1, usual), 6,
      "the backend process cannot be forked: Resource temporarily unavailable; see the limits on processes");
  credential(with(8, usual));
  // A worker, but none more: names are resolved in a thread.
  std::string named =
      std::regex_replace(config("orgSlug: acme", "deadline: 20s"), std::regex("localhost:[0-9]+"), "api.example.com");
  expect_clean_failure(with(2, directory_.write("named.yaml", named, 0644)), 6,
                       "no thread could be started to resolve the name api.example.com; see the limits on processes");
}

TEST_F(Node, file_systems) {
  const std::vector<std::string> mounts = {"/usr/bin/unshare", "--mount", "--propagation", "private"};
  const std::string read_only =
      "d=${CONFIG%/*} && mount -o remount,ro,bind / && mount --bind $d $d && "
      "mount -o remount,ro,bind $d && ! touch $d/x 2>/dev/null && ";
  credential(sh(read_only + plain, mounts));
  // /proc shows where the program lies, and so its backends: without it there is no answer.
  const ProcessOutput without_proc = sh("umount -l /proc && " + std::string(plain), mounts);
  expect_right_or_clean(without_proc, "no /proc");
  EXPECT_THAT(without_proc.err, AnyOf(Eq(""), HasSubstr("/proc")));
  expect_right_or_clean(sh("mount -t tmpfs none /dev && " + std::string(plain), mounts), "an empty /dev");
  // A disk that is full: what cannot be counted costs the answer nothing.
  directory_.write("full/regcred.prom", "");
  const std::string counted =
      directory_.write("counted.yaml", config("orgSlug: iduffy-demo, serviceSlug: default-v9ty",
                                              "metricsFile: " + directory_.path() + "/full/regcred.prom"));
  credential(sh("d=" + directory_.path() +
                    "/full && mount -t tmpfs -o size=4k none $d && chmod 700 $d && "
                    "head -c 9000 /dev/zero > $d/fill 2>/dev/null; exec \"$REGCRED\" --config " +
                    counted,
                mounts));
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

TEST_F(Node, a_failing_kubectl_where_the_end_of_children_is_ignored) {
  directory_.write("kubectl", "#!/bin/sh\necho 'error: forbidden' >&2\nexit 7\n", 0755);
  const ProcessOutput output =
      sh("sed -i 's/  backend: cloudsmith/  audience: x\\n&/' \"$CONFIG\"; PATH=\"${CONFIG%/*}:$PATH\" exec env "
         "--ignore-signal=CHLD \"$REGCRED\" get docker.cloudsmith.io/iduffy-demo/a --service-account a/b "
         "--config \"$CONFIG\"");
  EXPECT_THAT(output.err, HasSubstr("ended with status 7: error: forbidden"));
}

TEST_F(Node, hundreds_of_inherited_descriptors) {
  credential(
      sh("exec /bin/bash -c 'for i in {10..200}; do eval \"exec $i</dev/null\"; done; " + std::string(plain) + "'"));
}

}  // namespace
}  // namespace regcred::testing
