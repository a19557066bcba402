// SPDX-License-Identifier: Apache-2.0
#include "record/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/record/record_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

Metrics counted(std::initializer_list<RequestRecord> records) {
  Metrics metrics;
  for (const RequestRecord &record : records) count_request(metrics, record);
  return metrics;
}

RequestRecord taking(std::int64_t milliseconds) {
  RequestRecord record = answered();
  record.milliseconds = milliseconds;
  return record;
}

// `text` with one thing changed.
std::string changed(std::string text, const std::string &from, const std::string &to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Metrics, golden_text) {
  const Metrics metrics =
      counted({taking(212), taking(1100), failed({ErrorCode::no_match, "image", "no entry", ""}, 3)});
  EXPECT_EQ(render_metrics(metrics), R"(# HELP regcred_build_info The regcred that answered last.
# TYPE regcred_build_info gauge
regcred_build_info{version=")" REGCRED_VERSION R"("} 1
# HELP regcred_requests_total Requests of the kubelet, by registry entry and outcome.
# TYPE regcred_requests_total counter
regcred_requests_total{registry="",outcome="no_match"} 1
regcred_requests_total{registry="cloudsmith",outcome="ok"} 2
# HELP regcred_request_duration_seconds Time from the start of the process until its answer was written.
# TYPE regcred_request_duration_seconds histogram
regcred_request_duration_seconds_bucket{registry="",le="0.005"} 1
regcred_request_duration_seconds_bucket{registry="",le="0.01"} 1
regcred_request_duration_seconds_bucket{registry="",le="0.025"} 1
regcred_request_duration_seconds_bucket{registry="",le="0.05"} 1
regcred_request_duration_seconds_bucket{registry="",le="0.1"} 1
regcred_request_duration_seconds_bucket{registry="",le="0.25"} 1
regcred_request_duration_seconds_bucket{registry="",le="0.5"} 1
regcred_request_duration_seconds_bucket{registry="",le="1"} 1
regcred_request_duration_seconds_bucket{registry="",le="2.5"} 1
regcred_request_duration_seconds_bucket{registry="",le="5"} 1
regcred_request_duration_seconds_bucket{registry="",le="10"} 1
regcred_request_duration_seconds_bucket{registry="",le="20"} 1
regcred_request_duration_seconds_bucket{registry="",le="45"} 1
regcred_request_duration_seconds_bucket{registry="",le="+Inf"} 1
regcred_request_duration_seconds_sum{registry=""} 0.003
regcred_request_duration_seconds_count{registry=""} 1
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="0.005"} 0
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="0.01"} 0
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="0.025"} 0
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="0.05"} 0
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="0.1"} 0
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="0.25"} 1
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="0.5"} 1
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="1"} 1
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="2.5"} 2
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="5"} 2
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="10"} 2
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="20"} 2
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="45"} 2
regcred_request_duration_seconds_bucket{registry="cloudsmith",le="+Inf"} 2
regcred_request_duration_seconds_sum{registry="cloudsmith"} 1.312
regcred_request_duration_seconds_count{registry="cloudsmith"} 2
# HELP regcred_answer_bytes_total Bytes of the answers to the kubelet.
# TYPE regcred_answer_bytes_total counter
regcred_answer_bytes_total{registry=""} 0
regcred_answer_bytes_total{registry="cloudsmith"} 600
# HELP regcred_requests_lost_total Requests that are in none of these counts, since the file was busy.
# TYPE regcred_requests_lost_total counter
regcred_requests_lost_total{reason="busy"} 0
)");
}

TEST(Metrics, what_the_nodes_memory_did_is_counted_once_there_is_something) {
  RequestRecord hit = answered();
  hit.cache = "hit";
  RequestRecord damaged = answered();
  damaged.cache = "miss";
  damaged.cache_corrupt = true;
  const std::string text = render_metrics(counted({answered(), hit, hit, damaged}));
  EXPECT_THAT(text, HasSubstr("# TYPE regcred_cache_requests_total counter\n"
                              "regcred_cache_requests_total{registry=\"cloudsmith\",result=\"corrupt\"} 1\n"
                              "regcred_cache_requests_total{registry=\"cloudsmith\",result=\"hit\"} 2\n"
                              "regcred_cache_requests_total{registry=\"cloudsmith\",result=\"miss\"} 1\n"));
  const std::optional<Metrics> read = parse_metrics(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->registries.at("cloudsmith").cache.at("hit"), 2U);
  EXPECT_EQ(render_metrics(counted({answered()})).find("regcred_cache"), std::string::npos);
}

