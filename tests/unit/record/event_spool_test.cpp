// SPDX-License-Identifier: Apache-2.0
#include "record/event_spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "record/recorder.hpp"
#include "support/process.hpp"
#include "unit/record/record_fixture.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const PodName some_pod{"team-a", "app-0", "6d9f6b60-3c44-4b5e-9a35-0c5b1f9f2a11"};

SpoolEntry entry_at(std::int64_t unix_ms) {
  RequestRecord record = failed({ErrorCode::backend, "registry \"x\"", "denied", "ask"});
  record.pod = some_pod;
  record.service_account = "team-a/default";
  record.registry = "x";
  return spool_entry(record, Error{ErrorCode::backend, "registry \"x\"", "denied", "ask"}, unix_ms);
}

class EventSpoolTest : public ::testing::Test {
 protected:
  EventSpoolTest() { fs::create_directory(path_); }

  [[nodiscard]] std::vector<std::string> files() {
    const Result<EventSpool> spool = EventSpool::open(path_);
    return spool ? spool->files(dropped_) : std::vector<std::string>{};
  }
  // What reading a file of this name gives.
  [[nodiscard]] bool is_read(const std::string &name) const {
    return EventSpool::open(path_).value().read(name).has_value();
  }
  void write(const std::string &name, const std::string &text) const {
    std::ofstream(path_ + '/' + name) << text;
    ::chmod((path_ + '/' + name).c_str(), 0600);
  }

  testing::TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/events";
  std::size_t dropped_ = 0;
};

TEST_F(EventSpoolTest, what_was_added_is_read_and_removed) {
  ASSERT_TRUE(add_to_spool(path_, entry_at(1'732'700'000'123)));
  const std::string name = "1732700000123-" + std::to_string(::getpid()) + ".json";
  ASSERT_THAT(files(), ElementsAre(name));
  EXPECT_EQ(fs::status(path_ + '/' + name).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_all);

  const Result<EventSpool> spool = EventSpool::open(path_);
  const Result<SpoolEntry> entry = spool->read(name);
  ASSERT_TRUE(entry) << entry.error().what;
  EXPECT_EQ(entry->unix_ms, 1'732'700'000'123);
  EXPECT_EQ(entry->pod.name_space, "team-a");
  EXPECT_EQ(entry->pod.name, "app-0");
  EXPECT_EQ(entry->pod.uid, some_pod.uid);
  EXPECT_EQ(entry->image, "docker.cloudsmith.io/acme/app");
  EXPECT_EQ(entry->outcome, "backend");
  EXPECT_EQ(entry->what, "denied");
  EXPECT_EQ(entry->cure, "ask");
  EXPECT_TRUE(spool->remove(name));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(EventSpoolTest, H5_of_more_than_a_thousand_files_the_oldest_go) {
  for (int i = 0; i < 1200; ++i) write(std::to_string(1'732'700'000'000 + i) + "-1.json", "x");
  ASSERT_TRUE(add_to_spool(path_, entry_at(1'732'700'009'999)));
  EXPECT_EQ(std::distance(fs::directory_iterator(path_), fs::directory_iterator()), 1000);
  const std::vector<std::string> left = files();
  ASSERT_THAT(left, SizeIs(1000));
  EXPECT_EQ(left.front(), "1732700000201-1.json");
  EXPECT_EQ(left.back(), "1732700009999-" + std::to_string(::getpid()) + ".json");

  for (int i = 0; i < 9000; ++i) write(std::to_string(1'732'700'010'000 + i) + "-1.json", "x");
  EXPECT_THAT(files(), SizeIs(1000));
  EXPECT_EQ(dropped_, 9000U);
}

TEST_F(EventSpoolTest, H5_what_is_not_an_entry_is_refused_without_waiting) {
  const std::string good = spool_text(entry_at(1'732'700'000'000));
  write("1732700000000-1.json", good);
  EXPECT_TRUE(is_read("1732700000000-1.json"));

  fs::create_symlink(path_ + "/1732700000000-1.json", path_ + "/1732700000001-1.json");
  EXPECT_FALSE(is_read("1732700000001-1.json"));
  ASSERT_EQ(::mkfifo((path_ + "/1732700000002-1.json").c_str(), 0600), 0);
  EXPECT_FALSE(is_read("1732700000002-1.json"));
  fs::create_directory(path_ + "/1732700000003-1.json");
  EXPECT_FALSE(is_read("1732700000003-1.json"));
  write("1732700000004-1.json", std::string(1U << 20U, ' ') + good);
  EXPECT_FALSE(is_read("1732700000004-1.json"));
  write("1732700000005-1.json", good);
  ::chmod((path_ + "/1732700000005-1.json").c_str(), 0666);
  EXPECT_FALSE(is_read("1732700000005-1.json"));

  const auto changed = [&](const std::string &key, const nlohmann::json &value) {
    nlohmann::json document = nlohmann::json::parse(good);
    document[key] = value;
    return document.dump();
  };
  for (const std::string &text : {std::string(),
                                  std::string("{}"),
                                  std::string("[]"),
                                  std::string("not JSON"),
                                  good + good,
                                  changed("namespace", "../kube-system"),
                                  changed("namespace", "Team"),
                                  changed("pod", "a/b"),
                                  changed("pod", ""),
                                  changed("podUID", "a b"),
                                  changed("podUID", ""),
                                  changed("outcome", "ok"),
                                  changed("outcome", "x"),
                                  changed("what", std::string(2000, 'x')),
                                  changed("what", "two\nlines"),
                                  changed("what", 1),
                                  changed("cure", "\xE2\x80\xAEx"),
                                  changed("time", -1),
                                  changed("time", 1e300),
                                  changed("time", "1"),
                                  changed("time", 18446744073709551615ULL),
                                  changed("more", "x"),
                                  std::string(8000, '[')}) {
    EXPECT_FALSE(parse_spool_text(text)) << text;
  }
}

TEST_F(EventSpoolTest, F2_a_directory_of_others_is_not_used) {
  ::chmod(path_.c_str(), 0777);
  const Status added = add_to_spool(path_, entry_at(1));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::config);
  EXPECT_FALSE(EventSpool::open(path_));
  ::chmod(path_.c_str(), 01777);
  EXPECT_FALSE(add_to_spool(path_, entry_at(1)));
  EXPECT_TRUE(fs::is_empty(path_));
}

