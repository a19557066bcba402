// SPDX-License-Identifier: Apache-2.0
// The settings: what create() takes and refuses, and that its JSON Schema says the same.
#include "backends/oidc/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;

// An exchange in mode tokenExchange with one more setting.
json with(const char *key, const json &value) { return exchange("tokenExchange", {{key, value}}); }

json without(json settings, const char *key) {
  settings.erase(key);
  return settings;
}

json selection(const json &more) {
  json one = {{"annotation", "example.com/role"}, {"field", "role"}, {"values", {"a"}}};
  one.update(more);
  return with("selections", json::array({one}));
}

json many(std::size_t count) {
  json map = json::object();
  for (std::size_t i = 0; i < count; ++i) map["f" + std::to_string(i)] = "v";
  return map;
}

json many_selections(std::size_t count) {
  json list = json::array();
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back({{"annotation", "a"}, {"field", "f" + std::to_string(i)}, {"values", {"v"}}});
  }
  return list;
}

TEST_F(Oidc, create_takes_and_refuses_modes_as_its_schema_does) {
  expect_settings({
      {exchange("tokenExchange"), nullptr},
      {exchange("jwtBearer"), nullptr},
      {exchange("clientAssertion"), nullptr},
      {exchange("custom", {{"tokenField", "jwt"}}), nullptr},
      {exchange("bearer"), nullptr},
      {pass_through(), nullptr},
      {json::object(), "settings.mode: is missing; write one of tokenExchange, jwtBearer, clientAssertion, custom"},
      {exchange("tokenexchange"), "settings.mode: \"tokenexchange\" is none of"},
      {{{"mode", 1}}, "settings.mode: must be a string"},
      {exchange("custom"), "settings.tokenField: is missing", true},
      {exchange("custom", {{"tokenField", "a b"}}), "settings.tokenField: \"a b\" is not a field's name"},
      {with("tokenField", "jwt"), "settings.tokenField: has a meaning in mode custom only", true},
      {exchange("bearer", {{"tokenField", "jwt"}}), "settings.tokenField", true},
      {without(pass_through(), "registryHosts"), "settings.registryHosts: is missing"},
      {pass_through({{"registryHosts", json::array()}}), "settings.registryHosts"},
      {without(pass_through(), "username"), "settings.username: is missing"},
      {pass_through({{"exchangeUrl", exchange_url}}), "settings.exchangeUrl: has no meaning in mode passThrough", true},
      {pass_through({{"fields", {{"a", "b"}}}}), "settings.fields: has no meaning", true},
      {pass_through({{"secretFields", {{"a", "b"}}}}), "settings.secretFields: has no meaning", true},
      {pass_through({{"usernameField", "user"}}), "settings.usernameField: has no meaning", true},
      {pass_through({{"selections", json::array()}}), "settings.selections: has no meaning", true},
      {pass_through({{"audiences", {"https://auth.example.net/a"}}}), nullptr},
      {pass_through({{"audiences", {"a b"}}}), "settings.audiences: \"a b\" is not an audience"},
      {pass_through({{"audiences", {""}}}), "settings.audiences"},
      {pass_through({{"audiences", std::vector<std::string>(17, "a")}}), "settings.audiences: more than 16"},
      {with("audiences", {"a"}), "settings.audiences: has a meaning in mode passThrough only", true},
      {pass_through({{"zzz", 1}}), "settings.zzz: unknown setting"},
      {nullptr, "settings must be a mapping"},
  });
}

TEST_F(Oidc, create_takes_and_refuses_the_url_as_its_schema_does) {
  expect_settings({
      {with("exchangeUrl", "https://STS.example.com"), nullptr},
      {with("exchangeUrl", "https://sts.example.com:8443/a/b%20c?d=e&f"), nullptr},
      {with("exchangeUrl", "https://sts.example.com?d=e"), nullptr},
      {without(exchange("tokenExchange"), "exchangeUrl"), "settings.exchangeUrl: is missing"},
      {with("exchangeUrl", ""), "settings.exchangeUrl"},
      {with("exchangeUrl", "http://sts.example.com/"), "is not https://host"},
      {with("exchangeUrl", "HTTPS://sts.example.com/"), "is not https://host"},
      {with("exchangeUrl", "sts.example.com/token"), "is not https://host"},
      {with("exchangeUrl", "https://"), "is not https://host"},
      {with("exchangeUrl", "https:///token"), "is not https://host"},
      {with("exchangeUrl", "https://u:p@sts.example.com/"), "without user info"},
      {with("exchangeUrl", "https://sts.example.com/#x"), "fragment", true},
      {with("exchangeUrl", "https://sts.example.com\\@evil.example/"), "settings.exchangeUrl"},
      {with("exchangeUrl", "https://sts.example.com/\\x"), "settings.exchangeUrl", true},
      {with("exchangeUrl", "https://sts.example.com/a b"), "settings.exchangeUrl"},
      {with("exchangeUrl", "https://sts.example.com/\r\nX: y"), "settings.exchangeUrl"},
      {with("exchangeUrl", "https://sts..example.com/"), "settings.exchangeUrl", true},
      {with("exchangeUrl", "https://sts.example.com:99999/"), "settings.exchangeUrl", true},
      {with("exchangeUrl", "https://sts.example.com/" + std::string(2048, 'a')), "settings.exchangeUrl"},
      {with("exchangeUrl", json::array({exchange_url})), "settings.exchangeUrl: must be a string"},
  });
}

