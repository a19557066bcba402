// SPDX-License-Identifier: Apache-2.0
// One conversation with the acr backend.
#pragma once

#include "backends/conversation.hpp"

namespace regcred::test {

inline constexpr const char *tenant = "11111111-2222-3333-4444-555555555555";
inline constexpr const char *other_tenant = "99999999-2222-3333-4444-555555555555";
inline constexpr const char *client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
inline constexpr const char *other_client = "ffffffff-bbbb-cccc-dddd-eeeeeeeeeeee";
inline constexpr const char *own_image = "acmeprod.azurecr.io/team/app";
inline constexpr const char *own_host = "acmeprod.azurecr.io";
inline constexpr const char *exchange_url = "https://acmeprod.azurecr.io/oauth2/exchange";
inline constexpr const char *imds_url =
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F"
    "containerregistry.azure.net";
inline constexpr const char *client_annotation = "kubernetes.azure.com/acr-client-id";
inline constexpr const char *tenant_annotation = "kubernetes.azure.com/acr-tenant-id";
inline constexpr const char *asked =
    R"(tenant "11111111-2222-3333-4444-555555555555", client "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")";

[[nodiscard]] inline std::string entra_url(const std::string &of_tenant = tenant,
                                           const std::string &authority = "login.microsoftonline.com") {
  return "https://" + authority + '/' + of_tenant + "/oauth2/v2.0/token";
}

class Acr : public Conversation {
 protected:
  [[nodiscard]] static nlohmann::json with(const nlohmann::json &more = nlohmann::json::object()) {
    nlohmann::json settings = {{"tenantId", tenant}, {"clientId", client}};
    settings.update(more);
    return settings;
  }
  [[nodiscard]] FormFields entra_form(const std::string &of_client = client) const {
    return {{"grant_type", "client_credentials"},
            {"client_id", of_client},
            {"scope", "https://containerregistry.azure.net/.default"},
            {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
            {"client_assertion", pod_token}};
  }
  [[nodiscard]] FormFields exchange_form(const std::string &service = own_host,
                                         const std::string &of_tenant = tenant) const {
    return {{"grant_type", "access_token"}, {"service", service}, {"tenant", of_tenant}, {"access_token", access}};
  }
  [[nodiscard]] std::string entra_answer() const {
    return nlohmann::json{
        {"token_type", "Bearer"}, {"expires_in", 3599}, {"ext_expires_in", 3599}, {"access_token", access}}
        .dump();
  }
  [[nodiscard]] std::string refresh_answer() const { return nlohmann::json{{"refresh_token", password}}.dump(); }

  // Both calls as they should be, both answered.
  void expect_both(const std::string &registry = own_host, const std::string &of_tenant = tenant,
                   const std::string &of_client = client, const std::string &authority = "login.microsoftonline.com") {
    host.expect("POST", entra_url(of_tenant, authority)).with_form(entra_form(of_client)).reply(200, entra_answer());
    host.expect("POST", "https://" + registry + "/oauth2/exchange")
        .with_form(exchange_form(registry, of_tenant))
        .reply(200, refresh_answer());
  }

  std::string access =
      fake_token({{"aud", "https://containerregistry.azure.net"}, {"exp", 1'750'003'599}, {"oid", "access-canary"}});
};

}  // namespace regcred::test
