// SPDX-License-Identifier: Apache-2.0
// One execution asks, the others wait for it.
#include <unistd.h>

#include <filesystem>

#include "unit/dispatch/memory_fixture.hpp"
#include "worker/in_worker.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class SingleFlight : public OnNode {
 protected:
  NodeCache cache() { return std::move(*NodeCache::open(config_.node_cache, clock_, PrivateDirectory::Missing::make)); }
  CallKeys keys() {
    Route route;
    route.whole_registry = whole_registry_;
    return *cache_keys({entry_, route, request_}, context());
  }
  // Another process leads for `ms`, and then does `end`.
  void led_for(std::int64_t ms, std::function<void(FlightLock &)> end) {
    node_.emplace(cache());
    leader_.emplace(node_->lock_of(whole_registry_ ? keys().registry : keys().image));
    ASSERT_EQ(leader_->take({0}), FlightLock::State::held);
    const std::int64_t until = clock_.monotonic_ms() + ms;
    clock_.on_sleep = [this, until, end] {
      if (!leader_ || clock_.monotonic_ms() < until) return;
      end(*leader_);
      leader_.reset();
    };
  }
  void fail_with(FlightLock &lock, Result<WorkerResult> failure) {
    FlightOutcome outcome{node_->now(), true, keys().image, encoded(failure)};
    lock.note(&outcome);
  }

  std::optional<NodeCache> node_;
  std::optional<FlightLock> leader_;
};

TEST_F(SingleFlight, C3_the_others_take_what_the_first_got) {
  EXPECT_EQ(use(), "miss");
  CacheEntry entry = std::move(*cache().find(keys().registry).entry);
  cache().clear({});
  led_for(300, [&](FlightLock &) {
    entry.created = node_->now();
    EXPECT_EQ(node_->put(entry), 0);
  });
  const std::int64_t before = clock_.monotonic_ms();
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "waited");
  EXPECT_LE(clock_.monotonic_ms() - before, 310);
  EXPECT_EQ(worker_.calls, 1);
}

TEST_F(SingleFlight, C3_also_when_it_lives_too_short_to_be_given_later) {
  EXPECT_EQ(use(), "miss");
  CacheEntry entry = std::move(*cache().find(keys().registry).entry);
  cache().clear({});
  entry.usable_seconds = 1;
  led_for(300, [&](FlightLock &) {
    entry.created = node_->now();
    EXPECT_EQ(node_->put(entry), 0);
  });
  EXPECT_EQ(use(), "waited");
  EXPECT_LE(cache_duration(), 1);
  clock_.on_sleep = nullptr;
  EXPECT_EQ(use(), "miss");
}

TEST_F(SingleFlight, C3_the_others_take_its_failure_and_who_comes_later_asks) {
  led_for(3000, [&](FlightLock &lock) { fail_with(lock, says(REGCRED_UNAVAILABLE, "no connection")); });
  const std::int64_t before = clock_.monotonic_ms();
  EXPECT_THAT(ask(), HasSubstr("unavailable: no connection"));
  EXPECT_EQ(use_, "adopted");
  EXPECT_LE(clock_.monotonic_ms() - before, 3010);
  EXPECT_EQ(worker_.calls, 0);
  clock_.node.pass_ms(1);
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "miss");
}

TEST_F(SingleFlight, C3_a_leader_that_dies_is_followed) {
  led_for(300, [](FlightLock &) {});
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "miss");
}

TEST_F(SingleFlight, C3_a_refusal_of_another_image_is_not_taken_over) {
  led_for(300, [&](FlightLock &lock) {
    Result<WorkerResult> refusal = says(REGCRED_DENIED, "not this one");
    FlightOutcome outcome{node_->now(), true, std::string(64, 'a'), encoded(refusal)};
    lock.note(&outcome);
  });
  EXPECT_EQ(ask(), "password 1");
}

TEST_F(SingleFlight, C2_a_forged_success_among_the_failures_is_not_taken_over) {
  led_for(300, [&](FlightLock &lock) { fail_with(lock, says(REGCRED_OK)); });
  EXPECT_EQ(ask(), "password 1");
}

