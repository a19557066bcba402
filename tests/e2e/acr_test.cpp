// SPDX-License-Identifier: Apache-2.0
// A pod's token in, a refresh token that an Azure registry made for that pod's client out.
#include "e2e/cloud_fixture.hpp"
#include "emulator/azure.hpp"
#include "support/private_network.hpp"

namespace regcred::testing {
namespace {

constexpr const char *acr_image = "acmeprod.azurecr.io/team/app";
constexpr const char *registry = "acmeprod.azurecr.io";
constexpr const char *tenant = "11111111-2222-3333-4444-555555555555";
constexpr const char *client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
constexpr const char *roleless = "bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee";
constexpr const char *bare = "cccccccc-bbbb-cccc-dddd-eeeeeeeeeeee";
constexpr const char *audience = "api://AzureADTokenExchange";

class AzureCloud : public Cloud {
 protected:
  [[nodiscard]] std::string token(const std::string &for_audience = audience,
                                  const std::string &namespace_name = "default") const {
    return issuer_.token({.namespace_name = namespace_name, .audience = for_audience});
  }
  ProcessOutput pull(const std::string &pods_token, const std::string &settings,
                     const nlohmann::json &annotations = nlohmann::json::object(), const std::string &of = acr_image) {
    return ask(of, azure_.ca_pem(),
               "backend: acr\n  settings: {authorityHost: '" + azure_.host() + "', exchangeEndpoint: 'https://" +
                   azure_.host() + "'" + (settings.empty() ? "" : ", " + settings) + "}",
               pods_token, annotations);
  }
  static std::string settings(const std::string &of_client = client, const std::string &of_tenant = tenant) {
    return "tenantId: " + of_tenant + ", clientId: " + of_client;
  }

