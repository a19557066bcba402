// SPDX-License-Identifier: Apache-2.0
#include "agent/event_correlator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/agent/agent_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::StartsWith;

constexpr std::int64_t start = 1'732'700'000'000;

TEST(EventCorrelator, the_same_failure_again_is_the_same_event_with_a_higher_count) {
  EventCorrelator correlator;
  const auto first = correlator.observe(pod("app"), "denied", 1, start - 5, start);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->is_known);
  EXPECT_EQ(first->event.count, 1U);
  const auto second = correlator.observe(pod("app"), "denied", 3, start + 900, start + 1000);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->is_known);
  EXPECT_EQ(second->event.count, 4U);
  EXPECT_EQ(second->event.name, first->event.name);
  EXPECT_EQ(second->event.first_unix_ms, start - 5);
  EXPECT_EQ(second->event.last_unix_ms, start + 900);

  EXPECT_FALSE(correlator.observe(pod("app"), "throttled", 1, start, start)->is_known);
  const auto other = correlator.observe(pod("app-2"), "denied", 1, start, start);
  EXPECT_FALSE(other->is_known);
  EXPECT_NE(other->event.name, first->event.name);
}

TEST(EventCorrelator, more_than_ten_messages_in_ten_minutes_are_combined) {
  EventCorrelator correlator;
  for (int i = 1; i < 10; ++i) {
    const auto event = correlator.observe(pod("app"), "message " + std::to_string(i), 1, start, start + i);
    EXPECT_FALSE(event->is_known);
    EXPECT_EQ(event->event.message, "message " + std::to_string(i));
  }
  const auto tenth = correlator.observe(pod("app"), "message 10", 1, start, start + 10);
  EXPECT_FALSE(tenth->is_known);
  EXPECT_EQ(tenth->event.message, "(combined from similar events): message 10");
  const auto eleventh = correlator.observe(pod("app"), "message 11", 1, start, start + 11);
  EXPECT_TRUE(eleventh->is_known);
  EXPECT_EQ(eleventh->event.name, tenth->event.name);
  EXPECT_EQ(eleventh->event.count, 2U);
  // Ten quiet minutes later messages stand alone again.
  EXPECT_EQ(correlator.observe(pod("app"), "message 12", 1, start, start + 11 + 600'001)->event.message, "message 12");
}

TEST(EventCorrelator, H5_a_pod_has_25_posts_at_once_and_then_one_in_five_minutes) {
  EventCorrelator correlator;
  int posts = 0;
  for (int i = 0; i < 1000; ++i) posts += correlator.observe(pod("app"), "denied", 1, start, start) ? 1 : 0;
  EXPECT_EQ(posts, 25);
  EXPECT_TRUE(correlator.observe(pod("other"), "denied", 1, start, start));
  EXPECT_FALSE(correlator.observe(pod("app"), "denied", 1, start, start + 299'000));
  const auto later = correlator.observe(pod("app"), "denied", 1, start, start + 300'000);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->event.count, 1002U) << "what was not posted counts";
  EXPECT_FALSE(correlator.observe(pod("app"), "denied", 1, start, start + 300'000));
}

TEST(EventCorrelator, H5_remembers_a_bounded_number_of_pods) {
  EventCorrelator correlator({.pods_max = 3});
  for (const char *name : {"a", "b", "c"}) static_cast<void>(correlator.observe(pod(name), "x", 1, start, start));
  static_cast<void>(correlator.observe(pod("a"), "x", 1, start, start));
  ASSERT_TRUE(correlator.observe(pod("d"), "x", 1, start, start));  // b goes
  EXPECT_TRUE(correlator.observe(pod("a"), "x", 1, start, start)->is_known);
  EXPECT_FALSE(correlator.observe(pod("b"), "x", 1, start, start)->is_known);
}

}  // namespace
}  // namespace regcred::core
