// SPDX-License-Identifier: Apache-2.0
#include "dispatch/cache_hint.hpp"

#include <gtest/gtest.h>
#include <regcred/abi.h>

namespace regcred::core {
namespace {

using std::chrono::seconds;

TEST(CacheDuration, M3_table) {
  struct Row {
    std::int64_t lifetime;
    std::optional<seconds> max;
    std::optional<seconds> expected;
  };
  const Row rows[] = {
      {7200, {}, seconds(6480)},       // ten percent
      {600, {}, seconds(540)},         // both margins are equal
      {300, {}, seconds(240)},         // at least a minute
      {60, {}, seconds(0)},            // nothing left
      {59, {}, seconds(0)},            // never negative
      {0, {}, seconds(0)},             // pass-through
      {0, seconds(3600), seconds(0)},  // which the operator cannot prolong
      {7200, seconds(3600), seconds(3600)},
      {300, seconds(3600), seconds(240)},
      {-1, {}, {}},  // unknown: the operator's default rules
      {-1, seconds(3600), seconds(3600)},
      {7200, seconds(0), seconds(0)},
  };
  for (const Row &row : rows) EXPECT_EQ(cache_duration(row.lifetime, row.max), row.expected) << row.lifetime;
}

TEST(CacheDuration, M3_never_outlives_the_credential_whatever_the_clock_says) {
  for (std::int64_t expiry = -7200; expiry <= 90000; expiry += 7) {
    for (const std::int64_t skew : {-3600, -60, -1, 0, 1, 60, 3600}) {
      const std::int64_t lifetime = std::max<std::int64_t>(0, expiry - skew);
      const std::optional<seconds> duration = cache_duration(lifetime, {});
      ASSERT_TRUE(duration.has_value());
      ASSERT_GE(duration->count(), 0);
      ASSERT_LE(duration->count() + std::max<std::int64_t>(60, lifetime / 10), std::max<std::int64_t>(lifetime, 60));
    }
  }
}

TEST(CacheDuration, M3_a_lifetime_that_has_its_margin_stays_but_for_the_operators_limit) {
  EXPECT_EQ(cache_duration(300, {}, true), seconds(300));
  EXPECT_EQ(cache_duration(5, {}, true), seconds(5));
  EXPECT_EQ(cache_duration(0, {}, true), seconds(0));
  EXPECT_EQ(cache_duration(-1, {}, true), std::nullopt);
  EXPECT_EQ(cache_duration(300, seconds(200), true), seconds(200));
  EXPECT_EQ(cache_duration(-1, seconds(200), true), seconds(200));
  EXPECT_EQ(cache_duration(0, seconds(200), true), seconds(0));
}

TEST(CacheKeyType, is_registry_only_when_backend_route_and_scope_agree) {
  EXPECT_EQ(cache_key_type(REGCRED_SCOPE_REGISTRY, true, false), CacheKeyType::registry);
  EXPECT_EQ(cache_key_type(REGCRED_SCOPE_REGISTRY, false, false), CacheKeyType::image);
  EXPECT_EQ(cache_key_type(REGCRED_SCOPE_REGISTRY, true, true), CacheKeyType::image);
  EXPECT_EQ(cache_key_type(REGCRED_SCOPE_IMAGE, true, false), CacheKeyType::image);
}

TEST(CacheDuration, M3_equal_nodes_do_not_renew_in_the_same_second) {
  using namespace std::chrono_literals;
  EXPECT_EQ(cache_duration(3600, std::nullopt, false, 0.0), 3240s);
  EXPECT_EQ(cache_duration(3600, std::nullopt, false, 1.0), 2880s) << "a tenth of the life less";
  EXPECT_EQ(cache_duration(3600, 600s, false, 1.0), 540s) << "a tenth of maxDuration, when that decides";
  EXPECT_EQ(cache_duration(-1, 600s, false, 1.0), 540s);
  EXPECT_EQ(cache_duration(3600, std::nullopt, true, 1.0), 3600s) << "as another provider has said";
  EXPECT_EQ(cache_duration(0, std::nullopt, false, 1.0), 0s);
  EXPECT_EQ(cache_duration(62, std::nullopt, false, 1.0), 0s) << "never negative";
  EXPECT_EQ(cache_duration(-1, std::nullopt, false, 1.0), std::nullopt);
}

TEST(CacheDuration, M3_no_spread_makes_it_longer) {
  for (std::int64_t life = 0; life < 10'000; life += 7) {
    for (const double spread : {0.0, 0.3, 0.999999, 1.0}) {
      const auto plain = cache_duration(life, std::nullopt);
      const auto spread_out = cache_duration(life, std::nullopt, false, spread);
      ASSERT_LE(*spread_out, *plain) << life;
      ASSERT_GE(spread_out->count(), 0) << life;
    }
  }
}

TEST(CacheDuration, a_node_spreads_in_the_same_way_each_time_and_nodes_differ) {
  EXPECT_EQ(spread_of("", "one"), 0.0);
  EXPECT_EQ(spread_of("node", "one"), spread_of("node", "one"));
  EXPECT_NE(spread_of("node", "one"), spread_of("node", "two"));
  double least = 1;
  double most = 0;
  for (int node = 0; node < 1000; ++node) {
    const double spread = spread_of(std::to_string(node), "one");
    least = std::min(least, spread);
    most = std::max(most, spread);
  }
  EXPECT_LT(least, 0.01);
  EXPECT_GT(most, 0.99);
  EXPECT_LT(most, 1.0);
}

}  // namespace
}  // namespace regcred::core
