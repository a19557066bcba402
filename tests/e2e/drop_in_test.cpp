// SPDX-License-Identifier: Apache-2.0
// A node that runs cloudsmith-kubernetes-credential-provider today swaps the binary and keeps all else.
#include "e2e/fixture.hpp"
#include "support/scripted_server.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class DropIn : public EndToEnd {};

TEST_F(DropIn, the_walkthroughs_request) {
  const ProcessOutput output =
      ask_drop_in(provider_environment(), request({{"cloudsmith.io/service-slug", "purple-team-sa"}}));
  EXPECT_EQ(credential(output).first, "token");
  EXPECT_EQ(last_exchange().org, "iduffy-demo");
  EXPECT_EQ(last_exchange().service_slug, "purple-team-sa");
}

TEST_F(DropIn, its_configuration_file_and_version_command) {
  const std::string file =
      directory_.write("provider.yaml", "api_host: https://" + cloudsmith_.api_host() +
                                            "/\norg_slug: iduffy-demo\nservice_slug: default-v9ty\n"
                                            "header_x_team: purple\nhttp_timeout: 5s\n");
  credential(ask_drop_in({{"SSL_CERT_FILE", ca_file_}}, request(), {"--config", file}));
  const auto &headers = last_exchange().headers;
  ASSERT_TRUE(headers.contains("X-Team"));
  EXPECT_EQ(headers.find("X-Team")->second, "purple");
  EXPECT_THAT(ask_drop_in({}, "", {"version"}).out, StartsWith("regcred "));
}

// The kubelet must not give one organisation's credential to images of another: cacheKeyType is what it reuses by.
TEST_F(DropIn, M2b_an_organisation_out_of_the_path_answers_for_the_image_alone) {
  Variables environment = provider_environment();
  EXPECT_THAT(ask_drop_in(environment, request()).out, HasSubstr(R"("cacheKeyType":"Registry")"));
  std::erase_if(environment, [](const auto &one) { return one.first == "CLOUDSMITH_ORG_SLUG"; });
  const ProcessOutput output = ask_drop_in(environment, request());
  credential(output);
  EXPECT_EQ(last_exchange().org, "iduffy-demo");
  EXPECT_THAT(output.out, HasSubstr(R"("cacheKeyType":"Image")"));
}

TEST_F(DropIn, what_was_said_is_done) {
  Variables environment = provider_environment();
  environment.emplace_back("CLOUDSMITH_HEADER_X_EXAMPLE", "v");
  environment.emplace_back("CLOUDSMITH_API_USER_AGENT", "our-agent/1");
  environment.emplace_back("CLOUDSMITH_MAX_RETRY_ATTEMPTS", "2");
  environment.emplace_back("CLOUDSMITH_RETRY_BACKOFF_DURATION", "10ms");
  credential(ask_drop_in(environment, request()));
  const auto headers = last_exchange().headers;
  EXPECT_EQ(headers.find("X-Example")->second, "v");
  EXPECT_EQ(headers.find("User-Agent")->second, "our-agent/1");
  cloudsmith_.set_fault({.status = 503});
  EXPECT_EQ(ask_drop_in(environment, request()).status, 6);
  EXPECT_EQ(cloudsmith_.received().size(), 3U) << "max_retry_attempts counts all tries";
}

TEST_F(DropIn, an_invalid_value_is_refused_by_name) {
  const std::pair<const char *, const char *> values[] = {
      {"CLOUDSMITH_API_HOST", "evil.example.com/path"},
      {"CLOUDSMITH_ORG_SLUG", "../acme"},
      {"CLOUDSMITH_HTTP_TIMEOUT", "-1s"},
      {"CLOUDSMITH_MAX_RETRY_ATTEMPTS", "0"},
      {"CLOUDSMITH_INSECURE_SKIP_VERIFY", "true"},
      {"CLOUDSMITH_HTTP_TIMEOUT", "soon"},
  };
  for (const auto &[name, value] : values) {
    Variables environment;
    for (const auto &usual : provider_environment()) {
      if (usual.first != name) environment.push_back(usual);
    }
    environment.emplace_back(name, value);
    expect_clean_failure(ask_drop_in(environment, request()), 3, std::string("environment: ") + name);
  }
  EXPECT_TRUE(cloudsmith_.received().empty());
}

TEST_F(DropIn, H7_the_annotation_api_host_counts_only_below_an_allowed_suffix) {
  Variables environment = provider_environment();
  environment[0].second = "localhost:1";
  const std::string asks = request({{"cloudsmith.io/api-host", cloudsmith_.api_host()}});
  expect_clean_failure(ask_drop_in(environment, asks), 6, "cloudsmith.io/api-host");
  environment.emplace_back("CLOUDSMITH_ALLOWED_API_HOST_SUFFIXES", cloudsmith_.api_host());
  credential(ask_drop_in(environment, asks));
}

TEST_F(DropIn, H8_the_kubelets_proxy_variables_are_honoured) {
  ScriptedServer proxy([](Connection &connection) {
    connection.read_request();
    connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  Variables environment = provider_environment();
  environment.emplace_back("HTTPS_PROXY", "http://127.0.0.1:" + std::to_string(proxy.port()));
  expect_clean_failure(ask_drop_in(environment, request()), 6, " refused to connect to " + cloudsmith_.api_host());
  EXPECT_THAT(proxy.requests().at(0), StartsWith("CONNECT " + cloudsmith_.api_host()));
  environment.emplace_back("NO_PROXY", "example.com,localhost");
  credential(ask_drop_in(environment, request()));
}

TEST_F(DropIn, a_host_that_is_not_cloudsmiths_gets_nothing_unless_it_is_named) {
  Variables environment = provider_environment();
  const std::string asks = request({}, "images.example.com/purple-team/ubuntu");
  expect_clean_failure(ask_drop_in(environment, asks), 4, "images.example.com");
  environment.emplace_back("CLOUDSMITH_REGISTRY_HOSTS", "images.example.com");
  credential(ask_drop_in(environment, asks), "images.example.com");
}

TEST_F(DropIn, without_any_configuration_its_variables_are_enough_under_any_name) {
  if (std::filesystem::exists("/etc/regcred")) GTEST_FAIL() << "this machine has a configuration of regcred in /etc";
  credential(run_process({{REGCRED_PROGRAM}, request(), provider_environment()}));
}

}  // namespace
}  // namespace regcred::testing
