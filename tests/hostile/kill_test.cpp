// kill -9 at any moment, of the program or of its worker: a whole answer or none, and nobody is left.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include "e2e/fixture.hpp"
#include "hostile/orphans.hpp"

namespace regcred::testing {
namespace {

// How often; more by hand: REGCRED_KILLS=5000.
int rounds() {
  const char *const wanted = std::getenv("REGCRED_KILLS");
  return wanted == nullptr ? 150 : std::atoi(wanted);
}

std::vector<pid_t> children_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

class Killed : public EndToEnd {
 protected:
  // Starts one request, its answer into a file, and gives the process.
  pid_t start() {
    const pid_t pid = ::fork();
    if (pid == 0) {
      const int in = ::open(request_.c_str(), O_RDONLY);
      const int out = ::open(answer_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      const int err = ::open(errors_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      ::dup2(in, 0);
      ::dup2(out, 1);
      ::dup2(err, 2);
      ::execl(REGCRED_PROGRAM, REGCRED_PROGRAM, "--config", config_.c_str(), nullptr);
      ::_exit(127);
    }
    return pid;
  }
  static std::string text_of(const std::string &path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void expect_whole_or_nothing() const {
    const std::string answer = text_of(answer_);
    if (answer.empty()) return;
    EXPECT_TRUE(nlohmann::json::accept(answer)) << answer;
    EXPECT_EQ(answer.back(), '\n');
  }
  // How long a request takes here and now.
  std::chrono::microseconds usual_time() {
    const auto begin = std::chrono::steady_clock::now();
    ::waitpid(start(), nullptr, 0);
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  }
  // A moment between the start and some time after the usual end.
  std::chrono::microseconds moment() {
    return std::chrono::microseconds(std::uniform_int_distribution<long>(0, usual_.count() * 5 / 4)(random_));
  }

  Orphans orphans_;
  std::string config_ = directory_.write("config.yaml", usual_config());
  std::string request_ = directory_.write("request.json", request());
  std::string answer_ = directory_.path() + "/answer";
  std::string errors_ = directory_.path() + "/errors";
  std::mt19937 random_{12345};
  std::chrono::microseconds usual_ = std::max(usual_time(), usual_time());
};

TEST_F(Killed, L5_I3_the_program_at_any_moment) {
  int killed = 0;
  for (int round = 0; round < rounds(); ++round) {
    const pid_t pid = start();
    std::this_thread::sleep_for(moment());
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    killed += WIFSIGNALED(status) ? 1 : 0;
    expect_whole_or_nothing();
    ASSERT_TRUE(orphans_.none_is_left()) << "a worker is left";
  }
  std::cout << killed << " of " << rounds() << " were killed before their end\n";
  EXPECT_GT(killed, rounds() / 10) << "most had ended: the test shows little";
}

TEST_F(Killed, I1_L5_the_worker_at_any_moment) {
  int failed = 0;
  for (int round = 0; round < rounds(); ++round) {
    const pid_t pid = start();
    std::this_thread::sleep_for(moment());
    for (const pid_t worker : children_of(pid)) ::kill(worker, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFEXITED(status)) << "the parent died, too: " << status;
    ASSERT_TRUE(orphans_.none_is_left());
    expect_whole_or_nothing();
    if (WEXITSTATUS(status) == 0) continue;
    ++failed;
    EXPECT_EQ(WEXITSTATUS(status), 6);
    EXPECT_EQ(text_of(answer_), "");
    EXPECT_THAT(text_of(errors_), ::testing::HasSubstr("signal 9"));
  }
  std::cout << failed << " of " << rounds() << " lost their worker before its answer\n";
  EXPECT_GT(failed, rounds() / 20) << "hardly a worker was hit: the test shows little";
}

}  // namespace
}  // namespace regcred::testing
