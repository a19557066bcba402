// SPDX-License-Identifier: Apache-2.0
// What Azure's backend sends to Entra and to the registry, and the credential that it makes of their answers.
#include "backends/acr/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Acr, exchanges_the_token_twice_and_answers_for_the_whole_registry) {
  host.expect("POST", entra_url())
      .with_header("Content-Type", "application/x-www-form-urlencoded")
      .with_form(entra_form())
      .reply(200, entra_answer());
  host.expect("POST", exchange_url)
      .with_header("Content-Type", "application/x-www-form-urlencoded")
      .with_form(exchange_form())
      .reply(200, refresh_answer());
  const Outcome outcome = ask(with(), image(own_image));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, own_host);
  EXPECT_EQ(outcome.auth[0].username, "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  for (const RecordedCall &call : host.calls()) EXPECT_EQ(call.headers.size(), 2U);
  EXPECT_EQ(host.calls().at(1).body.find(pod_token), std::string::npos);  // the registry never sees the pod's token
  expect_no_leak(outcome, access);
}

// M3: the refresh token's own exp, not that of Entra's token; unknown without one.
TEST_F(Acr, M3_the_lifetime_is_the_refresh_tokens) {
  for (const auto &[claims, lifetime] : std::vector<std::pair<json, std::optional<std::chrono::seconds>>>{
           {{{"exp", 1'750'010'800}}, std::chrono::seconds(10'800)},
           {{{"exp", 1'750'000'060}}, std::chrono::seconds(60)},
           {{{"iss", "Azure Container Registry"}}, std::nullopt},
           {{{"exp", "soon"}}, std::chrono::seconds(0)}}) {
    password = fake_token(claims);
    expect_both();
    const Outcome outcome = ask(with(), image(own_image));
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.lifetime, lifetime) << claims;
  }
}

TEST_F(Acr, M2b_no_part_of_the_path_decides) {
  for (const char *path : {"/team/app", "/other/x"}) {
    expect_both();
    const Outcome outcome = ask(with(), image(std::string(own_host) + path));
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.scope, Scope::registry);
  }
  EXPECT_EQ(host.calls()[0].body, host.calls()[2].body);
  EXPECT_EQ(host.calls()[1].body, host.calls()[3].body);
}

TEST_F(Acr, every_cloud_has_its_authority) {
  for (const auto &[registry, authority] : std::vector<std::pair<const char *, const char *>>{
           {"acmeprod.azurecr.io", "login.microsoftonline.com"},
           {"acmeprod.azurecr.cn", "login.chinacloudapi.cn"},
           {"acmeprod.azurecr.us", "login.microsoftonline.us"},
           {"acmeprod-a1b2c3.azurecr.io", "login.microsoftonline.com"},
           {"acmeprod.westeurope.geo.azurecr.io", "login.microsoftonline.com"},
           {"acmeprod-a1b2c3.chinanorth3.geo.azurecr.cn", "login.chinacloudapi.cn"}}) {
    expect_both(registry, tenant, client, authority);
    const Outcome outcome = ask(with(), image(std::string(registry) + "/app"));
    ASSERT_THAT(outcome, IsOk()) << registry;
    EXPECT_EQ(outcome.auth.at(0).registry, registry);
  }
}

TEST_F(Acr, endpoints_change_who_is_asked_and_nothing_else) {
  host.expect("POST", entra_url(tenant, "login.example.com:8443")).with_form(entra_form()).reply(200, entra_answer());
  host.expect("POST", "https://exchange.example.com:8443/oauth2/exchange")
      .with_form(exchange_form("registry.example.com:5000"))
      .reply(200, refresh_answer());
  const Outcome outcome = ask(with({{"authorityHost", "Login.example.com:8443"},
                                    {"exchangeEndpoint", "https://exchange.example.com:8443"},
                                    {"registryHosts", {"registry.example.com:5000"}}}),
                              image("registry.example.com:5000/app"));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).registry, "registry.example.com:5000");
}

