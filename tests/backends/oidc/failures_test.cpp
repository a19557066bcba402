// SPDX-License-Identifier: Apache-2.0
// Every way in which the exchange fails: the code, and the words that send the operator to the right place.
#include "backends/oidc/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

class OidcFault : public Oidc, public ::testing::WithParamInterface<Fault> {};

TEST_P(OidcFault, L1_is_told_without_token_password_or_body) {
  expect_told(GetParam(), exchange("tokenExchange"), image(own_image), exchange_url,
              "mode tokenExchange, host \"sts.example.com\"");
}

std::string oauth(const char *error) {
  return json{{"error", error}, {"error_description", "quote-me-not TOKEN"}, {"error_uri", "https://PASSWORD/"}}.dump();
}

const HttpHeaders html = {{"Content-Type", "text/html"}};

INSTANTIATE_TEST_SUITE_P(
    table, OidcFault,
    ::testing::Values(
        Fault{"invalid_request",
              400,
              oauth("invalid_request"),
              {},
              Code::denied,
              {"the token exchange (HTTP 400, invalid_request)", "settings.fields", "trust this issuer"}},
        Fault{
            "invalid_grant", 400, oauth("invalid_grant"), {}, Code::denied, {"HTTP 400, invalid_grant", "not trusted"}},
        Fault{"invalid_target", 400, oauth("invalid_target"), {}, Code::denied, {"audience or resource"}},
        Fault{"invalid_scope", 400, oauth("invalid_scope"), {}, Code::bad_config, {"the scope", "settings.fields"}},
        Fault{"unsupported_grant_type", 400, oauth("unsupported_grant_type"), {}, Code::bad_config, {"settings.mode"}},
        Fault{"unauthorized_client", 400, oauth("unauthorized_client"), {}, Code::denied, {"client_id"}},
        Fault{"invalid_client", 400, oauth("invalid_client"), {}, Code::denied, {"client is unknown or not proven"}},
        Fault{"invalid_client_401", 401, oauth("invalid_client"), {}, Code::denied, {"HTTP 401, invalid_client"}},
        Fault{"another_error", 400, oauth("TOKEN"), {}, Code::denied, {"(HTTP 400): the token is refused"}},
        Fault{"no_error", 400, "{}", {}, Code::denied, {"(HTTP 400): the token is refused"}},
        Fault{"s401", 401, "TOKEN", {}, Code::denied, {"(HTTP 401): the token is refused; its issuer"}},
        Fault{"s403", 403, "{}", {}, Code::denied, {"(HTTP 403): the token is refused"}},
        Fault{"s404", 404, "TOKEN", {}, Code::bad_config, {"settings.exchangeUrl"}},
        Fault{"s405", 405, "TOKEN", {}, Code::bad_config, {"takes no POST; correct settings.exchangeUrl"}},
        Fault{"s415", 415, "TOKEN", {}, Code::bad_config, {"settings.encoding"}},
        Fault{"s418", 418, "TOKEN", {}, Code::bad_upstream, {"not documented"}},
        Fault{"s204", 204, "", {}, Code::bad_upstream, {"not documented"}},
        Fault{"s429", 429, "TOKEN", {}, Code::throttled, {"it asks to wait"}},
        Fault{"s408", 408, "", {}, Code::unavailable, {"it is failing"}},
        Fault{"s500", 500, oauth("invalid_grant"), {}, Code::unavailable, {"it is failing"}},
        Fault{"s502", 502, "<html>TOKEN", html, Code::unavailable, {"it is failing"}},
        Fault{"s302",
              302,
              "",
              {{"Location", "https://evil.example/TOKEN"}},
              Code::bad_upstream,
              {"redirects (HTTP 302) to host \"evil.example\"; not followed", "settings.exchangeUrl"}},
        Fault{"s308", 308, "", {{"Location", "/TOKEN"}}, Code::bad_upstream, {"another place"}},
        Fault{"a_page", 200, "<html>PASSWORD", html, Code::bad_upstream, {"a web page", "settings.exchangeUrl"}},
        Fault{"a_page_404", 404, "<html>TOKEN", html, Code::bad_upstream, {"a web page (HTTP 404)"}},
        Fault{"not_json", 200, "access_token=PASSWORD", {}, Code::bad_upstream, {"not a JSON object"}},
        Fault{"a_list", 200, R"([{"access_token":"PASSWORD"}])", {}, Code::bad_upstream, {"not a JSON object"}},
        Fault{"deep",
              200,
              R"({"a":)" + std::string(5000, '[') + std::string(5000, ']') + "}",
              {},
              Code::bad_upstream,
              {"not a JSON object"}},
        Fault{"no_password",
              200,
              R"({"token":"PASSWORD"})",
              {},
              Code::bad_upstream,
              {"holds no \"access_token\"; correct settings.passwordField, or check settings.exchangeUrl"}},
        Fault{"empty", 200, R"({"access_token":""})", {}, Code::bad_upstream, {"that is empty"}},
        Fault{"an_object", 200, R"({"access_token":{"PASSWORD":1}})", {}, Code::bad_upstream, {"that is not a text"}},
        Fault{"a_line_end", 200, R"({"access_token":"PASSWORD\n"})", {}, Code::bad_upstream, {"control"}},
        Fault{"a_nul", 200, R"({"access_token":"PASSWORD\u0000"})", {}, Code::bad_upstream, {"control"}},
        Fault{"huge",
              200,
              R"({"access_token":")" + std::string(65'537, 'x') + R"("})",
              {},
              Code::bad_upstream,
              {"more than 64 KiB"}},
        Fault{"expired",
              200,
              R"({"access_token":"PASSWORD","expires_in":-60})",
              {},
              Code::bad_upstream,
              {"expired 60 s ago", "NTP"}}),
    [](const auto &row) { return std::string(row.param.what); });

