// SPDX-License-Identifier: Apache-2.0
// What the oidc backend sends in each mode, and what it makes of good answers.
#include "backends/oidc/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char *token_exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr const char *jwt_type = "urn:ietf:params:oauth:token-type:jwt";

TEST_F(Oidc, exchanges_the_token_and_answers_for_the_whole_registry) {
  host.expect("POST", exchange_url)
      .with_header("Content-Type", "application/x-www-form-urlencoded")
      .with_header("Accept", "application/json")
      .with_form({{"grant_type", token_exchange}, {"subject_token", pod_token}, {"subject_token_type", jwt_type}})
      .reply(200, answer());
  const Outcome outcome = ask(exchange("tokenExchange"), image(own_image));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "registry.example.com");
  EXPECT_EQ(outcome.auth[0].username, "oauth2");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(1800));
  EXPECT_EQ(host.calls().at(0).headers.size(), 2U);  // above all no Authorization
  expect_no_leak(outcome);
}

TEST_F(Oidc, M2b_no_part_of_the_path_decides) {
  expect_path_decides_nothing(exchange("tokenExchange"), "registry.example.com", "POST", exchange_url, answer());
}

TEST_F(Oidc, M2b_no_part_of_the_path_decides_what_passes_through) {
  set_audiences("registry.example.com");
  expect_path_decides_nothing(pass_through(), "registry.example.com", nullptr, nullptr, "");
}

TEST_F(Oidc, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "oidc");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_REQUIRED);
  EXPECT_THAT(annotation_keys(backend()), IsEmpty());
}

// The table of modes. TOKEN stands for the pod's token.
struct Row {
  const char *what;
  json settings;
  FormFields body;
};