TEST_F(Oidc, create_takes_and_refuses_fields_as_its_schema_does) {
  expect_settings({
      {with("fields", {{"audience", "x"}, {"scope", ""}, {"subject_token_type", "y"}, {"é", "z"}}),
       "is not a field's name"},
      {with("fields", {{"audience", "x"}, {"scope", ""}, {"subject_token_type", "y \xc3\xa9"}}), nullptr},
      {with("fields", {{"subject_token", "x"}}), "\"subject_token\" holds the token", true},
      {with("fields", {{"grant_type", "x"}}), "\"grant_type\" is what makes this mode", true},
      {exchange("bearer", {{"fields", {{"grant_type", "x"}}}}), nullptr},
      {exchange("clientAssertion", {{"fields", {{"grant_type", "x"}}}}), nullptr},
      {exchange("clientAssertion", {{"fields", {{"client_assertion_type", "x"}}}}), "is what makes this mode", true},
      {exchange("custom", {{"tokenField", "jwt"}, {"fields", {{"jwt", "x"}}}}), "holds the token", true},
      {with("fields", {{"", "x"}}), "is not a field's name"},
      {with("fields", {{"a", "x\ny"}}), "\"a\" has a value over 4 KiB or with control characters"},
      {with("fields", {{"a", std::string(4097, 'x')}}), "over 4 KiB"},
      {with("fields", {{"a", 1}}), "settings.fields: must be a mapping of strings"},
      {with("fields", many(64)), nullptr},
      {with("fields", many(65)), "more than 64"},
      {with("secretFields", {{"client_secret", "/etc/x"}, {"b", "bare-name"}}), nullptr},
      {with("secretFields", {{"client_secret", ""}}), "needs an absolute path"},
      {with("secretFields", {{"subject_token", "/etc/x"}}), "holds the token", true},
      {with("secretFields", many(9)), "more than 8"},
      {exchange("bearer", {{"fields", {{"a", "x"}}}, {"secretFields", {{"a", "/x"}}}}),
       "stands in settings.fields, too", true},
      {with("encoding", "json"), nullptr},
      {with("encoding", "xml"), "settings.encoding: \"xml\" is neither form nor json"},
      {with("headers", {{"X-Team", "a"}}), nullptr},
      {with("headers", {{"Authorization", "Basic x"}}), "may not be set", true},
      {with("headers", {{"X", "a\r\nb"}}), "printable ASCII"},
  });
}

TEST_F(Oidc, create_takes_and_refuses_selections_as_its_schema_does) {
  const json one = {{"annotation", "example.com/role"}, {"field", "role"}, {"values", {"a"}}};
  json other = one;
  other["field"] = "other";
  expect_settings({
      {selection(json::object()), nullptr},
      {with("selections", json::array()), nullptr},
      {with("selections", json::array({one, other})), nullptr},
      {with("selections", json::array({one, one})), "settings.selections[1].field: another selection has this field",
       true},
      {with("selections", many_selections(16)), nullptr},
      {with("selections", many_selections(17)), "settings.selections: more than 16"},
      {with("selections", one), "settings.selections: must be a list of mappings"},
      {selection({{"annotation", ""}}), "settings.selections[0].annotation"},
      {selection({{"annotation", "a b"}}), "settings.selections[0].annotation"},
      {selection({{"annotation", 1}}), "settings.selections[0].annotation: must be a string"},
      {selection({{"field", "a b"}}), "settings.selections[0].field"},
      {selection({{"field", "subject_token"}}), "settings.selections: the field \"subject_token\" holds the token",
       true},
      {selection({{"field", "grant_type"}}), "\"grant_type\" is what makes this mode", true},
      {selection({{"values", json::array()}}), "settings.selections[0].values: must list 1 to 256"},
      {selection({{"values", {"a", ""}}}), "settings.selections[0].values"},
      {selection({{"values", {"a\n"}}}), "settings.selections[0].values"},
      {selection({{"values", "a"}}), "settings.selections[0].values: must be a list of strings"},
      {selection({{"values", std::vector<std::string>(257, "a")}}), "settings.selections[0].values"},
      {selection({{"value", "a"}}), "settings.selections[0].value: unknown setting"},
      {with("selections", json::array({without(one, "field")})), "settings.selections[0].field"},
      {exchange("bearer", {{"selections", json::array({one})}, {"secretFields", {{"role", "/x"}}}}),
       "stands in settings.secretFields, too", true},
  });
}

TEST_F(Oidc, create_takes_and_refuses_the_answers_fields_as_its_schema_does) {
  expect_settings({
      {without(with("usernameField", "user.name"), "username"), nullptr},
      {with("usernameField", "user"), "settings.username, settings.usernameField: set one of the two"},
      {without(exchange("tokenExchange"), "username"), "settings.username, settings.usernameField: set one of the two"},
      {with("username", ""), "settings.username"},
      {with("username", "a:b"), "settings.username"},
      {with("passwordField", "a.b"), nullptr},
      {with("passwordField", ""), "settings.passwordField"},
      {with("expiresInField", "ttl"), nullptr},
      {with("expiresInField", "a b"), "settings.expiresInField"},
      {with("expiresAtField", "exp"), nullptr},
      {with("expiresAtField", std::string(129, 'a')), "settings.expiresAtField"},
      {with("registryHosts", {"a.example:5000", "*.b.example"}), nullptr},
      {with("registryHosts", json::array()), "settings.registryHosts: is empty"},
      {with("registryHosts", {"*.example"}), "settings.registryHosts"},
      {with("registryHosts", {"a..b"}), "settings.registryHosts", true},
  });
  expect_schema_names_all(exchange("tokenExchange"));
}

TEST_F(Oidc, the_schema_tells_the_defaults) {
  const json properties = json::parse(settings_schema(backend()))["properties"];
  EXPECT_EQ(properties["encoding"]["default"], "form");
  EXPECT_EQ(properties["passwordField"]["default"], "access_token");
  EXPECT_EQ(properties["expiresInField"]["default"], "expires_in");
}

}  // namespace
}  // namespace regcred::test
