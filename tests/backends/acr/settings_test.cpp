// SPDX-License-Identifier: Apache-2.0
// Which settings Azure's backend takes and refuses; create() and the schema agree.
#include "backends/acr/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;

TEST_F(Acr, create_takes_and_refuses_settings_as_its_schema_does) {
  expect_settings({
      {with(), nullptr},
      {json::object(), nullptr},
      {with({{"tenantId", "Acme.onmicrosoft.com"}, {"clientId", "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee"}}), nullptr},
      {with({{"allowedTenantIds", {tenant}}, {"allowedClientIds", {client, other_client}}}), nullptr},
      {with({{"authorityHost", "login.microsoftonline.us"}, {"exchangeEndpoint", "https://a.b:1"}}), nullptr},
      {with({{"registryHosts", {"*.example.com"}}}), nullptr},
      {with({{"identity", "node"}}), nullptr},
      {{{"identity", "node"}, {"allowedTenantIds", {tenant}}}, nullptr},
      {{{"identity", "node"}}, "settings.tenantId: is missing", true},
      {with({{"identity", "node"}, {"authorityHost", "a.b"}}),
       "settings.authorityHost: has no effect with identity: node", true},
      {with({{"identity", "pod"}}), "settings.identity: \"pod\" is not an identity"},
      {with({{"tenantId", "common"}}), "settings.tenantId: \"common\" is not a tenant"},
      {with({{"tenantId", ""}}), "settings.tenantId"},
      {with({{"tenantId", "a..b"}}), "settings.tenantId"},
      {with({{"tenantId", "a.b:443"}}), "settings.tenantId"},
      {with({{"tenantId", "a/b.c"}}), "settings.tenantId"},
      {with({{"tenantId", "-a.b"}}), "settings.tenantId", true},
      {with({{"tenantId", 1}}), "settings.tenantId: must be a string"},
      {with({{"clientId", "acme"}}), "settings.clientId: \"acme\" is not a client id"},
      {with({{"clientId", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeeg"}}), "settings.clientId"},
      {with({{"clientId", "aaaaaaaa0bbbb-cccc-dddd-eeeeeeeeeeee"}}), "settings.clientId"},
      {with({{"allowedTenantIds", {tenant, "*"}}}), "settings.allowedTenantIds: \"*\""},
      {with({{"allowedClientIds", {client, "*"}}}), "settings.allowedClientIds: \"*\""},
      {with({{"allowedClientIds", std::vector<std::string>(1025, client)}}), "more than 1024"},
      {with({{"allowedTenantIds", tenant}}), "settings.allowedTenantIds: must be a list of strings"},
      {with({{"authorityHost", "https://login.microsoftonline.com"}}), "settings.authorityHost"},
      {with({{"exchangeEndpoint", "https://a.b/oauth2"}}), "settings.exchangeEndpoint"},
      {with({{"exchangeEndpoint", "a.b"}}), "settings.exchangeEndpoint"},
      {with({{"registryHosts", {"https://a.b"}}}), "settings.registryHosts"},
      {with({{"tenant", tenant}}), "settings.tenant: unknown setting"},
      {json::array(), "settings must be a mapping"},
  });
  expect_schema_names_all(with());
}

TEST_F(Acr, create_says_when_no_pod_can_get_a_credential) {
  for (const json &settings : {with(), json{{"tenantId", tenant}, {"allowedClientIds", {client}}},
                               json{{"tenantId", tenant}, {"identity", "node"}}}) {
    EXPECT_THAT(create_only(backend(), settings.dump(), host), IsOk());
    EXPECT_TRUE(host.log().empty());
  }
  EXPECT_THAT(create_only(backend(), json{{"tenantId", tenant}}.dump(), host), IsOk());
  ASSERT_EQ(host.log().size(), 1U);
  EXPECT_THAT(host.log()[0].text, ::testing::HasSubstr("neither clientId nor allowedClientIds is set"));
}

}  // namespace
}  // namespace regcred::test
