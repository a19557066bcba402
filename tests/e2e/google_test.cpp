// SPDX-License-Identifier: Apache-2.0
// A pod's token in, an access token that Google made for that pod out.
#include "emulator/google.hpp"

#include "e2e/cloud_fixture.hpp"
#include "support/private_network.hpp"

namespace regcred::testing {
namespace {

constexpr const char *image = "europe-docker.pkg.dev/acme/images/app";
constexpr const char *host = "europe-docker.pkg.dev";
constexpr const char *pool =
    "//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/prod/providers/cluster-1";
constexpr const char *gke = "identitynamespace:acme.svc.id.goog:https://container.googleapis.com/v1/projects/acme";
constexpr const char *puller = "puller@acme.iam.gserviceaccount.com";

class GoogleCloud : public Cloud {
 protected:
  [[nodiscard]] std::string token(const std::string &audience = "https:" + std::string(pool),
                                  const std::string &namespace_name = "default") const {
    return issuer_.token({.namespace_name = namespace_name, .audience = audience});
  }
  [[nodiscard]] std::string entry(const std::string &settings = {}, const std::string &audience = pool) const {
    return "backend: google\n  settings: {audience: '" + audience + "', stsEndpoint: '" + google_.endpoint() +
           "', iamEndpoint: '" + google_.endpoint() + "'" + (settings.empty() ? "" : ", " + settings) + "}";
  }
  ProcessOutput pull(const std::string &pods_token, const std::string &settings = {},
                     const nlohmann::json &annotations = nlohmann::json::object()) {
    return ask(image, google_.ca_pem(), entry(settings), pods_token, annotations);
  }

  emulator::Google google_{{{.name = pool, .issuer = issuer_.url(), .subject_start = "system:serviceaccount:default:"},
                            {.name = gke, .issuer = issuer_.url(), .allowed_audiences = {"acme.svc.id.goog"}}},
                           {{puller, {pod_subject}}, {"other@acme.iam.gserviceaccount.com", {}}}};
};

TEST_F(GoogleCloud, the_pod_itself_is_who_pulls) {
  const auto [username, password] = credential(pull(token()), host);
  EXPECT_EQ(username, "oauth2accesstoken");
  EXPECT_EQ(google_.principal_of(password), pod_subject);
}

TEST_F(GoogleCloud, GKE_pools_have_another_audience) {
  const ProcessOutput output = ask(image, google_.ca_pem(), entry({}, gke), token("acme.svc.id.goog"));
  EXPECT_EQ(google_.principal_of(credential(output, host).second), pod_subject);
}

TEST_F(GoogleCloud, a_service_account_is_impersonated) {
  const std::string settings = "serviceAccount: " + std::string(puller);
  EXPECT_EQ(google_.principal_of(credential(pull(token(), settings), host).second), puller);
  ASSERT_EQ(google_.calls().size(), 2U);

  const nlohmann::json chosen = {{"iam.gke.io/gcp-service-account", puller}};
  const std::string allowed = "allowedServiceAccounts: [" + std::string(puller) + "]";
  EXPECT_EQ(google_.principal_of(credential(pull(token(), allowed, chosen), host).second), puller);
}

TEST_F(GoogleCloud, H7_M4_an_annotation_that_is_not_allowed_makes_no_call) {
  const nlohmann::json chosen = {{"iam.gke.io/gcp-service-account", "other@acme.iam.gserviceaccount.com"}};
  for (const char *settings : {"", "serviceAccount: puller@acme.iam.gserviceaccount.com"}) {
    expect_failure(pull(token(), settings, chosen), 6, {"is not allowed", "settings.allowedServiceAccounts"}, token());
  }
  EXPECT_TRUE(google_.calls().empty());
}

TEST_F(GoogleCloud, what_Google_refuses_is_told) {
  const std::string other = "serviceAccount: other@acme.iam.gserviceaccount.com";
  const std::string nobody = "serviceAccount: nobody@acme.iam.gserviceaccount.com";
  struct Row {
    std::string token;
    std::string settings;
    int status;
    std::vector<std::string> words;
  };
  const emulator::Issuer stranger(issuer_key_);
  const std::vector<Row> rows = {
      {token("cloudsmith"), "", 6, {"invalid_grant", "audience is not one that the provider allows", "\"cloudsmith\""}},
      {token("https:" + std::string(pool), "other"), "", 6, {"unauthorized_client", "attribute condition"}},
      {stranger.token({.audience = pool}), "", 6, {"invalid_grant", "compare issuer and audience"}},
      {issuer_.token({.audience = pool, .lifetime = std::chrono::seconds(-60)}), "", 6, {"the pod's token expired"}},
      {token(), other, 6, {"Google's IAM (HTTP 403)", "may not be impersonated", pod_subject}},
      {token(), nobody, 6, {"Google's IAM (HTTP 404)", "no such service account"}},
  };
  for (const Row &row : rows) expect_failure(pull(row.token, row.settings), row.status, row.words, row.token);
  const std::string wrong_pool = std::string(pool) + "0";
  expect_failure(ask(image, google_.ca_pem(), entry({}, wrong_pool), token()), 3,
                 {"invalid_target", "correct settings.audience"}, token());
}

// The node's identity, without a token of a pod.
TEST(GoogleNode, asks_the_metadata_server_of_Google_and_of_nobody_else) {
  TemporaryDirectory directory;
  const std::string config =
      directory.write("config.yaml",
                      "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {deadline: 5s}\nregistries:\n- name: g\n"
                      "  matchImages: ['*.pkg.dev']\n  backend: google\n  settings: {identity: node}\n");
  const std::string request = R"({"kind":"CredentialProviderRequest",)"
                              R"("apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":")" +
                              std::string(image) + "\"}\n";
  const auto pull = [&] { return run_process({{REGCRED_PROGRAM, "--config", config}, request, {}}); };
  in_private_network("169.254.169.254", [&] {
    emulator::Google google({}, {});
    EXPECT_EQ(pull().status, 6);  // nobody is there
    google.start_metadata("169.254.169.254", 80);
    const ProcessOutput output = pull();
    EXPECT_EQ(output.status, 0) << output.err;
    const nlohmann::json answer = nlohmann::json::parse(output.out, nullptr, false);
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(google.principal_of(answer["auth"][host]["password"]), emulator::Google::node_account);
  });
  in_private_network("169.254.169.254", [&] {
    emulator::PlainServer captive;
    captive.http().Get(".*", [](const httplib::Request &, httplib::Response &response) {
      response.set_content(R"({"access_token":"x","expires_in":3599,"token_type":"Bearer"})", "application/json");
    });
    captive.start("169.254.169.254", 80);
    const ProcessOutput output = pull();
    EXPECT_EQ(output.status, 6);
    EXPECT_THAT(output.err, ::testing::HasSubstr("is not Google's"));
  });
}

}  // namespace
}  // namespace regcred::testing
