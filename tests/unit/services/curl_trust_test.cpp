// SPDX-License-Identifier: Apache-2.0
// Whom the HTTP service talks to, and what it trusts: against real TLS servers on loopback.
#include <openssl/conf.h>
#include <stdlib.h>

#include <filesystem>

#include "curl_fixture.hpp"

namespace regcred::core {
namespace {

using regcred::testing::answering;
using regcred::testing::CertificateAuthority;
using regcred::testing::http_response;
using regcred::testing::ScriptedServer;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Trust : public CurlTest {};

TEST_F(Trust, one_exchange_as_the_server_sees_it) {
  ScriptedServer server(for_localhost(), answering(http_response(201, R"({"token":"x"})", "X-Rate:  5 \r\n")));
  const auto response = post(server.url("/openid/acme/?a=%2e%2E/../b"));
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, R"({"token":"x"})");
  EXPECT_THAT(response->headers, ::testing::Contains(std::pair<std::string, std::string>("x-rate", "5")));
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(server.requests()[0],
              AllOf(StartsWith("POST /openid/acme/?a=%2e%2E/../b HTTP/1.1\r\n"), HasSubstr("User-Agent: regcred/"),
                    HasSubstr("Content-Type: application/json\r\n"), Not(HasSubstr("Expect")),
                    Not(HasSubstr("Accept-Encoding")), EndsWith(R"({"oidc_token":"canary-token"})")));
}

// Requests are judged before they come here (request_rules.hpp); should one slip through, libcurl refuses it.
TEST_F(Trust, H1_plain_http_is_not_spoken) {
  ScriptedServer server(answering(http_response(200, "caught")));
  EXPECT_THAT(failure("http://127.0.0.1:" + std::to_string(server.port()) + "/"), HasSubstr("no complete HTTP answer"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Trust, H2_a_redirect_is_given_back_and_never_followed) {
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer other(for_localhost(), answering(http_response(200, "caught")));
    ScriptedServer server(for_localhost(), answering(http_response(status, "", "Location: " + other.url() + "\r\n")));
    const auto response = post(server.url());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(other.connections(), 0);
  }
}

TEST_F(Trust, H3_a_certificate_that_is_not_right_ends_the_try_before_the_request) {
  const CertificateAuthority other_ca("another CA");
  struct Case {
    const char *name;
    regcred::testing::Identity identity;
    int tls_max;
    const char *words;
  };
  const Case cases[] = {
      {"unknown CA", other_ca.issue({"localhost"}), 0, "not signed by a CA that this node trusts; name its CA"},
      {"wrong host", ca_.issue({"other.example.com"}), 0, "is for another name"},
      {"expired", ca_.issue({"localhost"}, -5, -1), 0, "has expired"},
      {"not yet valid", ca_.issue({"localhost"}, 1, 5), 0, "is not valid yet"},
      {"TLS 1.1", for_localhost(), TLS1_1_VERSION, "no TLS session with localhost"},
      {"TLS 1.0", for_localhost(), TLS1_VERSION, "no TLS session with localhost"},
  };
  for (const Case &bad : cases) {
    ScriptedServer server(bad.identity, answering(http_response(200, "caught")), bad.tls_max);
    const auto outcome = post(server.url());
    ASSERT_FALSE(outcome) << bad.name;
    EXPECT_EQ(outcome.error().code, REGCRED_UNAVAILABLE) << bad.name;
    EXPECT_THAT(outcome.error().text, HasSubstr(bad.words)) << bad.name;
    EXPECT_FALSE(outcome.error().another_may_help) << bad.name;
    EXPECT_THAT(server.requests(), IsEmpty()) << bad.name;
  }
}

TEST_F(Trust, H3_TLS_1_2_is_enough) {
  ScriptedServer server(for_localhost(), answering(http_response(200, "")), TLS1_2_VERSION);
  EXPECT_TRUE(post(server.url()));
}

// OpenSSL refuses old versions, too, at the security level that Debian sets. Here it would take them.
TEST_F(Trust, H3_TLS_1_2_is_needed_whatever_this_machines_openssl_takes) {
  const std::string lax = directory_.write("openssl.cnf",
                                           "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = lax\n"
                                           "[lax]\nMinProtocol = TLSv1\nCipherString = DEFAULT@SECLEVEL=0\n");
  ASSERT_EQ(CONF_modules_load_file(lax.c_str(), nullptr, 0), 1);
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    ScriptedServer server(for_localhost(), answering(http_response(200, "caught")), version);
    EXPECT_THAT(failure(server.url()), HasSubstr("TLS 1.2 or later is needed")) << version;
    EXPECT_THAT(server.requests(), IsEmpty()) << version;
  }
  CONF_modules_load_file(nullptr, nullptr, CONF_MFLAGS_DEFAULT_SECTION);
}

TEST_F(Trust, H3_an_address_is_verified_as_one) {
  ScriptedServer server(for_localhost(), answering(http_response(200, "")));
  EXPECT_TRUE(post("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
  EXPECT_THAT(failure("https://127.0.0.2:" + std::to_string(server.port()) + "/"),
              ::testing::AnyOf(HasSubstr("for another name"), HasSubstr("no connection")));
}

// Metadata endpoints are asked by plain http: what a broken caFile stops is TLS.
TEST_F(Trust, without_roots_a_metadata_endpoint_can_still_be_asked) {
  ScriptedServer server(answering(http_response(200, "metadata")));
  config_.ca_files = {"/nowhere/ca.pem"};
  CurlAttempt http(config_, clock_);
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  const HttpRequest metadata{.method = "GET", .url = url, .metadata_endpoint = true};
  for (int round = 0; round < 2; ++round) {
    const auto refused = http.send({.method = "GET", .url = "https://localhost:1/"}, {5000, 5000});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, HasSubstr("/nowhere/ca.pem: no such file"));
    const auto response = http.send(metadata, {5000, 5000});
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->body, "metadata");
  }
}

TEST_F(Trust, roots_may_come_from_a_hashed_directory_or_a_file_that_the_operator_names) {
  ScriptedServer server(for_localhost(), answering(http_response(200, "")));
  const std::string file = config_.ca_files.front();
  config_.ca_files.clear();
  EXPECT_THAT(failure(server.url()), HasSubstr("not signed by a CA"));

  directory_.write("hashed/" + ca_.hash_name(), ca_.pem());
  config_.system_ca_directories = directory_.path() + "/hashed";
  EXPECT_TRUE(post(server.url()));
  directory_.write("plain/my-ca.crt", ca_.pem());
  config_.system_ca_directories = directory_.path() + "/plain";
  EXPECT_TRUE(post(server.url()));
  config_.system_ca_directories.clear();
  config_.system_ca_file = file;
  EXPECT_TRUE(post(server.url()));
}

TEST_F(Trust, L4_H9_the_environment_has_no_say) {
  const std::string keys = directory_.path() + "/keys.log";
  const std::string empty = directory_.write("empty.pem", "");
  directory_.write(".netrc", "default login thief password thief\n");
  for (const char *name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"})
    ::setenv(name, "http://127.0.0.1:1", 1);
  ::setenv("SSLKEYLOGFILE", keys.c_str(), 1);
  ::setenv("HOME", directory_.path().c_str(), 1);
  ::setenv("NETRC", (directory_.path() + "/.netrc").c_str(), 1);
  for (const char *name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"}) ::setenv(name, empty.c_str(), 1);

  ScriptedServer server(for_localhost(), answering(http_response(200, "", "Set-Cookie: a=b; Secure\r\n")));
  CurlAttempt http(config_, clock_);
  const std::string url = server.url();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(http.send({.method = "GET", .url = url}, {5000, 5000}));
  EXPECT_EQ(server.connections(), 2);
  for (const std::string &request : server.requests()) {
    EXPECT_THAT(request, AllOf(Not(HasSubstr("Cookie")), Not(HasSubstr("Authorization"))));
  }
  EXPECT_FALSE(std::filesystem::exists(keys));
}

class Proxy : public CurlTest {};

TEST_F(Proxy, H8_the_way_leads_through_the_proxy_that_is_configured) {
  ScriptedServer proxy(answering("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"));
  config_.proxy.url = "http://user:canary-password@127.0.0.1:" + std::to_string(proxy.port());
  const std::string text = failure("https://registry.example.com/");
  EXPECT_THAT(text, HasSubstr("the proxy 127.0.0.1:" + std::to_string(proxy.port()) +
                              " refused to connect to registry.example.com with status 407; give user and password"));
  EXPECT_THAT(text, Not(HasSubstr("canary")));
  EXPECT_THAT(proxy.requests().at(0), AllOf(StartsWith("CONNECT registry.example.com:443 HTTP/1.1\r\n"),
                                            HasSubstr("Proxy-Authorization: Basic "), Not(HasSubstr("canary-token"))));
}

TEST_F(Proxy, H8_no_proxy_and_metadata_endpoints_are_asked_directly) {
  ScriptedServer proxy(answering("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"));
  ScriptedServer server(for_localhost(), answering(http_response(200, "")));
  ScriptedServer metadata(answering(http_response(200, "role")));
  config_.proxy = {"http://127.0.0.1:" + std::to_string(proxy.port()), "example.com,localhost"};
  EXPECT_TRUE(post(server.url()));

  CurlAttempt http(config_, clock_);
  const std::string url = "http://127.0.0.1:" + std::to_string(metadata.port()) + "/";
  const auto role = http.send({.method = "GET", .url = url, .metadata_endpoint = true}, {5000, 5000});
  ASSERT_TRUE(role) << role.error().text;
  EXPECT_EQ(role->body, "role");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(Proxy, H3_one_with_https_is_verified_before_it_is_asked) {
  const CertificateAuthority other_ca("another CA");
  struct Case {
    regcred::testing::Identity identity;
    const char *words;
  };
  const Case cases[] = {
      {other_ca.issue({"localhost"}), " is not signed by a CA that this node trusts; name its CA"},
      {ca_.issue({"other.example.com"}), " is for another name; see the proxy's URL"},
      {ca_.issue({"localhost"}, -5, -1), " has expired"},
  };
  for (const Case &bad : cases) {
    ScriptedServer proxy(bad.identity, answering("HTTP/1.1 403 caught\r\n\r\n"));
    const std::string host = "localhost:" + std::to_string(proxy.port());
    config_.proxy.url = "https://user:canary-password@" + host;
    EXPECT_THAT(failure("https://registry.example.com/"),
                StartsWith("the certificate of the proxy " + host + bad.words));
    EXPECT_THAT(proxy.requests(), IsEmpty());
  }
}

TEST_F(Proxy, one_with_https_that_does_not_speak_TLS_is_named) {
  ScriptedServer proxy([](regcred::testing::Connection &peer) { peer.send("HTTP/1.1 400 speak http\r\n\r\n"); });
  const std::string host = "localhost:" + std::to_string(proxy.port());
  config_.proxy.url = "https://" + host;
  EXPECT_THAT(failure("https://registry.example.com/"),
              AllOf(StartsWith("the proxy " + host + " does not speak TLS, most likely plain HTTP"),
                    HasSubstr("write http:// into the proxy's URL")));
}

TEST_F(Proxy, H3_behind_one_with_https_the_server_is_verified_and_named) {
  const CertificateAuthority other_ca("another CA");
  struct Case {
    regcred::testing::Identity identity;
    const char *words;
    std::size_t requests;
  };
  const Case cases[] = {
      {for_localhost(), "a response", 1},
      {other_ca.issue({"localhost"}), "a certificate that this node trusts (the command doctor shows it)", 0},
      {ca_.issue({"other.example.com"}), "the certificate of localhost:", 0},
  };
  for (const Case &row : cases) {
    ScriptedServer server(row.identity, answering(http_response(200, "")));
    ScriptedServer proxy(for_localhost(), regcred::testing::passing_to(server));
    config_.proxy.url = "https://localhost:" + std::to_string(proxy.port());
    EXPECT_THAT(failure(server.url()), HasSubstr(row.words));
    EXPECT_EQ(server.requests().size(), row.requests);
  }
}

TEST_F(Proxy, one_that_is_down_is_a_connect_failure) {
  config_.proxy.url = "http://127.0.0.1:1";
  const auto outcome = post("https://registry.example.com/");
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().another_may_help);
  EXPECT_THAT(outcome.error().text, HasSubstr("no connection to the proxy 127.0.0.1:1 (Connection refused); "
                                              "correct the proxy"));
}

class Roots : public CurlTest {};

TEST_F(Roots, the_hashed_directory_comes_before_the_bundle_and_the_bundle_when_there_is_none) {
  directory_.write("certs/" + ca_.hash_name(), ca_.pem());
  const std::string bundle = directory_.write("bundle.crt", ca_.pem());
  const SystemRootPlaces places{{directory_.path() + "/nowhere", directory_.path() + "/certs"}, {"/nowhere", bundle}};
  const auto hashed = find_trust_roots({}, places);
  ASSERT_TRUE(hashed);
  EXPECT_TRUE(std::filesystem::equivalent(hashed->hashed_directories, directory_.path() + "/certs"));
  EXPECT_EQ(hashed->pem, "");
  const auto bundled = find_trust_roots({}, {{directory_.path()}, {"/nowhere", bundle}});
  ASSERT_TRUE(bundled);
  EXPECT_EQ(bundled->hashed_directories, "");
  EXPECT_THAT(bundled->pem, HasSubstr("BEGIN CERTIFICATE"));
}

TEST_F(Roots, what_cannot_be_trusted_is_refused_with_the_reason) {
  const auto refusal = [](const std::string &ca_file) {
    HttpConfig config;
    config.ca_files = {ca_file};
    const auto roots = find_trust_roots(config, {{}, {}});
    return roots ? "accepted" : roots.error().where + ": " + roots.error().what;
  };
  EXPECT_THAT(refusal(directory_.write("writable.pem", ca_.pem(), 0666)), HasSubstr("writable"));
  EXPECT_THAT(refusal(directory_.write("text.pem", "hello")), HasSubstr("no certificate"));
  EXPECT_THAT(refusal("/nowhere/ca.pem"), HasSubstr("/nowhere/ca.pem"));
  EXPECT_THAT(find_trust_roots({}, {{}, {}}).error().cure, HasSubstr("install ca-certificates"));
}

}  // namespace
}  // namespace regcred::core