TEST_F(Oidc, each_mode_sends_its_fields) {
  const std::vector<Row> table = {
      {"RFC 8693 with everything",
       exchange("tokenExchange", {{"fields",
                                   {{"audience", "//iam.example.com/pool & co"},
                                    {"scope", "pull"},
                                    {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"}}}}),
       {{"grant_type", token_exchange},
        {"subject_token", "TOKEN"},
        {"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"},
        {"audience", "//iam.example.com/pool & co"},
        {"scope", "pull"}}},
      {"RFC 7523, grant",
       exchange("jwtBearer", {{"fields", {{"scope", "pull"}}}}),
       {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", "TOKEN"}, {"scope", "pull"}}},
      {"RFC 7523, client assertion",
       exchange("clientAssertion", {{"fields", {{"client_id", "0aa1"}, {"scope", "https://r.example.com/.default"}}}}),
       {{"grant_type", "client_credentials"},
        {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
        {"client_assertion", "TOKEN"},
        {"client_id", "0aa1"},
        {"scope", "https://r.example.com/.default"}}},
      {"custom",
       exchange("custom", {{"tokenField", "jwt"}, {"fields", {{"role", "puller"}}}}),
       {{"jwt", "TOKEN"}, {"role", "puller"}}},
      {"bearer", exchange("bearer", {{"fields", {{"aud", "r.example.com"}}}}), {{"aud", "r.example.com"}}},
  };
  for (const Row &row : table) {
    SCOPED_TRACE(row.what);
    FormFields form = row.body;
    json object = json::object();
    for (auto &[name, value] : form) object[name] = value = with_canaries(value);
    const bool bearer = row.settings["mode"] == "bearer";
    for (const bool as_json : {false, true}) {
      json settings = row.settings;
      ScriptedCall &call = host.expect("POST", exchange_url).reply(200, answer());
      if (as_json) settings["encoding"] = "json";
      as_json ? call.with_json(object) : call.with_form(form);
      if (bearer) call.with_header("Authorization", "Bearer " + pod_token);
      EXPECT_THAT(ask(settings, image(own_image)), IsOk());
      EXPECT_EQ(host.calls().back().headers.size(), bearer ? 3U : 2U);
    }
  }
}

TEST_F(Oidc, sends_configured_headers_and_secret_fields) {
  host.add_secret_file("/etc/regcred/secrets/client", "client-secret-canary-0123456789");
  host.expect("POST", exchange_url)
      .with_header("X-Team", "a")
      .with_form({{"grant_type", token_exchange},
                  {"subject_token", pod_token},
                  {"subject_token_type", jwt_type},
                  {"client_id", "me"},
                  {"client_secret", "client-secret-canary-0123456789"}})
      .reply(200, answer());
  const json settings =
      exchange("tokenExchange", {{"headers", {{"X-Team", "a"}}},
                                 {"fields", {{"client_id", "me"}}},
                                 {"secretFields", {{"client_secret", "/etc/regcred/secrets/client"}}}});
  EXPECT_THAT(ask(settings, image(own_image)), IsOk());
}

TEST_F(Oidc, L1_an_unusable_secret_file_is_named_and_not_quoted) {
  host.add_secret_file("two-lines", "client-secret-canary\nclient-secret-canary");
  host.add_secret_file("empty", "");
  for (const auto &[file, words] :
       {std::pair("missing", "settings.secretFields: \"client_secret\": secret \"missing\": no such file"),
        std::pair("two-lines", "settings.secretFields: \"client_secret\": the file must hold the value on one line"),
        std::pair("empty", "settings.secretFields: \"client_secret\": the file must hold")}) {
    const Outcome outcome =
        ask(exchange("tokenExchange", {{"secretFields", {{"client_secret", file}}}}), image(own_image));
    EXPECT_THAT(outcome, StatusIs(Code::bad_config, HasSubstr(words)));
    EXPECT_EQ(find_leak("client-secret-canary", outcome.text), std::nullopt);
  }
  EXPECT_THAT(host.calls(), IsEmpty());
}

// ---- The answer ----

TEST_F(Oidc, reads_the_answer_by_the_names_of_the_settings) {
  json settings = exchange(
      "tokenExchange", {{"usernameField", "login.user"}, {"passwordField", "login.secret"}, {"expiresInField", "ttl"}});
  settings.erase("username");
  host.expect("POST", exchange_url)
      .reply(201, R"({"login":{"user":"robot$a","secret":"s3cret-s3cret"},"ttl":"60","expires_in":5})");
  const Outcome outcome = ask(settings, image(own_image));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "robot$a");
  EXPECT_EQ(outcome.auth.at(0).password, "s3cret-s3cret");
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(60));
}

TEST_F(Oidc, M3_the_lifetime_comes_from_a_field_or_the_passwords_exp_and_is_never_guessed) {
  const std::vector<std::tuple<json, json, std::optional<std::int64_t>>> table = {
      {json::object(), {{"access_token", "opaque"}, {"expires_in", 60}}, 60},
      {json::object(), {{"access_token", "opaque"}}, std::nullopt},
      {json::object(), {{"access_token", password}}, 3600},
      {json::object(), {{"access_token", password}, {"expires_in", 7200}}, 3600},
      {{{"expiresInField", "ttl"}}, {{"access_token", "opaque"}, {"ttl", 60}}, 60},
      {{{"expiresInField", "ttl"}}, {{"access_token", "opaque"}, {"expires_in", 60}}, std::nullopt},
      {{{"expiresAtField", "expireTime"}}, {{"access_token", "opaque"}, {"expireTime", "2025-06-15T15:07:40Z"}}, 60},
      {{{"expiresAtField", "exp"}}, {{"access_token", "opaque"}, {"exp", 1'750'000'060}}, 60},
      {{{"expiresAtField", "exp"}}, {{"access_token", "opaque"}, {"exp", 1'750'000'060}, {"expires_in", 30}}, 30},
      {{{"expiresAtField", "exp"}}, {{"access_token", "opaque"}, {"exp", "later"}}, 0},
  };
  for (const auto &[more, body, seconds] : table) {
    SCOPED_TRACE(body.dump());
    host.expect("POST", exchange_url).reply(200, body.dump());
    const Outcome outcome = ask(exchange("tokenExchange", more), image(own_image));
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.lifetime.has_value(), seconds.has_value());
    EXPECT_EQ(outcome.lifetime.value_or(std::chrono::seconds(0)).count(), seconds.value_or(0));
  }
}

// ---- Which registries are served ----

TEST_F(Oidc, H7_only_the_named_registries_get_a_token_or_a_password) {
  const json hosts = {{"registryHosts", {"registry.example.com", "*.images.example.com:5000"}}};
  json passed = pass_through(hosts);
  passed["audiences"] = {"cloudsmith"};
  for (const json &settings : {passed, exchange("tokenExchange", hosts)}) {
    for (const char *name :
         {"registry.example.com/app", "registry.example.com:443/app", "a.b.images.example.com:5000/app"}) {
      if (settings.contains("exchangeUrl")) host.expect("POST", exchange_url).reply(200, answer());
      EXPECT_THAT(ask(settings, image(name)), IsOk()) << name;
    }
    for (const char *name :
         {"registry.example.com.evil.net/app", "xregistry.example.com/app", "registry.example.com:5000/app",
          "images.example.com:5000/app", "a.images.example.com/app", "docker.io/library/nginx", ""}) {
      const std::size_t calls = host.calls().size();
      EXPECT_THAT(ask(settings, image(name)),
                  StatusIs(Code::bad_config, AllOf(HasSubstr("settings.registryHosts"), HasSubstr("matchImages"))))
          << name;
      EXPECT_EQ(host.calls().size(), calls) << name;
    }
  }
}

// ---- Annotations ----

const json selections = {{"selections",
                          {{{"annotation", "example.com/role"}, {"field", "role"}, {"values", {"reader", "builder"}}},
                           {{"annotation", "example.com/audience"}, {"field", "audience"}, {"values", {"a b&c=d"}}}}},
                         {"fields", {{"role", "reader"}}},
                         {"tokenField", "jwt"}};

TEST_F(Oidc, annotations_select_among_the_listed_values) {
  const auto expect_body = [&](const char *role, const FakeRequest &request) {
    host.expect("POST", exchange_url)
        .with_form({{"jwt", pod_token}, {"role", role}, {"audience", "a b&c=d"}})
        .reply(200, answer());
    EXPECT_THAT(ask(exchange("custom", selections), request), IsOk());
  };
  const FakeRequest request = image(own_image).annotation("example.com/audience", "a b&c=d");
  expect_body("reader", request);
  expect_body("builder", FakeRequest(request).annotation("example.com/role", "builder"));
  expect_body("reader", FakeRequest(request).annotation("example.com/role", ""));
  expect_body("reader", FakeRequest(request).annotation("example.com/other", "admin"));
}

TEST_F(Oidc, H7_a_value_that_is_not_listed_sends_nothing) {
  for (const char *value : {"admin", "Reader", "reader ", "reader&role=admin", "reader,builder",
                            "https://evil.example/", "reader\r\nHost: evil.example", "role"}) {
    const Outcome outcome = ask(exchange("custom", selections), image(own_image).annotation("example.com/role", value));
    EXPECT_THAT(outcome, StatusIs(Code::bad_request, AllOf(HasSubstr("annotation example.com/role: \""),
                                                           HasSubstr("settings.selections"))))
        << value;
  }
  EXPECT_THAT(host.calls(), IsEmpty());
}

TEST_F(Oidc, a_missing_annotation_without_a_default_names_every_place_to_look) {
  EXPECT_THAT(ask(exchange("custom", selections), image(own_image)),
              StatusIs(Code::bad_request, AllOf(HasSubstr("no annotation example.com/audience reached this backend"),
                                                HasSubstr("`annotations` of this entry"),
                                                HasSubstr("optionalServiceAccountAnnotationKeys"))));
  EXPECT_THAT(host.calls(), IsEmpty());
}

TEST_F(Oidc, without_a_token_nothing_is_sent) {
  for (const json &settings : {pass_through(), exchange("tokenExchange")}) {
    EXPECT_THAT(ask(settings, FakeRequest(own_image)), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
    EXPECT_THAT(ask(settings, FakeRequest(own_image).token("opaque")),
                StatusIs(Code::bad_request, HasSubstr("not a JWT")));
  }
}

}  // namespace
}  // namespace regcred::test