TEST_F(Acr, annotations_choose_among_what_is_allowed) {
  const json settings = with({{"allowedClientIds", {"FFFFFFFF-bbbb-cccc-dddd-eeeeeeeeeeee"}},
                              {"allowedTenantIds", {other_tenant, "acme.onmicrosoft.com"}}});
  expect_both(own_host, tenant, other_client);
  EXPECT_THAT(ask(settings, image(own_image).annotation(client_annotation, other_client)), IsOk());
  expect_both(own_host, other_tenant, client);
  EXPECT_THAT(ask(settings, image(own_image).annotation(tenant_annotation, other_tenant)), IsOk());
  expect_both(own_host, "acme.onmicrosoft.com", other_client);
  EXPECT_THAT(ask(settings, image(own_image)
                                .annotation("azure.workload.identity/client-id", "ffffffff-BBBB-cccc-dddd-eeeeeeeeeeee")
                                .annotation("azure.workload.identity/tenant-id", "Acme.onmicrosoft.com")),
              IsOk());
  // AKS's own annotations come first; an empty one counts as none.
  expect_both(own_host, tenant, client);
  EXPECT_THAT(ask(settings, image(own_image)
                                .annotation(client_annotation, client)
                                .annotation("azure.workload.identity/client-id", other_client)
                                .annotation(tenant_annotation, "")),
              IsOk());
  // Without lists, only what the settings say themselves.
  expect_both();
  EXPECT_THAT(ask(with(), image(own_image).annotation(client_annotation, client).annotation(tenant_annotation, tenant)),
              IsOk());
  // Without settings, the annotations are needed.
  expect_both();
  EXPECT_THAT(ask({{"allowedClientIds", {client}}, {"allowedTenantIds", {tenant}}},
                  image(own_image).annotation(client_annotation, client).annotation(tenant_annotation, tenant)),
              IsOk());
}

TEST_F(Acr, M4_H7_a_client_or_tenant_that_is_not_allowed_sends_nothing) {
  const std::vector<std::pair<const char *, const char *>> kinds = {
      {client_annotation, "settings.allowedClientIds"},
      {"azure.workload.identity/client-id", "settings.allowedClientIds"},
      {tenant_annotation, "settings.allowedTenantIds"},
      {"azure.workload.identity/tenant-id", "settings.allowedTenantIds"}};
  for (const json &settings :
       {with(), with({{"allowedClientIds", {other_client}}, {"allowedTenantIds", {other_tenant}}}), json::object(),
        with({{"identity", "node"}}), json{{"tenantId", tenant}, {"identity", "node"}}}) {
    for (const auto &[key, list] : kinds) {
      for (const std::string &value : {std::string("12345678-bbbb-cccc-dddd-eeeeeeeeeeee"), std::string("*"),
                                       std::string(client) + "/../x", std::string(9000, 'a')}) {
        FakeHost fake;
        const Outcome outcome = run(backend(), settings.dump(), image(own_image).annotation(key, value), fake);
        EXPECT_THAT(outcome,
                    StatusIs(Code::bad_request, AllOf(HasSubstr(key), HasSubstr("is not allowed"), HasSubstr(list))))
            << settings;
        EXPECT_TRUE(fake.calls().empty());
      }
    }
  }
}

TEST_F(Acr, M4_without_a_client_the_next_entry_is_asked) {
  for (const json &settings : {json::object(), json{{"tenantId", tenant}}, json{{"allowedClientIds", {client}}}}) {
    EXPECT_THAT(ask(settings, image(own_image)),
                StatusIs(Code::no_credentials, AllOf(HasSubstr(client_annotation), HasSubstr("settings.clientId"))));
  }
  EXPECT_THAT(ask({{"clientId", client}}, image(own_image)),
              StatusIs(Code::bad_request, AllOf(HasSubstr(tenant_annotation), HasSubstr("settings.tenantId"))));
  EXPECT_TRUE(host.calls().empty());
}

TEST_F(Acr, H7_images_of_foreign_registries_send_nothing) {
  for (const char *name :
       {"docker.io/library/nginx", "acmeprod.azurecr.io.evil.net/a", "azurecr.io/a", "evil.com.azurecr.io/a",
        "acme.azurecr.io/a", "acmeprod.azurecr.de/a", "acme-prod-x.azurecr.io/a", "acmeprod-.azurecr.io/a",
        "acmeprod.westeurope.data.azurecr.io/a", "acmeprod.geo.azurecr.io/a", "acmeprod.azurecr.io:8443/a",
        "acmeprod.azurecr.io@evil.net/a", "acmeprodazurecr.io/a", ""}) {
    for (const json &settings : {with(), json{{"identity", "node"}, {"tenantId", tenant}}}) {
      FakeHost fake;
      EXPECT_THAT(run(backend(), settings.dump(), image(name), fake),
                  StatusIs(Code::bad_config, AllOf(HasSubstr("image host"), HasSubstr("matchImages"))))
          << name;
      EXPECT_TRUE(fake.calls().empty()) << name;
    }
  }
}

TEST_F(Acr, another_host_needs_to_be_told_its_cloud) {
  const json settings = with({{"registryHosts", {"registry.example.com"}}});
  EXPECT_THAT(serves(backend(), settings.dump(), "registry.example.com", host),
              StatusIs(Code::bad_config,
                       AllOf(HasSubstr("settings.authorityHost: is missing"), HasSubstr("\"registry.example.com\""))));
  EXPECT_THAT(serves(backend(), settings.dump(), "acmeprod.azurecr.cn", host), IsOk());
}

