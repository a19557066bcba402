// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/exchange_steps.hpp"

#include "cli/doctor/network_wire.hpp"
#include "cli/doctor/worker_network.hpp"
#include "scripted_network.hpp"

namespace regcred::core {
namespace {

// L1: a backend that is only asked whom it would ask gets no token that it could send.
TEST(FirstRequest, L1_the_backend_gets_the_claims_without_the_signature) {
  Request request;
  request.image = ImageReference("reg.io/team/app");
  request.annotations = {{"a", "b"}};
  request.service_account_token = Secret("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl");
  const Request stub = without_signature(request);
  EXPECT_TRUE(stub.service_account_token.reveal().starts_with("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0."));
  EXPECT_EQ(stub.service_account_token.reveal().find("c2lnbmF0dXJl"), std::string_view::npos);
  EXPECT_EQ(stub.annotations, request.annotations);
  EXPECT_EQ(stub.image.name(), "reg.io/team/app");
  EXPECT_TRUE(without_signature(Request{}).service_account_token.empty()) << "none stays none";
}

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ExchangeSteps : public ::testing::Test {
 protected:
  ExchangeSteps() {
    entry_.name = "cloudsmith";
    entry_.backend = "cloudsmith";
    network_.first = FirstRequest{"POST", "https://api.example.com/openid/acme/"};
    ProbeReport &probe = network_.report;
    probe.ended_in = ProbePhase::done;
    probe.addresses = {"203.0.113.7"};
    probe.connected_to = "203.0.113.7:443";
    probe.tls_version = "TLSv1.3";
    probe.verify_result = "ok";
    probe.chain = {{"CN=api.example.com", "CN=CA", "api.example.com", "2027-01-31 12:00:00Z", false}};
    probe.times = {.name_ms = 2, .connect_ms = 5, .tls_ms = 20, .whole_ms = 20};
  }
  bool examine() {
    report_ = DoctorReport();
    const bool prospect = examine_connection({entry_, route_, request_}, network_, report_);
    EXPECT_EQ(report_.steps().size(), connection_steps.size());
    return prospect;
  }
  std::vector<std::string> states() {
    std::vector<std::string> all;
    for (const std::string &name : connection_steps) all.emplace_back(state_of(report_, name));
    return all;
  }

  RegistryEntry entry_;
  Route route_;
  Request request_;
  ScriptedNetwork network_;
  DoctorReport report_;
};

TEST_F(ExchangeSteps, the_way_phase_by_phase) {
  EXPECT_TRUE(examine());
  EXPECT_EQ(step_in(report_, "exchange-host").what,
            "backend cloudsmith asks POST https://api.example.com/openid/acme/");
  EXPECT_EQ(step_in(report_, "exchange-name").what, "api.example.com is 203.0.113.7 in 2 ms");
  EXPECT_EQ(step_in(report_, "exchange-connection").what, "to 203.0.113.7:443 in 3 ms, without a proxy");
  EXPECT_EQ(step_in(report_, "exchange-tls").what, "TLSv1.3, the certificate is trusted in 15 ms");
  EXPECT_THAT(step_in(report_, "exchange-tls").details,
              ElementsAre("certificate CN=api.example.com, by CN=CA, until 2027-01-31 12:00:00Z, for api.example.com",
                          "verified by OpenSSL: ok"));
  EXPECT_THAT(network_.probed, ElementsAre("api.example.com"));
}

TEST_F(ExchangeSteps, a_proxy_is_named) {
  network_.report.through_proxy = true;
  network_.report.proxy = "proxy.example.com:3128";
  EXPECT_TRUE(examine());
  EXPECT_EQ(step_in(report_, "exchange-name").what,
            "the proxy proxy.example.com:3128 is 203.0.113.7 in 2 ms; it resolves api.example.com");
  EXPECT_THAT(step_in(report_, "exchange-connection").what, HasSubstr(", the proxy proxy.example.com:3128"));
}

TEST_F(ExchangeSteps, the_phase_that_fails_ends_the_way) {
  network_.report.failure = "it broke; mend it";
  const std::pair<ProbePhase, std::vector<std::string>> cases[] = {
      {ProbePhase::setup, {"passed", "failed", "skipped", "skipped"}},
      {ProbePhase::name, {"passed", "failed", "skipped", "skipped"}},
      {ProbePhase::connection, {"passed", "passed", "failed", "skipped"}},
      {ProbePhase::tls, {"passed", "passed", "passed", "failed"}},
  };
  for (const auto &[phase, expected] : cases) {
    network_.report.ended_in = phase;
    EXPECT_FALSE(examine());
    EXPECT_EQ(states(), expected);
    EXPECT_EQ(report_.error()->what, "it broke");
    EXPECT_EQ(report_.error()->cure, "mend it");
    EXPECT_EQ(report_.error()->code, ErrorCode::backend);
  }
}

TEST_F(ExchangeSteps, the_host_of_a_later_call_that_gave_no_response_is_examined_too) {
  const std::string fine = "POST https://sts.example.com/: HTTP 200 in 37 ms, attempt 1";
  const std::string silent = "POST https://ecr.example.com: no response in 5003 ms, attempt 2: the time is over";
  const auto examined = [this](const std::vector<std::string> &trace) {
    report_ = DoctorReport();
    network_.probed.clear();
    examine_last_host(trace, network_, report_);
    return network_.probed;
  };
  network_.report.ended_in = ProbePhase::connection;
  network_.report.failure = "nothing listens; see the firewall";
  EXPECT_THAT(examined({fine, "a line of the backend https://x", silent, silent}), ElementsAre("ecr.example.com"));
  EXPECT_EQ(step_in(report_, "exchange-host-2").what, "a later call asks ecr.example.com");
  EXPECT_EQ(state_of(report_, "exchange-name-2"), std::string("passed"));
  EXPECT_EQ(state_of(report_, "exchange-connection-2"), std::string("failed"));
  EXPECT_EQ(step_in(report_, "exchange-connection-2").cure, "see the firewall");
  EXPECT_EQ(state_of(report_, "exchange-tls-2"), std::string("skipped"));

  EXPECT_THAT(examined({silent, silent}), IsEmpty()) << "it was examined as the first";
  EXPECT_THAT(examined({fine, "POST https://ecr.example.com/: HTTP 403 in 3 ms, attempt 1"}), IsEmpty());
  EXPECT_THAT(examined({}), IsEmpty());
  EXPECT_TRUE(report_.steps().empty());
}

TEST_F(ExchangeSteps, each_call_is_a_step_and_the_exchange_says_why_it_failed) {
  const std::vector<HttpCall> calls = {{"STS", "POST", "https://sts.example.com/", 200, "", 1, 37},
                                       {"", "POST", "https://ecr.example.com/", 400, "", 2, 12}};
  report_calls(calls, true, report_);
  report_exchange({fail(ErrorCode::backend, "registry \"x\"", "may not log in; allow it")}, {}, report_);
  EXPECT_EQ(step_in(report_, "exchange-call-1").what, "STS: POST https://sts.example.com/: HTTP 200 in 37 ms");
  EXPECT_STREQ(state_of(report_, "exchange-call-1"), "passed");
  EXPECT_EQ(step_in(report_, "exchange-call-2").what,
            "POST https://ecr.example.com/: HTTP 400 in 12 ms, after 2 attempts");
  EXPECT_STREQ(state_of(report_, "exchange-call-2"), "failed");
  EXPECT_EQ(report_.error()->where, "doctor: exchange");
  EXPECT_THAT(report_.error()->what, HasSubstr("may not log in"));
  EXPECT_THAT(report_.error()->what, ::testing::Not(HasSubstr("more failed")));

  report_ = DoctorReport();
  report_calls({{"STS", "POST", "https://sts.example.com/", 403, "", 1, 7}, calls[0]}, false, report_);
  EXPECT_FALSE(report_.error()) << "tried again, and the exchange has succeeded";

  report_calls({{"Vault", "GET", "https://vault.example.com/v1/x", 0, "the name is not known", 1, 8},
                {"Vault", "POST", "https://vault.example.com/v1/revoke", 204, "", 1, 3}},
               true, report_);
  EXPECT_THAT(report_.steps()[2].what, HasSubstr(": no response in 8 ms"));
  EXPECT_THAT(report_.steps()[2].details, ElementsAre("the name is not known"));
  EXPECT_EQ(report_.steps()[2].state, StepState::failed) << "the last that had no good answer";
}

TEST_F(ExchangeSteps, backends_without_a_way_to_look_at) {
  network_.first = FirstRequest{};
  EXPECT_TRUE(examine());
  EXPECT_EQ(states(), (std::vector<std::string>{"passed", "skipped", "skipped", "skipped"}));
  network_.first = FirstRequest{.program = "/usr/bin/helper"};
  EXPECT_TRUE(examine());
  EXPECT_THAT(step_in(report_, "exchange-host").what, HasSubstr(" runs /usr/bin/helper"));
  EXPECT_FALSE(asks_nobody(report_));
  network_.first = FirstRequest{"GET", "http://169.254.169.254/latest"};
  EXPECT_TRUE(examine());
  EXPECT_THAT(step_in(report_, "exchange-tls").what, HasSubstr("metadata endpoint"));
  EXPECT_THAT(network_.probed, IsEmpty());
  network_.first = fail(ErrorCode::config, "registry \"x\"", "no slug", "set one");
  EXPECT_FALSE(examine());
  EXPECT_EQ(report_.error()->code, ErrorCode::config);
}

TEST_F(ExchangeSteps, a_failed_exchange_points_to_what_failed_before) {
  const Answered refused{fail(ErrorCode::backend, "entry", "denied: does not fit; see the setting"), &entry_};
  DoctorReport alone;
  report_exchange(refused, {"trace"}, alone);
  EXPECT_EQ(step_in(alone, "exchange").cure, "see the setting");
  EXPECT_THAT(step_in(alone, "exchange").details, ElementsAre("trace"));
  DoctorReport hinted;
  hinted.add({"issuer", "issuer-reach", StepState::passed, "private", "publish", {}});
  report_exchange(refused, {}, hinted);
  EXPECT_EQ(step_in(hinted, "exchange").cure, "see the hint of issuer-reach; see the setting");
  DoctorReport broken;
  broken.add({"token", "token-expiry", StepState::failed, "expired", "make another", {}, ErrorCode::config});
  report_exchange(refused, {}, broken);
  EXPECT_EQ(step_in(broken, "exchange").cure, "mend token-expiry first; see the setting");
}

TEST_F(ExchangeSteps, an_answer_with_and_without_credentials) {
  Answered answered{Answer{}, &entry_};
  answered.answer->auth.push_back({"reg.example.com", "puller", Secret("canary-password")});
  answered.answer->cache_duration = std::chrono::seconds(60);
  DoctorReport report;
  report_exchange(answered, {}, report);
  EXPECT_EQ(step_in(report, "exchange").what,
            "entry cloudsmith: a credential for reg.example.com (username puller), kept by the kubelet for 60s, for "
            "this image");
  DoctorReport without;
  report_exchange({Answer{}, &entry_}, {}, without);
  EXPECT_THAT(step_in(without, "exchange").what, HasSubstr("no credentials"));
  EXPECT_EQ(step_in(without, "exchange").cure, "expected only for public images");
  DoctorReport explained;
  report_exchange({Answer{}, &entry_, "no role is named"}, {}, explained);
  EXPECT_THAT(step_in(explained, "exchange").what, HasSubstr("pulls without any: no role is named"));
  EXPECT_EQ(step_in(explained, "exchange").cure, "expected only for public images; else see the reason above");
}

TEST(ProbeOnTheWire, goes_through_a_pipe_unchanged_and_all_else_is_refused) {
  ProbeReport probe;
  probe.ended_in = ProbePhase::tls;
  probe.through_proxy = true;
  probe.proxy = "p:1";
  probe.addresses = {"a", "b"};
  probe.chain = {{"s", "i", "n", "t", true}};
  probe.verify_result = "bad";
  probe.times = {.name_ms = 1, .connect_ms = 2, .tls_ms = -1, .whole_ms = 4};
  const std::string bytes(encoded(probe).reveal());
  std::optional<ProbeReport> back = decoded<ProbeReport>(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(encoded(*back).reveal(), bytes);
  EXPECT_EQ(back->times.whole_ms, 4);
  EXPECT_EQ(back->chain.front().not_after, "t");
  for (const char *damaged : {"", "x", "nonsense"}) EXPECT_FALSE(decoded<ProbeReport>(damaged));
  std::string odd = bytes;
  odd.front() = 9;  // no such phase
  EXPECT_FALSE(decoded<ProbeReport>(odd));
}

}  // namespace
}  // namespace regcred::core
