// SPDX-License-Identifier: Apache-2.0
#include "worker/in_worker.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "support/recording_log.hpp"
#include "worker/sandbox.hpp"

namespace regcred::core {
namespace {

using testing::RecordingLog;

class InWorker : public ::testing::Test {
 protected:
  template <class Work>
  Result<std::string> run(Work work) {
    const WorkerSite site{"place", {clock_.monotonic_ms() + 2000}, clock_, log_};
    return in_worker<std::string>(site, "the work", work);
  }
  template <class Work>
  std::string failure(Work work) {
    const Result<std::string> outcome = run(work);
    if (outcome) return "succeeded";
    EXPECT_EQ(outcome.error().where, "place");
    return outcome.error().what;
  }

  SystemClock clock_;
  RecordingLog log_;
};

TEST_F(InWorker, gives_what_the_work_returned) {
  const std::string long_text(8000, 'x');
  EXPECT_EQ(run([&](LogSink &, Deadline) { return long_text; }).value_or(""), long_text);
  const auto outcome =
      run([](LogSink &, Deadline) -> Result<std::string> { return fail(ErrorCode::config, "file", "what", "cure"); });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::config);
  EXPECT_EQ(outcome.error().where + outcome.error().what + outcome.error().cure, "filewhatcure");
}

TEST_F(InWorker, I1_every_other_end_has_its_text) {
  EXPECT_EQ(failure([](LogSink &, Deadline) -> std::string {
              ::abort();  // sanitizers report SIGSEGV themselves
              return {};
            }),
            "the work crashed (signal 6, Aborted)");
  EXPECT_EQ(failure([](LogSink &, Deadline) -> std::string { ::_exit(3); }),
            "the work exited with status 3 without an answer");
  EXPECT_EQ(failure([](LogSink &, Deadline) -> std::string { throw std::runtime_error("x"); }),
            "the work ended with an exception that it did not catch");
  EXPECT_EQ(failure([](LogSink &, Deadline) -> std::string { throw std::bad_alloc(); }),
            "the work process did not get what it needs: Cannot allocate memory");
  EXPECT_EQ(failure([](LogSink &, Deadline) { return std::string(wire_text_bytes_max + 1, 'x'); }),
            "the work sent damaged or too much data");
  EXPECT_EQ(failure([](LogSink &, Deadline) -> std::string {
              ::close(worker_result_fd);
              ::sleep(30);
              return {};
            }),
            "the work closed its result pipe");
}

TEST_F(InWorker, I3_the_workers_deadline_is_before_the_parents) {
  EXPECT_EQ(run([&](LogSink &, Deadline deadline) {
              const std::int64_t left_ms = remaining_ms(deadline, clock_);
              return std::string(left_ms > 1500 && left_ms <= 1800 ? "a tenth earlier" : std::to_string(left_ms));
            }).value_or(""),
            "a tenth earlier");
  const std::int64_t begin_ms = clock_.monotonic_ms();
  const WorkerSite site{"place", {begin_ms + 100}, clock_, log_};
  const auto outcome = in_worker<std::string>(site, "the work", [](LogSink &, Deadline) -> std::string {
    ::sleep(30);
    return {};
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::deadline);
  EXPECT_LT(clock_.monotonic_ms() - begin_ms, 1500);
}

TEST_F(InWorker, its_log_lines_arrive_and_a_flood_of_them_ends) {
  EXPECT_TRUE(run([](LogSink &log, Deadline) -> std::string {
    for (int i = 0; i < 1000; ++i) log.write(1, "line " + std::to_string(i));
    return {};
  }));
  ASSERT_EQ(log_.lines.size(), 200U);
  EXPECT_EQ(log_.lines.back(), "line 199");
}

TEST_F(InWorker, of_many_only_those_that_break_their_worker_fail) {
  std::vector<Result<std::string>> outcomes;
  const auto work = [](std::size_t i, Deadline) -> Result<std::string> {
    if (i == 17) std::abort();
    if (i == 40) return fail(ErrorCode::config, "file", "what");
    return std::to_string(i);
  };
  each_in_worker(0, 100, clock_, log_, "the work", work, outcomes);
  ASSERT_EQ(outcomes.size(), 100U);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (i == 17 || i == 40) continue;
    EXPECT_EQ(outcomes[i].value_or("failed"), std::to_string(i));
  }
  EXPECT_EQ(outcomes[17].error().what, "the work crashed (signal 6, Aborted)");
  EXPECT_EQ(outcomes[40].error().what, "what");
}

TEST_F(InWorker, I2_no_process_of_a_worker_is_left) {
  const auto outcome = run([](LogSink &, Deadline) -> std::string {
    if (::fork() == 0) {
      ::setsid();
      if (::fork() == 0) ::sleep(30);
      ::_exit(0);
    }
    return "done";
  });
  EXPECT_EQ(outcome.value_or(""), "done");
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

}  // namespace
}  // namespace regcred::core