TEST_F(Acr, the_audience_that_is_expected_is_that_of_the_cloud) {
  const auto expected = [this](const json &own, const char *registry) {
    const std::vector<std::string> values = expected_audiences(backend(), own.dump(), registry, host).values;
    return values.empty() ? std::string("none") : values.front();
  };
  EXPECT_EQ(expected(with(), "*.azurecr.io"), "api://AzureADTokenExchange");
  EXPECT_EQ(expected(with(), "acmeprod.azurecr.cn"), "api://AzureADTokenExchangeChina");
  EXPECT_EQ(expected(with(), "*.azurecr.us"), "api://AzureADTokenExchangeUSGov");
  EXPECT_EQ(expected(with(), "*.azurecr.*"), "none") << "of which cloud, nobody knows";
  EXPECT_EQ(expected(with({{"authorityHost", "login.microsoftonline.us"}}), "registry.example.com"),
            "api://AzureADTokenExchangeUSGov");
  EXPECT_EQ(expected({{"identity", "node"}, {"tenantId", tenant}}, "acmeprod.azurecr.io"), "none");
  EXPECT_THAT(expected_audiences(backend(), with().dump(), "a.azurecr.io", host).accepted_by,
              HasSubstr("federated credential"));
}

TEST_F(Acr, without_a_token_nothing_is_sent) {
  EXPECT_THAT(ask(with(), FakeRequest(own_image)), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
  EXPECT_TRUE(host.calls().empty());
}

TEST_F(Acr, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "acr");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_OPTIONAL);
  EXPECT_THAT(annotation_keys(backend()),
              ElementsAre(client_annotation, tenant_annotation, "azure.workload.identity/client-id",
                          "azure.workload.identity/tenant-id"));
}

// ---- identity: node ----

class AcrNode : public Acr {
 protected:
  [[nodiscard]] std::string imds_answer() const {
    return json{{"access_token", access},
                {"client_id", client},
                {"expires_in", "86399"},
                {"expires_on", "1750086399"},
                {"resource", "https://containerregistry.azure.net"},
                {"token_type", "Bearer"}}
        .dump();
  }
  json node = {{"identity", "node"}, {"tenantId", tenant}};
};

TEST_F(AcrNode, asks_the_metadata_service_and_needs_no_token) {
  for (const std::string &of : {std::string(), std::string(client)}) {
    FakeHost fake;
    fake.expect("GET", imds_url + (of.empty() ? "" : "&client_id=" + of))
        .with_header("Metadata", "true")
        .reply(200, imds_answer());
    fake.expect("POST", exchange_url).with_form(exchange_form()).reply(200, refresh_answer());
    if (!of.empty()) node["clientId"] = of;
    const Outcome outcome = run(backend(), node.dump(), FakeRequest(own_image), fake);
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.auth.at(0).password, password);
    EXPECT_EQ(outcome.lifetime, std::chrono::seconds(3600));
    EXPECT_EQ(fake.calls().at(0).flags, REGCRED_HTTP_METADATA);
    EXPECT_EQ(fake.calls().at(0).timeout, std::chrono::seconds(1));
    EXPECT_EQ(fake.calls().at(0).headers.size(), 1U);
    expect_no_leak(outcome, access);
  }
}

TEST_F(AcrNode, the_tenant_is_needed_and_the_pods_token_is_not_sent) {
  EXPECT_THAT(ask({{"identity", "node"}}, FakeRequest(own_image)),
              StatusIs(Code::bad_config, HasSubstr("settings.tenantId: is missing")));
  EXPECT_THAT(ask({{"identity", "node"}, {"allowedTenantIds", {tenant}}}, FakeRequest(own_image)),
              StatusIs(Code::bad_request, HasSubstr("settings.tenantId is not set")));
  host.expect("GET", imds_url).reply(200, imds_answer());
  host.expect("POST", exchange_url).reply(200, refresh_answer());
  EXPECT_THAT(ask(node, image(own_image)), IsOk());
  for (const RecordedCall &call : host.calls()) EXPECT_EQ(call.body.find(pod_token), std::string::npos);
}

TEST_F(AcrNode, what_can_fail_is_named) {
  const std::string facts = std::string("tenant \"") + tenant + "\", the node's managed identity";
  host.expect("GET", imds_url).takes(std::chrono::seconds(3));
  EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(Code::unavailable, HasSubstr(facts)));
  const std::vector<std::tuple<int, Code, const char *>> rows = {
      {400, Code::bad_config, "no such managed identity"},
      {403, Code::denied, "gives this node's programs no token"},
      {404, Code::bad_upstream, "try again in a minute"},
      {410, Code::unavailable, "try again in a minute"},
      {429, Code::throttled, "asks to wait"},
      {500, Code::unavailable, "is failing"}};
  for (const auto &[status, code, words] : rows) {
    host.expect("GET", imds_url)
        .reply(status, R"({"error":"invalid_request","error_description":"Identity not found"})");
    EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(code, AllOf(HasSubstr(words), HasSubstr(facts))));
  }
}

}  // namespace
}  // namespace regcred::test