TEST_F(SingleFlight, C3_who_waits_keeps_15_s_for_its_own_try) {
  config_.node_cache.wait = std::chrono::seconds(30);
  led_for(100'000, [](FlightLock &) {});
  worker_.answer = [&](const BackendJob &job) {
    EXPECT_EQ(clock_.monotonic_ms() - started_ms_, 30'000);
    return password(job);
  };
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "alone");
}

TEST_F(SingleFlight, C3_the_configured_wait_ends_before_that) {
  config_.node_cache.wait = std::chrono::seconds(2);
  led_for(100'000, [](FlightLock &) {});
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "alone");
  EXPECT_EQ(clock_.monotonic_ms() - started_ms_, 2000);
  clock_.on_sleep = nullptr;
  EXPECT_EQ(use(), "hit") << "what was got alone is stored, too";
}

TEST_F(SingleFlight, C3_half_of_a_short_deadline_is_for_its_own_try) {
  config_.deadline = std::chrono::milliseconds(deadline_ms_ = 10'000);
  led_for(100'000, [](FlightLock &) {});
  EXPECT_EQ(use(), "alone");
  EXPECT_EQ(clock_.monotonic_ms() - started_ms_, 5000);
}

TEST_F(SingleFlight, C3_without_time_nobody_waits) {
  deadline_ms_ = 10'000;
  led_for(100'000, [](FlightLock &) {});
  EXPECT_EQ(use(), "alone");
  EXPECT_EQ(clock_.monotonic_ms(), started_ms_);
}

TEST_F(SingleFlight, C3_nobody_waits_for_what_is_not_shared) {
  int nested = 0;
  worker_.answer = [&](const BackendJob &job) {
    WorkerResult result = password(job);
    result.lifetime_seconds = 0;
    if (worker_.calls == 2) {  // the leader of the second burst is at work
      const std::int64_t before = clock_.monotonic_ms();
      ScriptedWorker worker;
      worker.answer = [&](const BackendJob &inner) { return password(inner); };
      ThrottledRunner asking(worker, context());
      CachingRunner other(asking, context());
      EXPECT_TRUE(other.run(job));
      EXPECT_EQ(clock_.monotonic_ms(), before);
      nested = worker.calls;
    }
    return result;
  };
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(use(), "miss");
  EXPECT_EQ(nested, 1);
}

TEST_F(SingleFlight, C3_images_with_their_own_answers_do_not_wait_for_each_other) {
  const auto for_one_image = [&](const BackendJob &job) {
    WorkerResult result = password(job);
    result.scope = REGCRED_SCOPE_IMAGE;
    return result;
  };
  bool nested = false;
  worker_.answer = [&](const BackendJob &job) {
    if (worker_.calls == 2) {
      Request other_request;
      other_request.image = ImageReference("reg.io/team/third");
      other_request.service_account_token = Secret("header.claims.signature");
      other_request.token_claims = request_.token_claims;
      const std::int64_t before = clock_.monotonic_ms();
      ScriptedWorker worker;
      worker.answer = for_one_image;
      ThrottledRunner asking(worker, context());
      CachingRunner other(asking, context());
      EXPECT_TRUE(other.run({job.entry, job.route, other_request}));
      EXPECT_EQ(clock_.monotonic_ms(), before);
      EXPECT_EQ(other.note().use, CacheUse::miss);
      nested = true;
    }
    return for_one_image(job);
  };
  EXPECT_EQ(use(), "miss");
  request_.image = ImageReference("reg.io/team/other");
  EXPECT_EQ(use(), "miss");
  EXPECT_TRUE(nested);
}

TEST_F(SingleFlight, C3_no_worker_has_the_lock) {
  std::string descriptors;
  worker_.answer = [&](const BackendJob &job) {
    SystemClock clock;
    const WorkerSite site{"test", {clock.monotonic_ms() + 10'000}, clock, log_};
    const Result<Secret> listed = run_worker(site, "the worker", [](LogSink &) {
      std::string all;
      for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code ignored;
        all += std::filesystem::read_symlink(entry.path(), ignored).string() + '\n';
      }
      return Secret(all);
    });
    if (listed) descriptors = listed->reveal();
    bool here = false;
    for (const auto &entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code ignored;
      here = here || std::filesystem::read_symlink(entry.path(), ignored).string().ends_with(".lock");
    }
    EXPECT_TRUE(here) << "the parent holds it";
    return password(job);
  };
  EXPECT_EQ(use(), "miss");
  EXPECT_THAT(descriptors, HasSubstr("/dev/null"));
  EXPECT_THAT(descriptors, Not(HasSubstr(".lock")));
  EXPECT_THAT(descriptors, Not(HasSubstr("/cache")));
}

}  // namespace
}  // namespace regcred::core
