// SPDX-License-Identifier: Apache-2.0
#include "record/recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "support/datagram_server.hpp"
#include "support/process.hpp"
#include "unit/record/record_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Recorder : public ::testing::Test {
 protected:
  void record(RequestLog log, const std::string &metrics_file = "") {
    RequestRecord request = answered();
    request.destinations = {log, metrics_file};
    record_request(request, std::nullopt, 212, clock_, {journald_.path(), syslog_.path()});
  }

  testing::TemporaryDirectory directory_;
  testing::DatagramServer journald_{directory_.path() + "/journald"};
  testing::DatagramServer syslog_{directory_.path() + "/syslog"};
  SystemClock clock_;
};

TEST_F(Recorder, L3_writes_to_the_log_that_is_configured_and_to_no_other) {
  record(RequestLog::off);
  EXPECT_THAT(journald_.received(), IsEmpty());
  EXPECT_THAT(syslog_.received(), IsEmpty());
  record(RequestLog::journald);
  EXPECT_THAT(journald_.received(), ElementsAre(StartsWith("MESSAGE=image=docker.cloudsmith.io/acme/app ")));
  EXPECT_THAT(syslog_.received(), IsEmpty());
  record(RequestLog::syslog);
  EXPECT_THAT(journald_.received(), IsEmpty());
  EXPECT_THAT(syslog_.received(), ElementsAre(HasSubstr(" regcred[" + std::to_string(::getpid()) + "]: image=")));
}

TEST_F(Recorder, L3_an_answer_without_credentials_leaves_its_line_where_nothing_is_configured) {
  RequestRecord request = answered();
  request.destinations = RecordConfig{};
  record_request(request, std::nullopt, 212, clock_, {journald_.path(), syslog_.path()});
  EXPECT_THAT(journald_.received(), IsEmpty());  // with credentials

  request.with_credentials = false;
  request.reason = "no credential in settings is for image a.io/b";
  record_request(request, std::nullopt, 212, clock_, {journald_.path(), syslog_.path()});
  EXPECT_THAT(
      journald_.received(),
      ElementsAre(AllOf(HasSubstr(" outcome=no_credentials reason=\"no credential in settings is for image a.io/b\""),
                        HasSubstr("\nPRIORITY=6\n"), HasSubstr("\nREGCRED_REASON=no credential in settings"))));
  EXPECT_THAT(syslog_.received(), IsEmpty());

  request.destinations.request_log = RequestLog::off;
  record_request(request, std::nullopt, 212, clock_, {journald_.path(), syslog_.path()});
  EXPECT_THAT(journald_.received(), IsEmpty());
}

TEST_F(Recorder, the_log_tells_why_a_request_was_not_counted) {
  record(RequestLog::journald, directory_.path() + "/none/regcred.prom");
  EXPECT_THAT(journald_.received(),
              ElementsAre(HasSubstr("\nREGCRED_METRICS_ERROR=" + directory_.path() + "/none/: no such directory")));
}

TEST_F(Recorder, counts_and_logs_at_once) {
  record(RequestLog::syslog, directory_.path() + "/regcred.prom");
  EXPECT_TRUE(std::filesystem::exists(directory_.path() + "/regcred.prom"));
  EXPECT_EQ(syslog_.received().size(), 1U);
}

TEST_F(Recorder, a_log_that_is_absent_or_full_neither_delays_nor_fails) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(send_datagram(directory_.path() + "/nobody", "x"));
  EXPECT_FALSE(send_datagram(directory_.write("file", ""), "x"));
  EXPECT_FALSE(send_datagram(std::string(200, 'a'), "x"));
  EXPECT_FALSE(send_datagram("", "x"));
  int sent = 0;
  while (sent < 10'000 && send_datagram(syslog_.path(), std::string(1000, 'x'))) ++sent;
  EXPECT_LT(sent, 10'000) << "the queue of the socket never filled up";
  record(RequestLog::syslog);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST_F(Recorder, a_limit_on_the_size_of_files_does_not_end_the_process) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit tiny{10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tiny), 0);
  record(RequestLog::journald, directory_.path() + "/regcred.prom");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_THAT(journald_.received(), ElementsAre(HasSubstr("REGCRED_METRICS_ERROR=")));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/regcred.prom"));
}

}  // namespace
}  // namespace regcred::core
