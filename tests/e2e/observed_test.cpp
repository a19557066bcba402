// SPDX-License-Identifier: Apache-2.0
// What a request leaves behind on the node, when the configuration asks for it: promise L3.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "e2e/fixture.hpp"
#include "support/datagram_server.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Observed : public EndToEnd {
 protected:
  // Runs regcred where the system's two logs are sockets of this test: a mount namespace of its own.
  ProcessOutput ask_with_logs(const std::string &yaml, const std::string &input) {
    const std::string script =
        "mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/dev && "
        "mount --bind \"$LOGS\" /run/systemd/journal && touch /run/dev/null && mount --bind /dev/null /run/dev/null && "
        "ln -s \"$LOGS/log\" /run/dev/log && mount --rbind /run/dev /dev && exec \"$@\"";
    return run_process({{"/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh",
                         REGCRED_PROGRAM, "--config", directory_.write("config.yaml", yaml)},
                        input,
                        {{"LOGS", logs_}, {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}}});
  }
  [[nodiscard]] std::string recorded(const std::string &defaults) const {
    return config("orgSlug: iduffy-demo, serviceSlug: default-v9ty", defaults);
  }
  static std::string text_of(const std::string &path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Takes the one datagram of one request.
  std::string line_of(DatagramServer &log) {
    const std::vector<std::string> lines = log.received();
    EXPECT_EQ(lines.size(), 1U);
    const std::string line = lines.empty() ? "" : lines.front();
    EXPECT_EQ(regcred::test::find_leak(token_, line), std::nullopt) << line;
    return line;
  }

  std::string logs_ = directory_.path() + "/logs";
  bool made_ = std::filesystem::create_directory(logs_);
  DatagramServer journald_{logs_ + "/socket"};
  DatagramServer syslog_{logs_ + "/log"};
};

TEST_F(Observed, L3_one_line_of_each_request_in_the_journal) {
  const ProcessOutput output = ask_with_logs(recorded("requestLog: journald"), request());
  const std::string password = credential(output).second;
  const std::string line = line_of(journald_);
  EXPECT_THAT(line, AllOf(HasSubstr("SYSLOG_IDENTIFIER=regcred\n"), HasSubstr("PRIORITY=6\n"),
                          HasSubstr("REGCRED_IMAGE=docker.cloudsmith.io/iduffy-demo/purple-team/ubuntu\n"),
                          HasSubstr("REGCRED_REGISTRY=cloudsmith\n"), HasSubstr("REGCRED_OUTCOME=ok\n"),
                          HasSubstr("REGCRED_SERVICE_ACCOUNT="), HasSubstr("REGCRED_CACHE_KEY_TYPE=Registry\n")));
  EXPECT_EQ(regcred::test::find_leak(password, line), std::nullopt) << line;
  EXPECT_TRUE(syslog_.received().empty());
}

TEST_F(Observed, L3_a_failure_is_a_line_too_with_its_reason) {
  const ProcessOutput output = ask_with_logs(recorded("requestLog: syslog"), request({}, "images.example.com/a/b"));
  EXPECT_NE(output.status, 0);
  EXPECT_THAT(line_of(syslog_),
              AllOf(HasSubstr("<27>"), HasSubstr(" regcred["), HasSubstr("outcome=config"), HasSubstr("exitStatus=3")));
  EXPECT_NE(ask_with_logs(recorded("requestLog: syslog"), request({}, "nowhere.example.com/a")).status, 0);
  EXPECT_THAT(line_of(syslog_), HasSubstr("outcome=no_match"));
}

TEST_F(Observed, L3_requests_are_counted_in_the_metrics_file) {
  const std::string file = directory_.path() + "/regcred.prom";
  const std::string yaml = recorded("metricsFile: " + file);
  credential(ask(yaml, request()));
  credential(ask(yaml, request()));
  EXPECT_EQ(ask(yaml, request({}, "nowhere.example.com/a")).status, 4);
  EXPECT_THAT(text_of(file), AllOf(HasSubstr("regcred_requests_total{registry=\"cloudsmith\",outcome=\"ok\"} 2\n"),
                                   HasSubstr("regcred_requests_total{registry=\"\",outcome=\"no_match\"} 1\n"),
                                   HasSubstr("regcred_request_duration_seconds_count{registry=\"cloudsmith\"} 2\n")));
}

TEST_F(Observed, L3_requests_at_the_same_time_are_all_counted) {
  const std::string file = directory_.path() + "/regcred.prom";
  const std::string config = directory_.write("config.yaml", recorded("metricsFile: " + file));
  std::vector<ProcessOutput> outputs(8);
  std::vector<std::thread> pods;
  for (ProcessOutput &output : outputs) {
    pods.emplace_back([&] { output = run_process({{REGCRED_PROGRAM, "--config", config}, request(), {}}); });
  }
  for (std::thread &pod : pods) pod.join();
  std::size_t bytes = 0;
  for (const ProcessOutput &output : outputs) {
    EXPECT_EQ(regcred::test::find_leak(credential(output).second, text_of(file)), std::nullopt);
    bytes += output.out.size();
  }
  EXPECT_THAT(text_of(file),
              AllOf(HasSubstr("regcred_requests_total{registry=\"cloudsmith\",outcome=\"ok\"} 8\n"),
                    HasSubstr("regcred_answer_bytes_total{registry=\"cloudsmith\"} " + std::to_string(bytes) + "\n")));
  EXPECT_EQ(regcred::test::find_leak(token_, text_of(file)), std::nullopt);
}

TEST_F(Observed, L3_a_held_lock_costs_one_count_and_the_log_says_so) {
  const std::string file = directory_.path() + "/regcred.prom";
  const std::string yaml = recorded("requestLog: journald, metricsFile: " + file);
  credential(ask_with_logs(yaml, request()));
  EXPECT_THAT(line_of(journald_), Not(HasSubstr("REGCRED_METRICS_ERROR")));
  const int lock = ::open((file + ".lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  credential(ask_with_logs(yaml, request()));
  ::close(lock);
  EXPECT_THAT(line_of(journald_), HasSubstr("REGCRED_METRICS_ERROR=" + file + ".lock: other processes held it"));
  EXPECT_THAT(text_of(file), HasSubstr("outcome=\"ok\"} 1\n"));
}

TEST_F(Observed, L5_what_cannot_be_kept_costs_the_answer_nothing) {
  credential(ask(recorded("requestLog: journald"), request()));  // most likely nobody listens on this machine
  credential(ask(recorded("metricsFile: /nowhere/regcred.prom"), request()));
  std::filesystem::create_directory(directory_.path() + "/open");
  std::filesystem::permissions(directory_.path() + "/open", std::filesystem::perms(0777));
  credential(ask(recorded("metricsFile: " + directory_.path() + "/open/regcred.prom"), request()));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path() + "/open"));
}

TEST_F(Observed, F6_nothing_is_written_unless_it_is_configured) {
  credential(ask_with_logs(usual_config(), request()));
  EXPECT_TRUE(journald_.received().empty());
  EXPECT_TRUE(syslog_.received().empty());
}

TEST_F(Observed, other_commands_leave_nothing) {
  const std::string file = directory_.path() + "/regcred.prom";
  const std::string config = directory_.write("config.yaml", recorded("metricsFile: " + file));
  EXPECT_EQ(run_process({{REGCRED_PROGRAM, "explain", image, "--config", config}, "", {}}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace regcred::testing
