// SPDX-License-Identifier: Apache-2.0
#include "backends/exec/fixture.hpp"

namespace regcred::test {
namespace {

using ::testing::HasSubstr;

class ExecKubelet : public Exec {
 protected:
  static nlohmann::json request(const std::string &version = "v1") {
    return {{"kind", "CredentialProviderRequest"},
            {"apiVersion", "credentialprovider.kubelet.k8s.io/" + version},
            {"image", "registry.example.com/team/app"}};
  }
  Outcome answered(const nlohmann::json &document, const std::string &name = "registry.example.com/team/app") {
    host.expect_program(provider).prints(document.dump());
    return ask(kubelet(), app(name));
  }
};

TEST_F(ExecKubelet, L1_hands_the_image_the_token_and_the_annotations_of_the_entry_on) {
  nlohmann::json sent = request();
  sent["serviceAccountToken"] = pod_token;
  sent["serviceAccountAnnotations"] = {{"example.com/role", "puller"}};
  host.expect_program(provider).with_arguments({}).with_json_input(sent).prints(
      answer({{"registry.example.com", login()}}).dump());
  const Outcome outcome = ask(kubelet(), app().annotation("example.com/role", "puller"));
  EXPECT_THAT(outcome, IsOk());
  expect_no_leak(outcome);
}

TEST_F(ExecKubelet, older_versions_have_neither_and_an_entry_that_withholds_the_token_sends_none) {
  nlohmann::json settings = kubelet();
  for (const char *version : {"v1beta1", "v1alpha1"}) {
    settings["apiVersion"] = version;
    nlohmann::json document = answer({{"registry.example.com", login()}});
    document["apiVersion"] = std::string("credentialprovider.kubelet.k8s.io/") + version;
    host.expect_program(provider).with_json_input(request(version)).prints(document.dump());
    EXPECT_THAT(ask(settings, app().annotation("example.com/role", "puller")), IsOk());
  }
  host.expect_program(provider).with_json_input(request()).prints(answer({{"registry.example.com", login()}}).dump());
  EXPECT_THAT(run(backend(), kubelet().dump(), FakeRequest("registry.example.com/team/app"), host), IsOk());
}

TEST_F(ExecKubelet, M3_the_cache_duration_is_the_providers_own_and_has_its_margin) {
  struct Row {
    nlohmann::json written;
    std::optional<std::int64_t> seconds;
  };
  const std::vector<Row> rows = {{"5m0s", 300},
                                 {"0s", 0},
                                 {"0", 0},
                                 {"1h2m3.9s", 3723},
                                 {"90m", 5400},
                                 {"-5m", 0},
                                 {"21.6\xC2\xB5s", 0},
                                 {"1500ms", 1},
                                 {nullptr, std::nullopt},
                                 {".5h", 1800},
                                 {"9000h", 31'536'000},
                                 {"0." + std::string(330, '9') + "s", 1}};
  for (const Row &row : rows) {
    nlohmann::json document = answer({{"registry.example.com", login()}});
    document["cacheDuration"] = row.written;
    const Outcome outcome = answered(document);
    EXPECT_THAT(outcome, IsOk());
    EXPECT_TRUE(outcome.lifetime_has_margin);
    EXPECT_EQ(outcome.lifetime.value_or(std::chrono::seconds(-1)).count(), row.seconds.value_or(-1)) << row.written;
  }
  nlohmann::json without = answer({{"registry.example.com", login()}});
  without.erase("cacheDuration");
  EXPECT_EQ(answered(without).lifetime, std::nullopt);
}

TEST_F(ExecKubelet, the_cache_key_is_the_image_or_at_most_the_registry) {
  for (const auto &[written, scope] : {std::pair("Image", Scope::image), std::pair("Registry", Scope::registry),
                                       std::pair("Global", Scope::registry)}) {
    nlohmann::json document = answer({{"registry.example.com", login()}});
    document["cacheKeyType"] = written;
    EXPECT_EQ(answered(document).scope, scope) << written;
  }
}

TEST_F(ExecKubelet, M2b_keys_for_parts_of_the_registry_keep_the_answer_to_the_image) {
  for (const auto &[key, scope] :
       {std::pair("registry.example.com/team", Scope::image), std::pair("registry.example.com/other", Scope::image),
        std::pair("*.example.com/x", Scope::image), std::pair("other.example.com/x", Scope::registry),
        std::pair("registry.example.com:5000/x", Scope::registry)}) {
    const Outcome outcome = answered(answer({{"registry.example.com", login()}, {key, login("other")}}));
    EXPECT_THAT(outcome, IsOk()) << key;
    EXPECT_EQ(outcome.scope, scope) << key;
  }
}

TEST_F(ExecKubelet, M2_keys_that_match_are_given_for_the_asked_registry) {
  struct Row {
    const char *image;
    std::vector<std::pair<const char *, const char *>> auth;  // key and user
    std::vector<std::pair<const char *, const char *>> given;
  };
  const std::vector<Row> rows = {
      {"registry.example.com/team/app", {{"registry.example.com", "a"}}, {{"registry.example.com", "a"}}},
      {"registry.example.com/team/app", {{"*.example.com", "a"}}, {{"registry.example.com", "a"}}},
      {"registry.example.com/team/app", {{"*.com", "a"}}, {}},
      {"registry.example.com/team/app", {{"reg*.ex*le.com", "a"}}, {{"registry.example.com", "a"}}},
      {"registry.example.com/team/app", {{"other.example.com", "a"}}, {}},
      {"registry.example.com:5000/app", {{"registry.example.com", "a"}}, {}},
      {"registry.example.com:5000/app", {{"*.example.com:5000", "a"}}, {{"registry.example.com:5000", "a"}}},
      {"registry.example.com/team/app", {{"https://registry.example.com/v2/", "a"}}, {{"registry.example.com", "a"}}},
      {"registry.example.com/team/app",
       {{"https://registry.example.com/v1/team", "a"}},
       {{"registry.example.com/team", "a"}}},
      {"registry.example.com/team/app", {{"registry.example.com/te", "a"}}, {{"registry.example.com/team", "a"}}},
      {"registry.example.com/team/app", {{"registry.example.com/team/", "a"}}, {{"registry.example.com/team", "a"}}},
      {"registry.example.com/team/app", {{"registry.example.com/*", "a"}}, {}},
      {"registry.example.com/team/app",
       {{"*.example.com", "a"}, {"registry.example.com", "b"}, {"registry.example.com/team", "c"}, {"x.org", "d"}},
       {{"registry.example.com/team", "c"}, {"registry.example.com", "b"}}},
      {"docker.io/library/nginx", {{"https://index.docker.io/v1/", "a"}}, {{"docker.io", "a"}}},
      {"docker.io/library/nginx", {{"index.docker.io", "a"}, {"docker.io", "b"}}, {{"docker.io", "b"}}},
      {"registry.example.com/team/app", {{"index.docker.io", "a"}}, {}},
  };
  for (const Row &row : rows) {
    nlohmann::json auth = nlohmann::json::object();
    for (const auto &[key, user] : row.auth) auth[key] = login(user);
    const Outcome outcome = answered(answer(auth), row.image);
    if (row.given.empty()) {
      EXPECT_THAT(outcome, StatusIs(Code::no_credentials, HasSubstr("has no credential for image"))) << auth;
      continue;
    }
    EXPECT_THAT(outcome, IsOk()) << auth;
    ASSERT_EQ(outcome.auth.size(), row.given.size()) << auth;
    for (std::size_t i = 0; i < row.given.size(); ++i) {
      EXPECT_EQ(outcome.auth[i].registry, row.given[i].first) << auth;
      EXPECT_EQ(outcome.auth[i].username, row.given[i].second) << auth;
    }
  }
}

TEST_F(ExecKubelet, at_most_sixteen_credentials_are_given_the_longest_first) {
  std::string name = "registry.example.com";
  nlohmann::json auth = {{name, login()}};
  for (int i = 0; i < 20; ++i) auth[name += "/" + std::string(1, static_cast<char>('a' + i))] = login();
  const Outcome outcome = answered(answer(auth), name);
  EXPECT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 16U);
  EXPECT_EQ(outcome.auth[0].registry, name);
}

TEST_F(ExecKubelet, no_auth_is_no_credential) {
  for (const nlohmann::json &auth : {nlohmann::json(nullptr), nlohmann::json::object()}) {
    EXPECT_THAT(answered(answer(auth)), StatusIs(Code::no_credentials, HasSubstr("has no credential")));
  }
}

TEST_F(ExecKubelet, L1_an_answer_that_the_kubelet_would_drop_is_refused_without_a_word_of_it) {
  const nlohmann::json good = answer({{"registry.example.com", login()}});
  const auto with = [&](const char *key, nlohmann::json value) {
    nlohmann::json changed = good;
    changed[key] = std::move(value);
    return changed.dump();
  };
  const auto with_login = [&](nlohmann::json entry) {
    return with("auth", {{"registry.example.com", std::move(entry)}});
  };
  struct Row {
    std::string output;
    const char *words;
  };
  const std::vector<Row> rows = {
      {"", "not one JSON object"},
      {password, "not one JSON object"},
      {good.dump() + good.dump(), "not one JSON object"},
      {good.dump() + "\n" + password, "not one JSON object"},
      {"[" + good.dump() + "]", "not one JSON object"},
      {with("apiVersion", "credentialprovider.kubelet.k8s.io/v1beta1"), "another apiVersion"},
      {with("apiVersion", 1), "another apiVersion"},
      {with("kind", "CredentialProviderRequest"), "another kind"},
      {with("metadata", nlohmann::json::object()), "an unknown member"},
      {with("Auth", nlohmann::json::object()), "an unknown member"},
      {with("cacheKeyType", "image"), "without a valid cacheKeyType"},
      {with("cacheKeyType", nullptr), "without a valid cacheKeyType"},
      {with("cacheDuration", 60), "a wrong cacheDuration"},
      {with("cacheDuration", ""), "a wrong cacheDuration"},
      {with("cacheDuration", "1d"), "a wrong cacheDuration"},
      {with("cacheDuration", "5"), "a wrong cacheDuration"},
      {with("cacheDuration", "1..5s"), "a wrong cacheDuration"},
      {with("cacheDuration", "0." + std::string(400, '0') + ".5s"), "a wrong cacheDuration"},
      {with("cacheDuration", "9999999999h"), "a wrong cacheDuration"},
      {with("auth", nlohmann::json::array()), "a wrong auth"},
      {with_login({{"username", "x"}, {"password", password}, {"token", password}}), "a wrong entry of auth"},
      {with_login({{"username", "x"}, {"password", {password}}}), "a wrong entry of auth"},
      {with_login(password), "a wrong entry of auth"},
      {with_login({{"username", ""}, {"password", password}}), "an empty username or password"},
      {with_login({{"username", "a:b"}, {"password", password}}), "a ':' in the username"},
      {with_login({{"username", "x"}}), "an empty username or password"},
      {R"({"kind":"CredentialProviderResponse","kind":"CredentialProviderResponse",)" + good.dump().substr(1),
       "a key twice"},
  };
  for (const Row &row : rows) {
    host.expect_program(provider).prints(row.output);
    const Outcome outcome = ask(kubelet(), app());
    EXPECT_THAT(outcome, StatusIs(Code::bad_upstream, HasSubstr(row.words))) << row.output;
    expect_no_leak(outcome);
  }
  host.expect_program(provider).prints(good.dump(), 1);
  EXPECT_THAT(ask(kubelet(), app()), StatusIs(Code::unavailable, HasSubstr("failed with exit status 1")));
}

}  // namespace
}  // namespace regcred::test
