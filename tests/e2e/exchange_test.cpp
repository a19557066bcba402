// SPDX-License-Identifier: Apache-2.0
// The main job: a pod's token in, a registry's credential out.
#include "e2e/fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;

class Exchange : public EndToEnd {};

TEST_F(Exchange, M2b_an_organisation_out_of_the_path_answers_for_the_image_alone) {
  const ProcessOutput output = ask(config("serviceSlug: default-v9ty"), request());
  credential(output);
  EXPECT_EQ(last_exchange().org, "iduffy-demo");
  EXPECT_THAT(output.out, ::testing::HasSubstr(R"("cacheKeyType":"Image")"));
}

TEST_F(Exchange, the_whole_answer) {
  const ProcessOutput output = ask(usual_config(), request());
  const auto [username, password] = credential(output);
  EXPECT_EQ(username, "token");
  EXPECT_EQ(output.err, "");
  // A token of two hours, less 10 %; a second may have passed.
  EXPECT_THAT(output.out,
              ::testing::MatchesRegex(
                  R"(\{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",)"
                  R"("cacheKeyType":"Registry","cacheDuration":"64(80|79|78)s",)"
                  R"("auth":\{"docker.cloudsmith.io":\{"username":"token","password":"[^"]+"\}\}\})"
                  "\n"));
}

TEST_F(Exchange, slugs_come_from_annotation_setting_and_image) {
  struct Case {
    std::string settings;
    nlohmann::json annotations;
    std::string org;
    std::optional<std::string> service;
    int status;
  };
  const Case cases[] = {
      {"orgSlug: iduffy-demo, serviceSlug: default-v9ty", {}, "iduffy-demo", "default-v9ty", 201},
      {"orgSlug: iduffy-demo, serviceSlug: default-v9ty",
       {{"cloudsmith.io/service-slug", "purple-team-sa"}},
       "iduffy-demo",
       "purple-team-sa",
       201},
      {"orgSlug: other, serviceSlug: default-v9ty",
       {{"cloudsmith.io/org-slug", "iduffy-demo"}},
       "iduffy-demo",
       "default-v9ty",
       201},
      {"serviceSlug: default-v9ty", {}, "iduffy-demo", "default-v9ty", 201},  // the image's first segment
      {"orgSlug: mapped-org", {}, "mapped-org", std::nullopt, 201},           // the server maps by claim
      {"orgSlug: iduffy-demo", {{"cloudsmith.io/service-slug", ""}}, "iduffy-demo", std::nullopt, 422},
  };
  for (const Case &row : cases) {
    const ProcessOutput output = ask(config(row.settings), request(row.annotations));
    EXPECT_EQ(output.status, row.status == 201 ? 0 : 6) << row.settings << output.err;
    EXPECT_EQ(last_exchange().org, row.org) << row.settings;
    EXPECT_EQ(last_exchange().service_slug, row.service) << row.settings;
    EXPECT_EQ(last_exchange().status, row.status) << row.settings;
  }
}

TEST_F(Exchange, a_custom_domain_is_answered_for_itself) {
  const std::string own = "images.example.com/purple-team/ubuntu";
  const std::string settings = "orgSlug: iduffy-demo, serviceSlug: default-v9ty";
  expect_clean_failure(ask(config(settings), request({}, own)), 3, "registryHosts");
  credential(ask(config(settings + ", registryHosts: [images.example.com]"), request({}, own)), "images.example.com");
}

TEST_F(Exchange, H7_no_annotation_brings_the_token_to_another_host) {
  const emulator::Cloudsmith other({});
  for (const std::string &host : {other.api_host(), std::string("evil.example.com"), std::string("x/../y")}) {
    const ProcessOutput output = ask(usual_config(), request({{"cloudsmith.io/api-host", host}}));
    expect_clean_failure(output, 6, "cloudsmith.io/api-host");
  }
  EXPECT_TRUE(cloudsmith_.received().empty());
}

