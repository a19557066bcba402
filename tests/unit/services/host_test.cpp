// SPDX-License-Identifier: Apache-2.0
#include "services/host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/host.hpp>
#include <regcred/process.hpp>
#include <vector>

#include "services/process/forked_programs.hpp"
#include "support/recording_log.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::RecordingLog;

class NoHttp final : public Http {
 public:
  tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &) override {
    return tl::make_unexpected(HttpFailure{REGCRED_UNAVAILABLE, "no network here", 0});
  }
};

class HostTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  RecordingLog log_{REGCRED_LOG_INFO};
  NoHttp http_;
  HostServices services_{{clock_, Deadline{clock_.monotonic_ms() + 5000}, http_, log_, "the-token-of-the-pod", ""}};
  regcred::Host host_{services_.table()};
};

TEST_F(HostTest, gives_its_services_and_null_for_all_else) {
  for (const char *id : {REGCRED_SERVICE_HTTP, REGCRED_SERVICE_LOG, REGCRED_SERVICE_CLOCK, REGCRED_SERVICE_SECRET,
                         REGCRED_SERVICE_CRYPTO}) {
    EXPECT_NE(host_.service<void>(id), nullptr) << id;
  }
  for (const char *id : {"", "regcred.http", "regcred.http/2", "regcred.http/10"}) {
    EXPECT_EQ(host_.service<void>(id), nullptr) << id;
  }
  EXPECT_EQ(services_.table()->get_service(services_.table()->context, nullptr), nullptr);
}

class NoPrograms final : public Programs {
 public:
  tl::expected<ProgramEnd, ProgramFailure> run(const ProgramRequest &) override {
    return tl::make_unexpected(ProgramFailure{REGCRED_TIMEOUT, "no time"});
  }
};

TEST_F(HostTest, P1_programs_are_for_a_backend_that_declares_them_only) {
  NoPrograms programs;
  HostServices services({clock_, Deadline{clock_.monotonic_ms() + 5000}, http_, log_, "", "", nullptr, &programs});
  const regcred::Host host(services.table());
  EXPECT_EQ(host.service<void>(REGCRED_SERVICE_PROCESS), nullptr);
  services.allow(~REGCRED_USES_PROCESS);
  EXPECT_EQ(host.service<void>(REGCRED_SERVICE_PROCESS), nullptr);
  services.allow(REGCRED_USES_PROCESS);
  EXPECT_NE(host.service<void>(REGCRED_SERVICE_PROCESS), nullptr);
  const auto end = regcred::Process(host).run({.path = "/bin/true"});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::timeout);
  EXPECT_EQ(end.error().text, "no time");
  services_.allow(REGCRED_USES_PROCESS);  // a host that runs none
  EXPECT_EQ(host_.service<void>(REGCRED_SERVICE_PROCESS), nullptr);
}

TEST_F(HostTest, P1_a_run_crosses_the_boundary_whole) {
  std::vector<std::string> proxy;
  ForkedPrograms programs({clock_.monotonic_ms() + 20'000}, clock_, log_, proxy);
  HostServices services({clock_, Deadline{clock_.monotonic_ms() + 20'000}, http_, log_, "", "", nullptr, &programs});
  services.allow(REGCRED_USES_PROCESS);
  const auto end = regcred::Process(regcred::Host(services.table()))
                       .run({.path = "/bin/sh",
                             .arguments = {"-c", "cat; printf %s \"$A\"; exit 3"},
                             .environment = {{"A", "value"}},
                             .input = regcred::Secret("input")});
  ASSERT_TRUE(end) << end.error().text;
  EXPECT_EQ(end->exit_status, 3);
  EXPECT_EQ(end->output.reveal(), "inputvalue");
  regcred_process_request_v1 short_request{};
  short_request.struct_size = 8;
  std::string error;
  regcred_process_sink_v1 sink{};
  sink.context = &error;
  sink.result = [](void *context, const regcred_process_result_v1 *result) {
    *static_cast<std::string *>(context) = std::string(result->error.data, result->error.size);
  };
  const auto *table = regcred::Host(services.table()).service<regcred_process_v1>(REGCRED_SERVICE_PROCESS);
  EXPECT_EQ(table->run(table->context, &short_request, &sink), REGCRED_BAD_REQUEST);
  EXPECT_THAT(error, HasSubstr("too short"));
}

TEST_F(HostTest, L1_log_lines_are_redacted_printable_and_of_the_wanted_level) {
  host_.log().debug("dropped");
  host_.log().info("exchange with the-token-of-the-pod\nfailed");
  EXPECT_THAT(log_.lines, ElementsAre("exchange with [redacted]\\nfailed"));
  EXPECT_FALSE(host_.log().enabled(LogLevel::debug));
}

TEST_F(HostTest, the_clock_counts_down_to_the_deadline) {
  EXPECT_GT(host_.clock().remaining().count(), 3000);
  EXPECT_LE(host_.clock().remaining().count(), 5000);
  EXPECT_GT(host_.clock().unix_now().count(), 1'700'000'000);
}

TEST_F(HostTest, a_secret_that_cannot_be_read_says_why) {
  const auto secret = host_.secret_files().read("/nowhere/password");
  ASSERT_FALSE(secret);
  EXPECT_EQ(secret.error().code, Code::bad_config);
  EXPECT_THAT(secret.error().text, HasSubstr("/nowhere/password"));
}

}  // namespace
}  // namespace regcred::core
