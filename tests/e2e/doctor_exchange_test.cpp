// SPDX-License-Identifier: Apache-2.0
// `regcred doctor` on the way to the exchange, at it, and at the registry behind.
#include "e2e/doctor_fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DoctorExchange : public DoctorWorld {};

TEST_F(DoctorExchange, a_host_that_DNS_does_not_know) {
  configure({.api_host = "unknown.example.com"});
  auto seen = steps(6, image(), without_dns());
  EXPECT_THAT(seen["exchange-host"].what, HasSubstr("asks POST https://unknown.example.com/openid/iduffy-demo/"));
  EXPECT_EQ(seen["exchange-name"].state, "failed");
  EXPECT_EQ(seen["exchange-name"].what, "the name unknown.example.com is not known to DNS");
  EXPECT_THAT(seen["exchange-name"].cure, HasSubstr("see the host in the configuration, and the node's DNS"));
  EXPECT_EQ(seen["exchange"].state, "skipped");
}

TEST_F(DoctorExchange, a_host_where_nobody_listens) {
  configure({.api_host = "localhost:1"});
  auto seen = steps(6);
  EXPECT_EQ(seen["exchange-name"].state, "passed");
  EXPECT_EQ(seen["exchange-connection"].state, "failed");
  EXPECT_THAT(seen["exchange-connection"].what, HasSubstr("Connection refused"));
}

TEST_F(DoctorExchange, a_certificate_of_a_CA_that_is_not_trusted) {
  configure({.ca_file = directory_.write("issuer-ca.pem", issuer_ca_.pem())});
  auto seen = steps(6);
  EXPECT_EQ(seen["issuer-discovery"].state, "passed");
  EXPECT_EQ(seen["exchange-tls"].state, "failed");
  EXPECT_THAT(seen["exchange-tls"].cure, HasSubstr("name its CA under defaults.caFile"));
  EXPECT_THAT(seen["exchange-tls"].details,
              AllOf(HasSubstr("certificate CN=localhost, by CN=regcred emulator CA, until 20"),
                    HasSubstr("for localhost, 127.0.0.1"), HasSubstr("unable to get local issuer certificate")));
  EXPECT_TRUE(cloudsmith_.received().empty());
}

TEST_F(DoctorExchange, an_expired_certificate) {
  ScriptedServer expired(issuer_ca_.issue({"localhost"}, -5, -1), answering(http_response(200, "")));
  configure({.api_host = "localhost:" + std::to_string(expired.port())});
  auto seen = steps(6);
  EXPECT_THAT(seen["exchange-tls"].what, HasSubstr("has expired"));
  EXPECT_THAT(seen["exchange-tls"].cure, HasSubstr("have it renewed"));
  EXPECT_THAT(seen["exchange-tls"].details, HasSubstr("expired since 20"));
  EXPECT_THAT(expired.requests(), IsEmpty());
}

TEST_F(DoctorExchange, a_service_account_that_the_registry_refuses) {
  configure({.service = "no-such-service"});
  auto seen = steps(6);
  EXPECT_EQ(seen["exchange-tls"].state, "passed");
  EXPECT_EQ(seen["exchange"].state, "failed");
  EXPECT_THAT(seen["exchange"].what, HasSubstr("no token for this service"));
  EXPECT_THAT(seen["exchange"].details, HasSubstr("HTTP 400 in "));
}

TEST_F(DoctorExchange, throttled_with_the_time_to_wait) {
  cloudsmith_.set_fault({.status = 429, .body = "{}", .retry_after = "3304"});
  auto seen = steps(6);
  EXPECT_THAT(seen["exchange"].what, HasSubstr("throttled"));
  EXPECT_THAT(seen["exchange"].cure, HasSubstr("wait until 20"));
  EXPECT_THAT(seen["exchange"].details,
              AllOf(HasSubstr("HTTP 429 in "), HasSubstr("retry-after: 3304"), HasSubstr("x-ratelimit-limit: 1800")));
}

TEST_F(DoctorExchange, H4_an_exchange_that_hangs_ends_with_the_deadline) {
  cloudsmith_.set_fault({.delay_ms = 5'000});
  std::string yaml = config();
  directory_.write("config.yaml", yaml.replace(yaml.find("deadline: 8s"), 12, "deadline: 2s"));
  const ProcessOutput output = run(image());
  EXPECT_EQ(output.status, 7) << output.out;
  EXPECT_LT(output.until_eof, std::chrono::seconds(10));
}

TEST_F(DoctorExchange, a_credential_that_the_registry_does_not_know) {
  cloudsmith_.set_fault({.token = "canary-of-another-registry"});
  auto seen = steps(6);
  EXPECT_EQ(seen["exchange"].state, "passed");
  EXPECT_EQ(seen["registry-login"].state, "failed");
  EXPECT_THAT(seen["registry-login"].what, HasSubstr("refuses the credential: HTTP 401 UNAUTHORIZED"));
  EXPECT_THAT(seen["registry-login"].cure, HasSubstr("the entry's settings and the image's host belong together"));
  EXPECT_EQ(seen["registry-pull"].state, "skipped");
}

TEST_F(DoctorExchange, a_repository_that_the_account_may_not_read) {
  auto seen = steps(6, image("other-team"));
  EXPECT_EQ(seen["registry-login"].state, "passed");
  EXPECT_THAT(seen["registry-login"].details,
              HasSubstr("the token grants on \"iduffy-demo/other-team/ubuntu\": nothing"));
  EXPECT_EQ(seen["registry-pull"].state, "failed");
  EXPECT_THAT(seen["registry-pull"].what, HasSubstr("the credential may not read it, HTTP 403 DENIED"));
  EXPECT_THAT(seen["registry-pull"].cure, HasSubstr("the right to pull from this repository"));
}

TEST_F(DoctorExchange, a_tag_that_is_not_there) {
  auto seen = steps(6, image() + ":missing");
  EXPECT_EQ(seen["registry-pull"].state, "failed");
  EXPECT_THAT(seen["registry-pull"].what, HasSubstr("is not there, HTTP 404 MANIFEST_UNKNOWN"));
}

TEST_F(DoctorExchange, an_entry_without_token_and_network_goes_straight_to_the_registry) {
  ScriptedServer basic(issuer_ca_.issue({"localhost"}), [](Connection &connection) {
    const bool known =
        connection.read_request().find("Authorization: Basic cHVsbGVyOmZpeGVkLXBhc3N3b3Jk\r\n") != std::string::npos;
    connection.send(known ? http_response(200, R"({"schemaVersion":2})")
                          : http_response(401, "", "WWW-Authenticate: Basic realm=\"registry\"\r\n"));
  });
  const std::string host = "localhost:" + std::to_string(basic.port());
  directory_.write("config.yaml", "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {proxy: none, caFile: " +
                                      ca_file_ + "}\nregistries:\n- name: internal\n  matchImages: ['" + host +
                                      "']\n  backend: static\n  settings: {username: puller, passwordFile: " +
                                      directory_.write("password", "fixed-password\n") + "}\n");
  auto seen = steps(0, host + "/app");
  EXPECT_EQ(seen["token"].state, "skipped");
  EXPECT_EQ(seen["issuer-discovery"].state, "skipped");
  EXPECT_THAT(seen["exchange-host"].what, HasSubstr("answers without network"));
  EXPECT_THAT(seen["registry-challenge"].what, HasSubstr("takes passwords itself (Basic)"));
  EXPECT_EQ(seen["registry-login"].state, "passed");
}

}  // namespace
}  // namespace regcred::testing
