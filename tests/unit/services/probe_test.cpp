// SPDX-License-Identifier: Apache-2.0
// What a probe tells of the way to a server, against real TLS servers on loopback.
#include "services/http/probe.hpp"

#include "curl_fixture.hpp"
#include "services/http/curl_probe.hpp"
#include "services/http/lazy_http.hpp"

namespace regcred::core {
namespace {

using regcred::testing::answering;
using regcred::testing::CertificateAuthority;
using regcred::testing::Connection;
using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

class Probe : public CurlTest {
 protected:
  ProbeReport probe(const std::string &authority, AttemptLimits limits = {3000, 3000}) {
    return CurlProber(config_, clock_).probe(authority, limits);
  }
  static std::string authority_of(const ScriptedServer &server) { return "localhost:" + std::to_string(server.port()); }
};

TEST_F(Probe, a_sound_server_phase_by_phase_and_no_byte_of_a_request) {
  ScriptedServer server(for_localhost(), answering(http_response(200, "")));
  const Result<ProbeReport> report =
      probe_host(REGCRED_LIBRARY_DIRECTORY, config_, clock_, authority_of(server), {3000, 3000});
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->ended_in, ProbePhase::done) << report->failure;
  EXPECT_EQ(report->failure, "");
  EXPECT_FALSE(report->through_proxy);
  EXPECT_THAT(report->addresses, ::testing::Contains("127.0.0.1"));
  EXPECT_EQ(report->connected_to, "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(report->tls_version, "TLSv1.3");
  EXPECT_EQ(report->verify_result, "ok");
  ASSERT_EQ(report->chain.size(), 1U);
  EXPECT_EQ(report->chain[0].subject, "CN=localhost");
  EXPECT_EQ(report->chain[0].issuer, "CN=regcred test CA");
  EXPECT_EQ(report->chain[0].names, "localhost, 127.0.0.1");
  EXPECT_THAT(report->chain[0].not_after, MatchesRegex("20[0-9-]+ [0-9:]+Z"));
  EXPECT_FALSE(report->chain[0].expired);
  EXPECT_GE(report->times.name_ms, 0);
  EXPECT_GE(report->times.connect_ms, report->times.name_ms);
  EXPECT_GE(report->times.tls_ms, report->times.connect_ms);
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(Probe, H3_a_bad_certificate_is_shown_with_the_verdict_and_still_refused) {
  const CertificateAuthority other_ca("another CA");
  struct Case {
    regcred::testing::Identity identity;
    const char *verify_result;
    const char *failure;
    bool expired;
  };
  const Case cases[] = {
      {other_ca.issue({"localhost"}), "unable to get local issuer certificate (CN=localhost)", "not signed by a CA",
       false},
      {ca_.issue({"localhost"}, -5, -1), "certificate has expired (CN=localhost)", "has expired", true},
      {ca_.issue({"other.example.com"}), "ok", "is for another name", false},
  };
  for (const Case &bad : cases) {
    ScriptedServer server(bad.identity, answering(http_response(200, "")));
    const ProbeReport report = probe(authority_of(server));
    EXPECT_EQ(report.ended_in, ProbePhase::tls) << bad.failure;
    EXPECT_EQ(report.verify_result, bad.verify_result);
    EXPECT_THAT(report.failure, HasSubstr(bad.failure));
    ASSERT_EQ(report.chain.size(), 1U) << bad.failure;
    EXPECT_EQ(report.chain[0].expired, bad.expired);
  }
}

TEST_F(Probe, the_phase_that_failed_is_told_apart) {
  ScriptedServer silent([](Connection &connection) { connection.stall(); });
  struct Case {
    std::string authority;
    ProbePhase phase;
    const char *failure;
  };
  const Case cases[] = {
      {"unknown.example.com", ProbePhase::name, "the name unknown.example.com is not known to DNS"},
      {"localhost:1", ProbePhase::connection, "no connection to localhost:1 (Connection refused)"},
      {authority_of(silent), ProbePhase::tls, "no TLS session with localhost"},
      {"user@localhost", ProbePhase::setup, "user"},
  };
  for (const Case &row : cases) {
    const ProbeReport report = probe(row.authority, {600, 300});
    EXPECT_EQ(report.ended_in, row.phase) << row.authority << ": " << report.failure;
    EXPECT_THAT(report.failure, HasSubstr(row.failure));
    EXPECT_EQ(report.tls_version, "");
  }
}

TEST_F(Probe, H8_the_proxy_in_use_is_named_without_its_password) {
  ScriptedServer proxy(answering("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"));
  config_.proxy = {"http://user:canary-password@localhost:" + std::to_string(proxy.port()), "spared.example.com"};
  const ProbeReport report = probe("registry.example.com");
  EXPECT_TRUE(report.through_proxy);
  EXPECT_EQ(report.proxy, "localhost:" + std::to_string(proxy.port()));
  EXPECT_EQ(report.ended_in, ProbePhase::connection);
  EXPECT_THAT(report.addresses, ::testing::Contains("127.0.0.1"));
  EXPECT_THAT(report.failure, AllOf(HasSubstr("refused to connect to registry.example.com"), Not(HasSubstr("canary"))));
}

// The exchange has no words for this (curl_failure.cpp) and sends the operator here.
TEST_F(Probe, H3_a_bad_certificate_behind_a_proxy_with_https_is_shown) {
  ScriptedServer server(CertificateAuthority("another CA").issue({"localhost"}), answering(http_response(200, "")));
  ScriptedServer proxy(for_localhost(), regcred::testing::passing_to(server));
  config_.proxy.url = "https://localhost:" + std::to_string(proxy.port());
  const ProbeReport report = probe(authority_of(server));
  EXPECT_TRUE(report.through_proxy);
  EXPECT_EQ(report.ended_in, ProbePhase::tls);
  EXPECT_EQ(report.verify_result, "unable to get local issuer certificate (CN=localhost)");
  ASSERT_EQ(report.chain.size(), 1U);
  EXPECT_EQ(report.chain[0].issuer, "CN=another CA");
}

TEST_F(Probe, a_host_that_the_proxy_spares_is_connected_directly) {
  ScriptedServer proxy(answering("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"));
  ScriptedServer server(for_localhost(), answering(http_response(200, "")));
  for (const char *spared : {"localhost", "*", "example.com, localhost"}) {
    config_.proxy = {"http://127.0.0.1:" + std::to_string(proxy.port()), spared};
    const ProbeReport report = probe(authority_of(server));
    EXPECT_FALSE(report.through_proxy) << spared;
    EXPECT_EQ(report.ended_in, ProbePhase::done) << report.failure;
  }
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(Probe, roots_that_cannot_be_used_are_said_before_anything_is_sent) {
  config_.ca_files = {"/nowhere/ca.pem"};
  const ProbeReport report = probe("localhost:1");
  EXPECT_EQ(report.ended_in, ProbePhase::setup);
  EXPECT_THAT(report.failure, HasSubstr("/nowhere/ca.pem"));
  EXPECT_THAT(report.addresses, IsEmpty());
}

}  // namespace
}  // namespace regcred::core
