// SPDX-License-Identifier: Apache-2.0
// The metrics file between processes, and between what others may have put in its place.
#include "record/metrics_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/unique_fd.hpp"
#include "record/metrics.hpp"
#include "support/process.hpp"
#include "unit/record/record_fixture.hpp"
#include "unit/services/fake_clock.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

constexpr const char *once = "regcred_requests_total{registry=\"cloudsmith\",outcome=\"ok\"} 1\n";

class MetricsFile : public ::testing::Test {
 protected:
  Status add() { return add_to_metrics_file(path_, answered(), clock_); }
  std::string text() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::uint64_t requests() const {
    const std::optional<Metrics> metrics = parse_metrics(text());
    return metrics ? metrics->registries.at("cloudsmith").requests : 0;
  }
  // What stands beside the two files that belong there.
  std::vector<std::string> litter() const {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(directory_.path())) {
      const std::string name = entry.path().filename();
      if (name != "regcred.prom" && name != "regcred.prom.lock") names.push_back(name);
    }
    return names;
  }

  testing::TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/regcred.prom";
  FakeClock clock_;
};

TEST_F(MetricsFile, is_made_and_counted_up_and_others_may_read_it) {
  const mode_t before = ::umask(077);
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(add());
    EXPECT_EQ(requests(), static_cast<std::uint64_t>(i));
  }
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
  ASSERT_EQ(::stat((path_ + ".lock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U) << "nobody else can hold it";
  EXPECT_THAT(litter(), ::testing::IsEmpty());
}

TEST_F(MetricsFile, processes_that_write_at_the_same_time_lose_nothing) {
  constexpr int writers = 50;
  constexpr int each = 20;
  for (int i = 0; i < writers; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child != 0) continue;
    SystemClock clock;
    bool all = true;
    for (int n = 0; n < each; ++n) all = add_to_metrics_file(path_, answered(), clock, 110'000).has_value() && all;
    ::_exit(all ? 0 : 1);
  }
  // Whoever reads meanwhile sees a whole state each time.
  for (int ended = 0; ended < writers;) {
    const std::string seen = text();
    EXPECT_TRUE(seen.empty() || parse_metrics(seen)) << seen;
    int status = 0;
    if (::waitpid(-1, &status, WNOHANG) <= 0) continue;
    EXPECT_EQ(status, 0);
    ++ended;
  }
  EXPECT_EQ(requests(), static_cast<std::uint64_t>(writers * each));
  EXPECT_THAT(text(), HasSubstr("regcred_answer_bytes_total{registry=\"cloudsmith\"} 300000\n"));
  EXPECT_THAT(text(), HasSubstr("_sum{registry=\"cloudsmith\"} 212.000\n"));
}

TEST_F(MetricsFile, what_it_would_not_write_itself_is_replaced) {
  ASSERT_TRUE(add());
  const std::string good = text();
  for (const std::string &content : {std::string(), std::string("damaged\n"), good.substr(0, 700), good + "more",
                                     std::string(metrics_file_bytes_max + 1, '#')}) {
    directory_.write("regcred.prom", content, 0644);
    ASSERT_TRUE(add());
    EXPECT_EQ(text(), good) << content.substr(0, 100);
  }
}

TEST_F(MetricsFile, what_others_may_have_written_does_not_count) {
  ASSERT_TRUE(add());
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  ASSERT_TRUE(add());
  EXPECT_THAT(text(), HasSubstr(once));
  ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
  ASSERT_TRUE(add());
  EXPECT_THAT(text(), HasSubstr(once));
}

TEST_F(MetricsFile, no_symlink_is_followed) {
  const std::string precious = directory_.write("precious", "precious");
  std::filesystem::create_symlink(precious, path_);
  ASSERT_TRUE(add());
  EXPECT_FALSE(std::filesystem::is_symlink(path_));
  EXPECT_THAT(text(), HasSubstr(once));

  std::filesystem::create_symlink(precious, path_ + ".tmp");
  ASSERT_TRUE(add());

  std::filesystem::remove(path_ + ".lock");
  std::filesystem::create_symlink(precious, path_ + ".lock");
  ASSERT_FALSE(add());
  EXPECT_EQ(requests(), 2U);
  std::ifstream in(precious);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "precious");
}

TEST_F(MetricsFile, a_directory_or_a_fifo_in_its_place_neither_hangs_nor_is_emptied) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  ASSERT_TRUE(add());
  EXPECT_THAT(text(), HasSubstr(once));
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  directory_.write("regcred.prom/inside", "x");
  const Status added = add();
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().what, HasSubstr("cannot be replaced"));
  EXPECT_THAT(litter(), ::testing::IsEmpty());
  std::filesystem::remove_all(path_);
  ASSERT_EQ(::unlink((path_ + ".lock").c_str()), 0);
  ASSERT_EQ(::mkfifo((path_ + ".lock").c_str(), 0600), 0);
  EXPECT_FALSE(add());
}