TEST_F(Exchange, H7_an_annotation_may_choose_among_the_hosts_that_are_allowed) {
  const std::string settings =
      "orgSlug: iduffy-demo, serviceSlug: default-v9ty, allowedApiHosts: ['" + cloudsmith_.api_host() + "']";
  std::string yaml = config(settings);
  yaml.replace(yaml.find("apiHost: '" + cloudsmith_.api_host()), ("apiHost: '" + cloudsmith_.api_host()).size(),
               "apiHost: 'localhost:1");
  credential(ask(yaml, request({{"cloudsmith.io/api-host", cloudsmith_.api_host()}})));
}

TEST_F(Exchange, the_audience_of_the_entry_is_checked_before_the_token_leaves) {
  const std::string yaml =
      config("orgSlug: iduffy-demo, serviceSlug: default-v9ty", "", "  audience: sts.example.com\n");
  expect_clean_failure(ask(yaml, request()), 3, "sts.example.com");
  EXPECT_TRUE(cloudsmith_.received().empty());
}

TEST_F(Exchange, an_entry_of_another_backend_answers_its_own_images_only) {
  const std::string yaml = usual_config() + "- name: internal\n  matchImages: [registry.internal.example.com]\n" +
                           "  backend: static\n  settings: {username: puller, passwordFile: " +
                           directory_.write("password", "fixed-password\n") + "}\n";
  EXPECT_EQ(credential(ask(yaml, request({}, "registry.internal.example.com/app")), "registry.internal.example.com"),
            std::pair(std::string("puller"), std::string("fixed-password")));
  EXPECT_TRUE(cloudsmith_.received().empty());
  credential(ask(yaml, request()));
}

TEST_F(Exchange, L3_a_log_level_shows_the_rate_limit_and_no_token) {
  const ProcessOutput output = ask(usual_config(), request(), {"--log-level", "debug"});
  const std::string password = credential(output).second;
  EXPECT_THAT(output.err, HasSubstr("x-ratelimit-limit: 1800"));
  EXPECT_EQ(regcred::test::find_leak(token_, output.err), std::nullopt);
  EXPECT_EQ(regcred::test::find_leak(password, output.err), std::nullopt);
}

TEST_F(Exchange, L4_H9_the_environment_of_the_kubelet_has_no_say) {
  const std::string keys = directory_.path() + "/keys.log";
  directory_.write(".netrc", "default login thief password thief\n");
  directory_.write(".curlrc", "insecure\nproxy = http://127.0.0.1:1\n");
  const std::string empty = directory_.write("empty.pem", "");
  const ProcessOutput output = ask(usual_config(), request(), {},
                                   {{"SSLKEYLOGFILE", keys},
                                    {"HOME", directory_.path()},
                                    {"CURL_HOME", directory_.path()},
                                    {"NETRC", directory_.path() + "/.netrc"},
                                    {"HTTPS_PROXY", "http://127.0.0.1:1"},  // the configuration says: none
                                    {"ALL_PROXY", "http://127.0.0.1:1"},
                                    {"CURL_CA_BUNDLE", empty},
                                    {"SSL_CERT_FILE", empty},
                                    {"CLOUDSMITH_API_HOST", "localhost:1"},
                                    {"OPENSSL_CONF", "/nowhere"}});
  credential(output);
  EXPECT_EQ(output.err, "");
  EXPECT_FALSE(std::filesystem::exists(keys));
  EXPECT_FALSE(last_exchange().headers.contains("Authorization"));
}

TEST_F(Exchange, the_server_sees_who_asks_and_nothing_superfluous) {
  credential(ask(usual_config(), request()));
  const auto &headers = last_exchange().headers;
  const auto value = [&](const std::string &name) {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  };
  EXPECT_THAT(value("User-Agent"), ::testing::StartsWith("regcred/"));
  EXPECT_EQ(value("Content-Type"), "application/json");
  for (const char *name : {"Authorization", "Cookie", "Expect", "Accept-Encoding"}) EXPECT_EQ(value(name), "") << name;
}

}  // namespace
}  // namespace regcred::testing
