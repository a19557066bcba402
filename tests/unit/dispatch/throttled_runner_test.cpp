// SPDX-License-Identifier: Apache-2.0
// A host that asked for no requests gets none.
#include "dispatch/throttled_runner.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "unit/dispatch/memory_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char *api = "https://api.example.com:443";

class Throttled : public OnNode {
 protected:
  Throttled() { entry_.cache_node = NodeCacheMode::off; }

  // The host answers 429 and asks for `seconds`; then it gives passwords.
  void throttle_once(std::int64_t seconds, std::int32_t code = REGCRED_THROTTLED) {
    worker_.answer = [seconds, code](const BackendJob &) {
      WorkerResult result = says(code, "HTTP 429");
      result.retry_after_seconds = seconds;
      result.authorities = {{api, AuthorityOutcome::throttled, seconds}};
      return result;
    };
    static_cast<void>(ask());
    give_passwords();
  }
  // As a real worker: nothing is sent to what is held.
  void give_passwords() {
    worker_.answer = [this](const BackendJob &job) {
      if (job.held != nullptr && !job.held->empty() && job.held->front().authority == api) {
        WorkerResult result = says(REGCRED_THROTTLED, "HTTP 429");
        result.retry_after_seconds = job.held->front().wait_seconds;
        result.authorities = {{api, AuthorityOutcome::held_back, job.held->front().wait_seconds}};
        return result;
      }
      ++sent_;
      WorkerResult result = password(job);
      result.authorities = {{api, AuthorityOutcome::answered}};
      return result;
    };
  }
  std::vector<Throttle> known() {
    std::optional<Error> error;
    const auto memory = ThrottleMemory::open(config_.throttle, clock_, PrivateDirectory::Missing::leave, error);
    return memory ? memory->all() : std::vector<Throttle>{};
  }

  int sent_ = 0;
};

TEST_F(Throttled, nothing_is_made_while_nobody_throttles) {
  give_passwords();
  EXPECT_EQ(ask(), "password 1");
  worker_says(REGCRED_UNAVAILABLE);
  EXPECT_FALSE(ask().empty());
  EXPECT_FALSE(std::filesystem::exists(config_.throttle.directory));
}

TEST_F(Throttled, C4_the_next_hundred_ask_nobody_and_say_until_when) {
  throttle_once(3304);
  for (int i = 0; i < 100; ++i) {
    const std::string line = ask();
    EXPECT_THAT(line, HasSubstr("throttled: api.example.com asked for no requests"));
    EXPECT_THAT(line, HasSubstr("wait until 2027-01-15 "));
    EXPECT_THAT(line, HasSubstr("Z ("));
    EXPECT_EQ(answered_.answer.error().code, ErrorCode::backend);
    EXPECT_TRUE(refused_);
    clock_.node.pass_ms(1000);
  }
  EXPECT_EQ(worker_.calls, 1);
}

TEST_F(Throttled, C4_another_account_asks_nobody_either) {
  throttle_once(3304);
  request_.token_claims->service_account = "team-b/other";
  request_.image = ImageReference("reg.io/other/app");
  EXPECT_THAT(ask(), HasSubstr("throttled"));
  EXPECT_EQ(worker_.calls, 1);
}

TEST_F(Throttled, C4_a_call_of_which_nothing_is_known_sends_nothing_there) {
  throttle_once(3304);
  request_.annotations["example.com/role"] = "other";
  EXPECT_THAT(ask(), HasSubstr("throttled: api.example.com asked for no requests"));
  EXPECT_TRUE(refused_);
  EXPECT_EQ(sent_, 0);
  EXPECT_EQ(worker_.calls, 2) << "its worker found out";
  EXPECT_THAT(ask(), HasSubstr("throttled"));
  EXPECT_EQ(worker_.calls, 2) << "and now it is known";
}

TEST_F(Throttled, C4_another_host_is_asked) {
  throttle_once(3304);
  entry_.settings_json = R"({"host":"other.example.com"})";
  worker_.answer = [this](const BackendJob &job) {
    WorkerResult result = password(job);
    result.authorities = {{"https://other.example.com:443", AuthorityOutcome::answered}};
    return result;
  };
  EXPECT_THAT(ask(), HasSubstr("password"));
  EXPECT_THAT(worker_.held, SizeIs(1));
  EXPECT_THAT(known(), SizeIs(1));
}

TEST_F(Throttled, C4_a_short_wait_is_waited_for) {
  throttle_once(3);
  const std::int64_t before = clock_.monotonic_ms();
  EXPECT_EQ(ask(), "password 2");
  EXPECT_GE(clock_.monotonic_ms() - before, 3000);
  EXPECT_LE(clock_.monotonic_ms() - before, 3310);
  EXPECT_THAT(known(), IsEmpty()) << "it answered";
}

TEST_F(Throttled, C4_but_not_beyond_the_deadline) {
  throttle_once(8);
  deadline_ms_ = 12'000;
  EXPECT_THAT(ask(), HasSubstr("throttled"));
  EXPECT_EQ(clock_.monotonic_ms(), started_ms_);
}