TEST(Metrics, a_bucket_holds_its_bound) {
  const std::pair<std::int64_t, std::string> table[] = {
      {-1, "le=\"0.005\"} 1"},  {5, "le=\"0.005\"} 1"},   {6, "le=\"0.005\"} 0"},
      {45'000, "le=\"45\"} 1"}, {45'001, "le=\"45\"} 0"},
  };
  for (const auto &[milliseconds, line] : table) {
    const std::string text = render_metrics(counted({taking(milliseconds)}));
    EXPECT_THAT(text, HasSubstr(line)) << milliseconds;
    EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 1")) << milliseconds;
  }
}

TEST(Metrics, what_was_written_is_read_and_counted_on) {
  const std::string text = render_metrics(counted({taking(212), failed({ErrorCode::deadline, "w", "x", ""})}));
  std::optional<Metrics> metrics = parse_metrics(text);
  ASSERT_TRUE(metrics);
  count_request(*metrics, taking(1100));
  EXPECT_EQ(render_metrics(*metrics),
            render_metrics(counted({taking(212), failed({ErrorCode::deadline, "w", "x", ""}), taking(1100)})));
}

TEST(Metrics, values_of_labels_are_escaped_and_read_again) {
  RequestRecord record = answered();
  record.registry = "a\"b\\c\nd,e}f";
  const std::string text = render_metrics(counted({record}));
  EXPECT_THAT(text, HasSubstr(R"(regcred_requests_total{registry="a\"b\\c\nd,e}f",outcome="ok"} 1)"));
  ASSERT_TRUE(parse_metrics(text));
  EXPECT_EQ(parse_metrics(text)->registries.begin()->first, record.registry);
}

TEST(Metrics, another_version_counts_on_and_signs_with_its_own) {
  const std::string own = "{version=\"" REGCRED_VERSION "\"}";
  std::optional<Metrics> metrics =
      parse_metrics(changed(render_metrics(counted({answered()})), own, "{version=\"0\"}"));
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->version, "0");
  count_request(*metrics, answered());
  EXPECT_THAT(render_metrics(*metrics), HasSubstr(own));
}

TEST(Metrics, damaged_text_is_refused) {
  const std::string good = render_metrics(counted({answered()}));
  ASSERT_TRUE(parse_metrics(good));
  const std::string table[] = {
      "",
      "\n",
      "no metrics",
      std::string(100'000, '{'),
      std::string(100'000, '\n'),
      std::string(64, '\0'),
      "a{b=\"",
      "a{b=\"\\",
      "a{b",
      "a{b=c} 1\n",
      good.substr(0, good.size() - 1),
      good.substr(0, good.size() / 2),
      good + good,
      good + "x",
      good + "other{a=\"b\"} 1\n",
      changed(good, "outcome=\"ok\"} 1", "outcome=\"ok\"} -1"),
      changed(good, "outcome=\"ok\"} 1", "outcome=\"ok\"} 01"),
      changed(good, "outcome=\"ok\"} 1", "outcome=\"ok\"} 1e3"),
      changed(good, "outcome=\"ok\"} 1", "outcome=\"ok\"} 18446744073709551616"),
      changed(good, "outcome=\"ok\"} 1", "outcome=\"ok\"} 9007199254740993"),
      changed(good, "_sum{registry=\"cloudsmith\"} 0.212", "_sum{registry=\"cloudsmith\"} 0.21"),
      changed(good, "_count{registry=\"cloudsmith\"} 1", "_count{registry=\"cloudsmith\"} 2"),
      changed(good, "le=\"0.25\"} 1", "le=\"0.25\"} 2"),
      changed(good, "le=\"45\"} 1", "le=\"45\"} 2"),
      changed(good, "# TYPE regcred_requests_total counter\n", ""),
  };
  for (const std::string &text : table) EXPECT_FALSE(parse_metrics(text)) << text.substr(0, 200);
}

}  // namespace
}  // namespace regcred::core