TEST_F(Oidc, the_selected_values_are_among_the_facts) {
  const json settings =
      exchange("tokenExchange",
               {{"selections", {{{"annotation", "example.com/role"}, {"field", "role"}, {"values", {"builder"}}}}}});
  host.expect("POST", exchange_url).reply(403);
  EXPECT_THAT(ask(settings, image(own_image).annotation("example.com/role", "builder")),
              StatusIs(Code::denied, HasSubstr("; mode tokenExchange, role \"builder\", host \"sts.example.com\"")));
}

// Operators may have put a secret there: neither settings.fields nor the headers are ever shown.
TEST_F(Oidc, L1_configured_values_are_not_shown) {
  const std::string secret = "client-secret-canary-0123456789";
  const json settings =
      exchange("tokenExchange", {{"fields", {{"client_secret", secret}}}, {"headers", {{"X-Key", secret}}}});
  for (const int status : {302, 400, 401, 404, 429, 500}) {
    host.expect("POST", exchange_url).reply(status, secret, {{"Location", "https://sts.example.com/" + secret}});
    const Outcome outcome = ask(settings, image(own_image));
    EXPECT_NE(outcome.code, REGCRED_OK);
    EXPECT_EQ(find_leak(secret, outcome.text), std::nullopt) << outcome.text;
  }
}

TEST_F(Oidc, no_response_keeps_the_hosts_code_and_sentence) {
  for (const Code code : {Code::unavailable, Code::timeout, Code::bad_upstream}) {
    host.expect("POST", exchange_url).fail(code, "cannot resolve sts.example.com; check the node's DNS");
    EXPECT_THAT(ask(exchange("bearer"), image(own_image)),
                StatusIs(code, AllOf(HasSubstr("(no complete answer): cannot resolve"), HasSubstr("mode bearer"))));
  }
}

TEST_F(Oidc, a_host_without_http_is_told_apart_from_a_failing_network) {
  host.withhold(REGCRED_SERVICE_HTTP);
  EXPECT_THAT(ask(exchange("bearer"), image(own_image)), StatusIs(Code::internal, HasSubstr(REGCRED_SERVICE_HTTP)));
  set_audiences("registry.example.com");
  EXPECT_THAT(ask(pass_through(), image(own_image)), IsOk());
}

}  // namespace
}  // namespace regcred::test