TEST_F(Throttled, C4_one_asks_first_when_the_wait_is_over) {
  throttle_once(60);
  clock_.node.pass_ms(70'000);
  worker_.answer = [this](const BackendJob &job) {
    if (worker_.calls == 2) {  // the first is at work: the second waits for it, at most 2 s
      const std::int64_t before = clock_.monotonic_ms();
      ScriptedWorker worker;
      worker.answer = [this](const BackendJob &inner) { return password(inner); };
      ThrottledRunner other(worker, context());
      EXPECT_TRUE(other.run({job.entry, job.route, job.request}));
      EXPECT_EQ(clock_.monotonic_ms() - before, 2000);
    }
    WorkerResult result = password(job);
    result.authorities = {{api, AuthorityOutcome::answered}};
    return result;
  };
  EXPECT_THAT(ask(), HasSubstr("password"));
  EXPECT_THAT(known(), IsEmpty());
}

TEST_F(Throttled, C4_who_waited_for_the_first_sees_that_it_was_throttled_again) {
  throttle_once(60);
  clock_.node.pass_ms(70'000);
  std::optional<Error> error;
  const auto memory = ThrottleMemory::open(config_.throttle, clock_, PrivateDirectory::Missing::leave, error);
  UniqueFd first = memory->probe_lock(api, {0});
  ASSERT_TRUE(first);
  clock_.on_sleep = [&] {
    if (!first) return;
    memory->note(api, 600, "first", 0.0);
    first.reset();
  };
  EXPECT_THAT(ask(), HasSubstr("throttled"));
  EXPECT_EQ(worker_.calls, 1);
}

TEST_F(Throttled, C4_a_backend_that_says_so_without_429_counts) {
  worker_.answer = [](const BackendJob &) {
    WorkerResult result = says(REGCRED_THROTTLED, "ThrottlingException");
    result.authorities = {{"https://sts:443", AuthorityOutcome::answered}, {api, AuthorityOutcome::answered}};
    return result;
  };
  static_cast<void>(ask());
  ASSERT_THAT(known(), SizeIs(1));
  EXPECT_EQ(known().front().authority, api);
  EXPECT_EQ(known().front().asked_seconds, -1);
  EXPECT_LE(known().front().wait_ms, 5500);
}

TEST_F(Throttled, C4_a_stored_answer_is_given_meanwhile) {
  entry_.cache_node = NodeCacheMode::service_account;
  give_passwords();
  EXPECT_EQ(ask(), "password 1");
  std::optional<Error> error;
  ThrottleMemory::open(config_.throttle, clock_, PrivateDirectory::Missing::make, error)->note(api, 600, "", 0.0);
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "hit");
}

TEST_F(Throttled, C4_to_fail_at_once_takes_no_lock_and_writes_nothing) {
  entry_.cache_node = NodeCacheMode::service_account;
  throttle_once(3304);
  const auto times = [&] {
    std::string all;
    for (const std::string &directory : {config_.throttle.directory, config_.node_cache.directory}) {
      for (const auto &file : std::filesystem::directory_iterator(directory)) {
        all += file.path().string() + ' ' + std::to_string(file.last_write_time().time_since_epoch().count()) + '\n';
      }
    }
    return all;
  };
  const std::string before = times();
  EXPECT_THAT(ask(), HasSubstr("throttled"));
  EXPECT_EQ(times(), before);
  EXPECT_EQ(worker_.calls, 1);
}

TEST_F(Throttled, C4_a_stored_answer_that_cannot_be_renewed_now_is_given) {
  entry_.cache_node = NodeCacheMode::service_account;
  request_.token_claims->expires_at = now_s() + 100'000;
  give_passwords();
  EXPECT_EQ(ask(), "password 1");
  clock_.node.pass_ms(3'300'000);
  throttle_once(3304);
  EXPECT_EQ(use_, "stale");
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "stale");
  EXPECT_EQ(worker_.calls, 2);
}

TEST_F(Throttled, can_be_switched_off) {
  config_.throttle.enabled = false;
  throttle_once(3304);
  EXPECT_EQ(ask(), "password 2");
  EXPECT_FALSE(std::filesystem::exists(config_.throttle.directory));
}

TEST_F(Throttled, C2_a_directory_that_cannot_be_used_is_one_warning) {
  throttle_once(3304);
  ASSERT_EQ(::chmod(config_.throttle.directory.c_str(), 0755), 0);
  EXPECT_EQ(ask(), "password 2");
  ASSERT_THAT(log_.lines, SizeIs(1));
  EXPECT_THAT(log_.lines[0], HasSubstr("throttle memory: "));
  config_.drop_in = true;
  EXPECT_EQ(ask(), "password 3");
  EXPECT_THAT(log_.lines, SizeIs(1));
}

TEST_F(Throttled, C2_what_a_worker_forges_is_not_remembered) {
  worker_.answer = [](const BackendJob &) {
    WorkerResult result = says(REGCRED_THROTTLED);
    result.authorities = {{"https://a\nb:443", AuthorityOutcome::throttled, 60},
                          {"", AuthorityOutcome::throttled, 60},
                          {"https://never:443", AuthorityOutcome::held_back, 60},
                          {api, AuthorityOutcome::throttled, 1LL << 60}};
    return result;
  };
  static_cast<void>(ask());
  ASSERT_THAT(known(), SizeIs(1));
  EXPECT_LE(known().front().wait_ms, throttle_seconds_max * 1100);
}

}  // namespace
}  // namespace regcred::core
