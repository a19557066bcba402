// SPDX-License-Identifier: Apache-2.0
// What refusals of Entra and of the registry become: the cause, the cure, the facts; nothing of token, password, body.
#include "backends/acr/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// As Entra writes them; the number stands in both members.
std::string entra(const char *error, const std::string &number) {
  return json{{"error", error},
              {"error_description", "AADSTS" + number + ": quote-me-not TOKEN. Trace ID: x\r\nTimestamp: y"},
              {"error_codes", {7}},
              {"trace_id", "quote-me-not"},
              {"correlation_id", "quote-me-not"}}
      .dump();
}
std::string registry(const char *code) {
  return json{{"errors", {{{"code", code}, {"message", "quote-me-not PASSWORD"}, {"detail", "TOKEN"}}}}}.dump();
}

class EntraFault : public Acr, public ::testing::WithParamInterface<Fault> {};

TEST_P(EntraFault, L1_is_told_without_token_password_or_body) {
  expect_told(GetParam(), with(), image(own_image), entra_url(),
              std::string(asked) + ", host \"login.microsoftonline.com\"");
}

INSTANTIATE_TEST_SUITE_P(
    table, EntraFault,
    ::testing::Values(
        Fault{"n70021",
              400,
              entra("invalid_request", "70021"),
              {},
              Code::denied,
              {"Entra (HTTP 400, invalid_request)", "compare issuer, subject and audience"}},
        Fault{"n700211",
              401,
              entra("invalid_client", "700211"),
              {},
              Code::denied,
              {"(HTTP 401, invalid_client)", "token's issuer, to its last slash"}},
        Fault{"n700212",
              401,
              entra("invalid_client", "700212"),
              {},
              Code::denied,
              {"token's audience", "api://AzureADTokenExchange"}},
        Fault{"n700213", 401, entra("invalid_client", "700213"), {}, Code::denied, {"has the token's subject"}},
        Fault{"n7002138", 401, entra("invalid_client", "7002138"), {}, Code::denied, {"in other case"}},
        Fault{"n70025", 401, entra("invalid_client", "70025"), {}, Code::denied, {"has no federated credential"}},
        Fault{"n700016", 400, entra("unauthorized_client", "700016"), {}, Code::denied, {"knows no such client"}},
        Fault{"n700024", 401, entra("invalid_client", "700024"), {}, Code::denied, {"outside its time"}},
        Fault{"n90002", 400, entra("invalid_request", "90002"), {}, Code::denied, {"no such tenant in this cloud"}},
        Fault{"n900023", 400, entra("invalid_request", "900023"), {}, Code::denied, {"not a tenant"}},
        Fault{"n500011", 400, entra("invalid_resource", "500011"), {}, Code::denied, {"ACR is unknown in the tenant"}},
        Fault{"n50166", 400, entra("invalid_request", "50166"), {}, Code::denied, {"cannot read the issuer's keys"}},
        Fault{"n90061", 400, entra("invalid_request", "90061"), {}, Code::denied, {"cannot read the issuer's keys"}},
        Fault{"n53003", 400, entra("invalid_grant", "53003"), {}, Code::denied, {"Conditional Access"}},
        Fault{"unknown", 401, entra("invalid_client", "1"), {}, Code::denied, {"the token is refused"}},
        Fault{"s404", 404, "", {}, Code::bad_config, {"correct settings.authorityHost"}},
        Fault{"s429", 429, "{}", {}, Code::throttled, {"it asks to wait"}},
        Fault{"s503", 503, "{}", {}, Code::unavailable, {"it is failing"}},
        Fault{
            "s302", 302, "", {{"Location", "https://login.example/?TOKEN"}}, Code::bad_upstream, {"\"login.example\""}},
        Fault{"a_page", 200, "<html>PASSWORD", {}, Code::bad_upstream, {"a web page", "settings.authorityHost"}},
        Fault{
            "no_token", 200, R"({"refresh_token":"PASSWORD"})", {}, Code::bad_upstream, {"holds no \"access_token\""}}),
    [](const auto &row) { return std::string(row.param.what); });

class RegistryFault : public Acr, public ::testing::WithParamInterface<Fault> {};

TEST_P(RegistryFault, L1_is_told_without_token_password_or_body) {
  const Fault &fault = GetParam();
  host.expect("POST", entra_url()).reply(200, entra_answer());
  host.expect("POST", exchange_url)
      .reply(fault.status, with_canaries(fault.body), {{"X-Echo", access}})
      .retry_after(std::chrono::seconds(77));
  const Outcome outcome = ask(with(), image(own_image));
  EXPECT_THAT(outcome, StatusIs(fault.code, ::testing::_));
  for (const char *word : fault.words) EXPECT_THAT(outcome.text, HasSubstr(word));
  EXPECT_THAT(outcome.text,
              EndsWith("; " + std::string(asked) + ", registry \"acmeprod.azurecr.io\", host \"acmeprod.azurecr.io\""));
  EXPECT_THAT(outcome.text, Not(HasSubstr("quote-me-not")));
  EXPECT_EQ(outcome.retry_after.has_value(), fault.code == Code::throttled);
  expect_no_leak(outcome, access);
}

INSTANTIATE_TEST_SUITE_P(
    table, RegistryFault,
    ::testing::Values(
        Fault{"s401", 401, registry("UNAUTHORIZED"), {}, Code::denied, {"ACR (HTTP 401)", "AcrPull"}},
        Fault{"s403", 403, registry("DENIED"), {}, Code::denied, {"network rules"}},
        Fault{"s404", 404, registry("NOT_FOUND"), {}, Code::denied, {"no such registry"}},
        Fault{"s429", 429, registry("TOOMANYREQUESTS"), {}, Code::throttled, {"it asks to wait"}},
        Fault{"s500", 500, registry("UNKNOWN"), {}, Code::unavailable, {"it is failing"}},
        Fault{"a_page", 200, "<html>PASSWORD", {}, Code::bad_upstream, {"settings.exchangeEndpoint"}},
        Fault{
            "no_token", 200, R"({"access_token":"PASSWORD"})", {}, Code::bad_upstream, {"holds no \"refresh_token\""}},
        Fault{"a_line", 200, R"({"refresh_token":"PASSWORD\r\n"})", {}, Code::bad_upstream, {"blanks, control"}}),
    [](const auto &row) { return std::string(row.param.what); });

TEST_F(Acr, M3_a_refresh_token_that_is_over_is_no_credential) {
  password = fake_token({{"exp", 1'749'999'600}});
  expect_both();
  EXPECT_THAT(ask(with(), image(own_image)), StatusIs(Code::bad_upstream, HasSubstr("expired 400 s ago")));
}

TEST_F(Acr, an_issuer_that_only_the_cluster_knows_is_named_where_it_matters) {
  json claims = pod_claims();
  claims["iss"] = "https://kubernetes.default.svc.cluster.local";
  pod_token = fake_token(claims);
  host.expect("POST", entra_url()).reply(401, entra("invalid_client", "700211"));
  EXPECT_THAT(ask(with(), image(own_image)), StatusIs(Code::denied, HasSubstr("known inside the cluster only")));
  host.expect("POST", entra_url()).reply(200, entra_answer());
  host.expect("POST", exchange_url).reply(401, registry("UNAUTHORIZED"));
  EXPECT_THAT(ask(with(), image(own_image)), StatusIs(Code::denied, HasSubstr("AcrPull")));
}

}  // namespace
}  // namespace regcred::test