  emulator::Azure azure_{
      {{client, {tenant, {{"https://elsewhere.example", pod_subject}, {issuer_.url(), pod_subject}}}},
       {roleless, {tenant, {{issuer_.url(), pod_subject}}}},
       {bare, {tenant, {}}}},
      {{registry, {tenant, {client}}},
       {"acmeprod.westeurope.geo.azurecr.io", {tenant, {client}}},
       {"closed.azurecr.io", {tenant, {client}, true}},
       {"acmeother.azurecr.io", {"99999999-2222-3333-4444-555555555555", {client}}}}};
};

TEST_F(AzureCloud, the_pods_client_is_who_pulls) {
  const ProcessOutput output = pull(token(), settings());
  const auto [username, password] = credential(output, registry);
  EXPECT_EQ(username, "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(azure_.login(registry, password), client);
  EXPECT_EQ(azure_.calls().size(), 2U);
  // Three hours, less 10 %; a second may have passed.
  EXPECT_THAT(output.out, ::testing::ContainsRegex(R"("cacheDuration":"97(20|19|18)s")"));
}

TEST_F(AzureCloud, a_regional_endpoint_is_asked_for_itself) {
  const std::string geo = "acmeprod.westeurope.geo.azurecr.io";
  const ProcessOutput output = pull(token(), settings(), {}, geo + "/team/app");
  const std::string password = credential(output, geo).second;
  EXPECT_EQ(azure_.login(geo, password), client);
  EXPECT_EQ(azure_.login(registry, password), std::nullopt);
}

TEST_F(AzureCloud, annotations_choose_among_what_is_allowed) {
  const nlohmann::json chosen = {{"kubernetes.azure.com/acr-client-id", client},
                                 {"kubernetes.azure.com/acr-tenant-id", tenant}};
  const std::string lists =
      "allowedClientIds: [" + std::string(client) + "], allowedTenantIds: [" + std::string(tenant) + "]";
  EXPECT_EQ(azure_.login(registry, credential(pull(token(), lists, chosen), registry).second), client);
}

TEST_F(AzureCloud, H7_M4_an_annotation_that_is_not_allowed_makes_no_call) {
  for (const char *key : {"kubernetes.azure.com/acr-client-id", "azure.workload.identity/client-id"}) {
    expect_failure(pull(token(), settings(), {{key, roleless}}), 6, {"is not allowed", "settings.allowedClientIds"},
                   token());
  }
  EXPECT_TRUE(azure_.calls().empty());
}

TEST_F(AzureCloud, what_Azure_refuses_is_told) {
  struct Row {
    std::string token;
    std::string settings;
    std::vector<std::string> words;
    std::string image = acr_image;
  };
  const testing::KeyPtr other_key = emulator::make_key(emulator::KeyKind::rsa_2048);
  const emulator::ServiceAccount account{.audience = audience};
  const std::string forged =
      emulator::sign_token(emulator::service_account_claims(issuer_.url(), account), to_pem(other_key.get()));
  const emulator::Issuer stranger(issuer_key_);
  const std::vector<Row> rows = {
      {token("cloudsmith"),
       settings(),
       {"Entra (HTTP 401, invalid_client)", "has the token's audience", "\"cloudsmith\""}},
      {token(audience, "other"), settings(), {"has the token's subject", "system:serviceaccount:other:"}},
      {stranger.token(account), settings(), {"has the token's issuer"}},
      {forged, settings(), {"Entra (HTTP 401, invalid_client)", "the token is refused"}},
      {issuer_.token({.audience = audience, .lifetime = std::chrono::seconds(-60)}),
       settings(),
       {"the pod's token expired"}},
      {token(), settings(bare), {"has no federated credential"}},
      {token(), settings("dddddddd-bbbb-cccc-dddd-eeeeeeeeeeee"), {"knows no such client"}},
      {token(), settings(client, "acme.example.com"), {"no such tenant"}},
      {token(), settings(roleless), {"ACR (HTTP 401)", "AcrPull", roleless}},
      {token(), settings(), {"ACR (HTTP 401)", "the registry's tenant"}, "acmeother.azurecr.io/app"},
      {token(), settings(), {"ACR (HTTP 403)", "network rules"}, "closed.azurecr.io/app"},
      {token(), settings(), {"ACR (HTTP 404)", "no such registry"}, "acmenone.azurecr.io/app"},
  };
  for (const Row &row : rows) expect_failure(pull(row.token, row.settings, {}, row.image), 6, row.words, row.token);
}

TEST_F(AzureCloud, M4_without_a_client_there_is_no_credential) {
  const ProcessOutput output = pull(token(), "tenantId: acme.example.com");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, ::testing::HasSubstr(R"("auth":{})"));
  EXPECT_TRUE(azure_.calls().empty());
}

// The node's identity, without a token of a pod.
TEST(AzureNode, asks_the_metadata_service_then_the_registry) {
  TemporaryDirectory directory;
  in_private_network("169.254.169.254", [&] {
    emulator::Azure azure({{client, {tenant, {}}}}, {{registry, {tenant, {client}}}});
    azure.start_metadata(client, "169.254.169.254", 80);
    const auto pull = [&](const std::string &more) {
      const std::string config =
          directory.write("config.yaml",
                          "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults: {deadline: 5s, proxy: none, "
                          "throttleMemory: off, caFile: " +
                              directory.write("ca.pem", azure.ca_pem()) +
                              "}\nregistries:\n- name: a\n  matchImages: ['*.azurecr.io']\n  backend: acr\n"
                              "  settings: {identity: node, tenantId: " +
                              tenant + ", exchangeEndpoint: 'https://" + azure.host() + "'" + more + "}\n");
      return run_process({{REGCRED_PROGRAM, "--config", config},
                          R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1",)"
                          R"("image":"acmeprod.azurecr.io/team/app"})",
                          {}});
    };
    for (const std::string &more : {std::string(), ", clientId: " + std::string(client)}) {
      const ProcessOutput output = pull(more);
      EXPECT_EQ(output.status, 0) << output.err;
      const nlohmann::json answer = nlohmann::json::parse(output.out, nullptr, false);
      ASSERT_TRUE(answer.is_object());
      EXPECT_EQ(azure.login(registry, answer["auth"][registry]["password"]), client);
    }
    const ProcessOutput output = pull(", clientId: " + std::string(roleless));
    EXPECT_EQ(output.status, 3);
    EXPECT_THAT(output.err, ::testing::HasSubstr("no such managed identity"));
  });
}

}  // namespace
}  // namespace regcred::testing