TEST_F(MetricsFile, a_lock_that_another_holds_costs_the_record_after_200_ms) {
  ASSERT_TRUE(add());
  const UniqueFd lock(::open((path_ + ".lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  const Status added = add();
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().where, path_ + ".lock");
  EXPECT_THAT(added.error().what, HasSubstr("held it for 200 ms"));
  EXPECT_EQ(clock_.now_ms, 200);
  EXPECT_EQ(requests(), 1U);
}

TEST_F(MetricsFile, L3_requests_that_are_not_counted_are_counted_as_lost) {
  const auto lost = [&](int number) {
    return "regcred_requests_lost_total{reason=\"busy\"} " + std::to_string(number) + "\n";
  };
  ASSERT_TRUE(add());
  EXPECT_THAT(text(), HasSubstr(lost(0)));
  {
    const UniqueFd lock(::open((path_ + ".lock").c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    for (int i = 0; i < 3; ++i) ASSERT_FALSE(add());
  }
  ASSERT_TRUE(add());
  EXPECT_EQ(requests(), 2U);
  EXPECT_THAT(text(), HasSubstr(lost(3)));
  ASSERT_TRUE(add());
  EXPECT_THAT(text(), HasSubstr(lost(3))) << "once";
  std::filesystem::remove(path_);
  ASSERT_TRUE(add());
  EXPECT_THAT(text(), HasSubstr(lost(3)));
}

TEST_F(MetricsFile, H5_the_count_of_lost_requests_has_an_end) {
  directory_.write("regcred.prom.lock", std::string(metrics_lost_max, '\n'));
  {
    const UniqueFd lock(::open((path_ + ".lock").c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    ASSERT_FALSE(add());
  }
  EXPECT_EQ(std::filesystem::file_size(path_ + ".lock"), metrics_lost_max);
}

TEST_F(MetricsFile, a_directory_that_others_may_write_to_is_refused) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
  const Status added = add();
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::config);
  EXPECT_THAT(added.error().what, HasSubstr("writable by everyone"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

// In a sticky one nobody can replace our files, but make the lock first and so end the counting.
TEST_F(MetricsFile, F2_a_sticky_directory_is_refused) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 01777), 0);
  const Status added = add();
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::config);
  EXPECT_THAT(added.error().what, HasSubstr("is writable by everyone (mode 1777)"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(MetricsFile, F2_a_directory_behind_a_link_of_another_user_is_refused) {
  directory_.write("real/file", "x");
  const std::string link = directory_.path() + "/link";
  std::filesystem::create_directory_symlink("real", link);
  ASSERT_EQ(::lchown(link.c_str(), 65534, 65534), 0) << "run these tests as root";
  path_ = link + "/regcred.prom";
  const Status added = add();
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().what, HasSubstr("its symlink " + link + " belongs to user 65534"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/real/regcred.prom.lock"));
}

TEST_F(MetricsFile, a_directory_that_cannot_be_written_or_is_not_there) {
  path_ = "/proc/regcred.prom";  // root may write to every directory, but to none of these
  EXPECT_FALSE(add());
  path_ = directory_.path() + "/none/regcred.prom";
  EXPECT_FALSE(add());
}

TEST_F(MetricsFile, a_full_file_takes_no_further_entry_and_goes_on_counting) {
  Metrics metrics;
  RequestRecord record = answered();
  const auto size_with = [&](int entry) {
    record.registry = "entry-" + std::to_string(entry);
    count_request(metrics, record);
    return render_metrics(metrics).size();
  };
  const std::size_t first = size_with(1000);
  const std::size_t each = size_with(1001) - first;
  for (std::size_t i = 2; first + i * each < metrics_file_bytes_max; ++i) {
    record.registry = "entry-" + std::to_string(1000 + i);
    count_request(metrics, record);
  }
  directory_.write("regcred.prom", render_metrics(metrics), 0644);
  record.registry = std::string(63, 'z');
  const Status added = add_to_metrics_file(path_, record, clock_);
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().what, HasSubstr("is full"));
  record.registry = metrics.registries.begin()->first;
  EXPECT_TRUE(add_to_metrics_file(path_, record, clock_));
}

}  // namespace
}  // namespace regcred::core
