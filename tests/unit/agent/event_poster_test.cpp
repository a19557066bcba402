// SPDX-License-Identifier: Apache-2.0
#include "agent/event_poster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/process.hpp"
#include "unit/agent/agent_fixture.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventPosterTest : public ::testing::Test {
 protected:
  void fail(const std::string &name, const std::string &what) {
    const SpoolEntry entry{
        clock_.unix_ms() + files_, pod(name), "team-a/default", "a.io/b", "x", "backend", "x", what, ""};
    const std::string file = path_ + '/' + std::to_string(entry.unix_ms) + "-1.json";
    std::ofstream(file) << spool_text(entry);
    ::chmod(file.c_str(), 0600);
    ++files_;
  }
  std::optional<std::int64_t> work() { return poster_.work(spool_); }
  [[nodiscard]] std::ptrdiff_t waiting() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

  testing::TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/events";
  HandClock clock_;
  ScriptedSink sink_;
  std::vector<std::string> said_;
  EventPoster poster_{sink_, clock_, [this](const std::string &line) { said_.push_back(line); }};
  bool made_ = fs::create_directory(path_);
  EventSpool spool_ = EventSpool::open(path_).value();
  int files_ = 10;
};

TEST_F(EventPosterTest, equal_failures_are_one_event_with_their_number) {
  fail("app", "denied");
  fail("other", "denied");
  fail("app", "denied");
  EXPECT_EQ(work(), std::nullopt);
  EXPECT_THAT(sink_.calls, ElementsAre("POST app 2 a.io/b: x: denied", "POST other 1 a.io/b: x: denied"));
  EXPECT_EQ(waiting(), 0);
  fail("app", "denied");
  EXPECT_EQ(work(), std::nullopt);
  EXPECT_EQ(sink_.calls.back(), "PATCH app 3 a.io/b: x: denied");
  EXPECT_EQ(poster_.counts().posted, 3U);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(EventPosterTest, an_event_that_has_expired_is_made_again) {
  fail("app", "denied");
  EXPECT_EQ(work(), std::nullopt);
  fail("app", "denied");
  sink_.answers = {{.status = 404}};
  EXPECT_EQ(work(), std::nullopt);
  EXPECT_THAT(sink_.calls, ElementsAre(HasSubstr("POST app 1"), HasSubstr("PATCH app 2"), HasSubstr("POST app 2")));
}

TEST_F(EventPosterTest, waits_longer_and_longer_while_nobody_answers_and_loses_nothing) {
  fail("app", "denied");
  fail("other", "denied");
  sink_.answers = {{.message = "no connection"},
                   {.message = "no connection"},
                   {.status = 429, .retry_after_seconds = 7},
                   {.status = 503}};
  EXPECT_EQ(work(), 1000);
  EXPECT_EQ(work(), 1000) << "not before its time";
  EXPECT_THAT(sink_.calls, SizeIs(1));
  fail("app", "denied");
  clock_.now_ms += 1000;
  EXPECT_EQ(work(), 2000);
  EXPECT_EQ(waiting(), 3);
  clock_.now_ms += 2000;
  EXPECT_EQ(work(), 7000);
  clock_.now_ms += 7000;
  EXPECT_EQ(work(), 14000);
  clock_.now_ms += 14000;
  EXPECT_EQ(work(), std::nullopt);
  EXPECT_EQ(waiting(), 0);
  // The same event four times, then what came meanwhile; counted once.
  EXPECT_THAT(sink_.calls, ElementsAre("POST app 1 a.io/b: x: denied", "POST app 1 a.io/b: x: denied",
                                       "POST app 1 a.io/b: x: denied", "POST app 1 a.io/b: x: denied",
                                       "POST app 1 a.io/b: x: denied", "POST other 1 a.io/b: x: denied",
                                       "PATCH app 2 a.io/b: x: denied"));
  EXPECT_THAT(said_, ElementsAre(AllOf(HasSubstr("no connection"), HasSubstr("tried again")), HasSubstr("answered 429"),
                                 HasSubstr("answered 503"), "events are posted again"));
  EXPECT_EQ(poster_.counts().invalid, 0U);
}

TEST_F(EventPosterTest, a_refusal_says_which_right_is_missing_and_does_not_stop_the_others) {
  fail("app", "denied");
  fail("other", "denied");
  sink_.answers = {{.status = 403, .message = "events is forbidden: User \"x\" cannot create resource \"events\""}};
  EXPECT_EQ(work(), std::nullopt);
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(poster_.counts().rejected, 1U);
  ASSERT_THAT(said_, SizeIs(2));
  EXPECT_THAT(said_[0], AllOf(HasSubstr("namespace team-a"), HasSubstr("403"), HasSubstr("events is forbidden"),
                              HasSubstr("the verbs create and patch on events")));
}

TEST_F(EventPosterTest, H5_what_is_no_entry_is_removed_and_what_cannot_be_removed_is_left_alone) {
  std::ofstream(path_ + "/1732700000000-1.json") << "{}";
  fs::create_symlink("/etc/passwd", path_ + "/1732700000001-1.json");
  ASSERT_EQ(::mkfifo((path_ + "/1732700000002-1.json").c_str(), 0600), 0);
  std::ofstream(path_ + "/1732700000003-1.json") << std::string(1U << 20U, '{');
  fs::create_directory(path_ + "/1732700000004-1.json");
  std::ofstream(path_ + "/notes.txt") << "of somebody";
  fail("app", "denied");
  EXPECT_EQ(work(), std::nullopt);
  EXPECT_EQ(work(), std::nullopt);
  EXPECT_THAT(sink_.calls, SizeIs(1));
  EXPECT_EQ(waiting(), 2) << "the directory, and what is not called as an entry";
  EXPECT_EQ(poster_.counts().invalid, 5U);
  EXPECT_TRUE(fs::exists("/etc/passwd"));
}

TEST_F(EventPosterTest, H5_a_flood_is_posted_in_turns) {
  for (int i = 0; i < 50; ++i) fail("app-" + std::to_string(i), "denied");
  EXPECT_EQ(work(), 0);
  EXPECT_THAT(sink_.calls, SizeIs(10));
  while (work() == 0) {
  }
  EXPECT_THAT(sink_.calls, SizeIs(50));
  EXPECT_EQ(waiting(), 0);
}

TEST_F(EventPosterTest, H5_one_pod_cannot_have_more_than_its_share) {
  for (int turn = 0; turn < 40; ++turn) {
    fail("app", "denied");
    EXPECT_EQ(work(), std::nullopt);
  }
  EXPECT_THAT(sink_.calls, SizeIs(25));
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(poster_.counts().limited, 15U);
}

}  // namespace
}  // namespace regcred::core