// ---- from a request ----

class SpooledRequest : public EventSpoolTest {
 protected:
  void record(const std::optional<Error> &failure, bool with_credentials, PodName pod = some_pod) {
    RequestRecord request = answered();
    request.destinations = {RequestLog::off, "", path_};
    request.pod = std::move(pod);
    request.with_credentials = with_credentials;
    record_request(request, failure, 12, clock_, {"/nowhere", "/nowhere"});
  }
  SystemClock clock_;
};

TEST_F(SpooledRequest, only_what_ended_without_credentials_for_a_known_pod_leaves_a_file) {
  record(std::nullopt, true);
  EXPECT_THAT(files(), IsEmpty());
  record(Error{ErrorCode::backend, "x", "denied", ""}, false, PodName{});
  EXPECT_THAT(files(), IsEmpty());

  record(std::nullopt, false);
  ASSERT_THAT(files(), SizeIs(1));
  const Result<SpoolEntry> none = EventSpool::open(path_)->read(files()[0]);
  EXPECT_EQ(none->outcome, no_credentials);
  EXPECT_EQ(none->what, "no entry that matches has credentials for this image");
  EXPECT_TRUE(EventSpool::open(path_)->remove(files()[0]));

  record(Error{ErrorCode::deadline, "registry \"x\"", "gave no answer\nin time", "see"}, false);
  ASSERT_THAT(files(), SizeIs(1));
  const Result<SpoolEntry> late = EventSpool::open(path_)->read(files()[0]);
  EXPECT_EQ(late->outcome, "deadline");
  EXPECT_EQ(late->what, "gave no answer\\nin time");
}

TEST_F(SpooledRequest, a_spool_that_is_absent_or_wrong_costs_nothing_but_itself) {
  const auto start = std::chrono::steady_clock::now();
  fs::remove(path_);
  record(Error{ErrorCode::backend, "x", "denied", ""}, false);
  std::ofstream(path_) << "a file";
  record(Error{ErrorCode::backend, "x", "denied", ""}, false);
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  record(Error{ErrorCode::backend, "x", "denied", ""}, false);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace regcred::core
