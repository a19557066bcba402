// SPDX-License-Identifier: Apache-2.0
#include "parties.hpp"

#include <array>

namespace acr {
namespace {

using regcred::Code;
using regcred::HttpRequest;
using regcred::Refusal;

// The audience of ACR in every cloud. Registries may be set to refuse tokens of Azure's resource manager.
constexpr std::string_view audience = "https://containerregistry.azure.net";
constexpr std::string_view scope = "https://containerregistry.azure.net/.default";

constexpr Refusal aadsts(std::string_view number, std::string_view words) {
  return {0, "", Code::denied, words, "error_description", number};
}

// Microsoft asks not to depend on the numbers: they only choose the words. A client without a credential that fits may
// also be one whose new credential is not known everywhere yet, which takes minutes.
constexpr std::array<Refusal, 15> of_entra = {{
    aadsts("AADSTS7002138:",
           "a federated credential has this subject in other case; write it there exactly as in the token"),
    aadsts("AADSTS700213:", "no federated credential of the client has the token's subject; add one, or wait minutes"),
    aadsts("AADSTS700211:",
           "no federated credential of the client has the token's issuer, to its last slash; add one, or wait minutes"),
    aadsts("AADSTS700212:",
           "no federated credential of the client has the token's audience; serviceAccountTokenAudience and the "
           "credential must agree, api://AzureADTokenExchange in the public cloud"),
    aadsts("AADSTS70021:",
           "no federated credential of the client fits; compare issuer, subject and audience, or wait minutes"),
    aadsts("AADSTS70025:", "the client has no federated credential; add one for issuer and subject of the token"),
    aadsts("AADSTS700016:", "the tenant knows no such client; correct settings.clientId, tenantId or the annotation"),
    aadsts("AADSTS700024:", "the token is outside its time; check the clocks of this node and of the control plane"),
    aadsts("AADSTS90002:", "there is no such tenant in this cloud; correct settings.tenantId or the annotation"),
    aadsts("AADSTS900023:", "that is not a tenant; correct settings.tenantId or the annotation"),
    aadsts("AADSTS500011:", "ACR is unknown in the tenant; correct settings.tenantId: that of the registry"),
    aadsts("AADSTS50166:", "Entra cannot read the issuer's keys; publish its discovery document, or try again later"),
    aadsts("AADSTS90061:", "Entra cannot read the issuer's keys; publish its discovery document, or try again later"),
    aadsts("AADSTS53003:", "a Conditional Access policy blocks the client; see the tenant's sign-in log"),
    {404, "", Code::bad_config, "no such tenant, or this is not Entra; correct settings.authorityHost and tenantId"},
}};

constexpr std::array<Refusal, 4> of_imds = {{
    {400, "", Code::bad_config,
     "the node has no such managed identity; assign it to the node, or correct settings.clientId, which is needed "
     "where "
     "the node has several"},
    {403, "", Code::denied,
     "it gives this node's programs no token; see whether the node may use its managed identity"},
    {404, "", Code::bad_upstream, "the node's managed identities are being changed; try again in a minute"},
    {410, "", Code::unavailable, "it is being updated; try again in a minute"},
}};

// Errors are those of the distribution specification, which say no more than the status.
constexpr std::array<Refusal, 3> of_exchange = {{
    {401, "", Code::denied,
     "the registry does not take the tenant's token; correct settings.tenantId to the registry's tenant, and give the "
     "identity the role AcrPull, or Container Registry Repository Reader"},
    {403, "", Code::denied,
     "the registry refuses this node or identity; see the registry's network rules for this node's address, and its "
     "private endpoint"},
    {404, "", Code::denied, "there is no such registry; correct the image's host"},
}};

}  // namespace

HttpRequest entra_request(const std::string &authority_host, const std::string &tenant, std::string_view client,
                          const regcred::PodToken &token) {
  return regcred::post_form("https://" + authority_host + '/' + tenant + "/oauth2/v2.0/token",
                            {{"grant_type", "client_credentials"},
                             {"client_id", client},
                             {"scope", scope},
                             {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                             {"client_assertion", token.text}});
}

std::span<const Refusal> entra_refusals() { return of_entra; }

HttpRequest imds_request(const std::string &client) {
  return regcred::metadata_request(
      "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" +
          regcred::percent_encode(audience) + (client.empty() ? "" : "&client_id=") + client,
      "Metadata", "true");
}

std::span<const Refusal> imds_refusals() { return of_imds; }

HttpRequest exchange_request(const std::string &endpoint, std::string_view service, std::string_view tenant,
                             std::string_view access_token) {
  return regcred::post_form(
      endpoint + "/oauth2/exchange",
      {{"grant_type", "access_token"}, {"service", service}, {"tenant", tenant}, {"access_token", access_token}});
}

std::span<const Refusal> exchange_refusals() { return of_exchange; }

}  // namespace acr
