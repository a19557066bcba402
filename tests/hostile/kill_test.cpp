// SPDX-License-Identifier: Apache-2.0
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
#include "hostile/fixture.hpp"
#include "support/orphans.hpp"

namespace regcred::testing {
namespace {

// How often; more by hand: REGCRED_KILLS=5000.
int rounds() {
  const char *const wanted = std::getenv("REGCRED_KILLS");
  return wanted == nullptr ? 150 : std::atoi(wanted);
}

// Children that lead a process group of their own, as workers do. The leak sanitizer has a child as well for a moment,
// and waits for ever when that one is killed.
std::vector<pid_t> workers_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<pid_t> workers;
  for (pid_t child = 0; file >> child;) {
    if (::getpgid(child) == child) workers.push_back(child);
  }
  return workers;
}

// Starts one request whose files lie in `folder`, its answer and errors into files there, and gives the process.
pid_t start_program(const std::string &folder) {
  const std::string config = folder + "/config.yaml";
  const std::string in = folder + "/request.json";
  const std::string out = folder + "/answer";
  const std::string err = folder + "/errors";
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(::open(in.c_str(), O_RDONLY), 0);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    ::execl(REGCRED_PROGRAM, REGCRED_PROGRAM, "--config", config.c_str(), nullptr);
    ::_exit(127);
  }
  return pid;
}

// How long a request takes here and now.
std::chrono::microseconds usual_time(const std::string &folder) {
  std::chrono::steady_clock::duration longest{};
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    ::waitpid(start_program(folder), nullptr, 0);
    longest = std::max(longest, std::chrono::steady_clock::now() - begin);
  }
  return std::chrono::duration_cast<std::chrono::microseconds>(longest);
}

class Killed : public EndToEnd {
 protected:
  pid_t start() { return start_program(directory_.path()); }
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
  std::chrono::microseconds usual_ = usual_time(directory_.path());
};

TEST_F(Killed, L5_the_program_at_any_moment) {
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
    for (const pid_t worker : workers_of(pid)) ::kill(worker, SIGKILL);
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

class KilledWhileWaiting : public Hostile {};

// A server that is silent: a worker that outlived its parent would stay for as long as the deadline, 45 s.
TEST_F(KilledWhileWaiting, I3_no_worker_stays) {
  ScriptedServer server(identity_, after_request([](Connection &connection) { connection.stall(); }));
  write_request("localhost:1", "1s");  // nobody listens there
  const long usual_us = usual_time(directory_.path()).count();
  write_request(host_of(server), "45s");
  const Orphans orphans;
  std::mt19937 random(12345);
  int with_worker = 0;
  for (int round = 0; round < rounds(); ++round) {
    const pid_t pid = start_program(directory_.path());
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<long>(0, usual_us)(random)));
    with_worker += workers_of(pid).empty() ? 0 : 1;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    ASSERT_TRUE(orphans.none_is_left()) << "a worker is left";
  }
  std::cout << with_worker << " of " << rounds() << " had a worker\n";
  EXPECT_GT(with_worker, rounds() / 10) << "hardly a worker was there: the test shows little";
}

}  // namespace
}  // namespace regcred::testing
