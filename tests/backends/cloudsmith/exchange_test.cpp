// SPDX-License-Identifier: Apache-2.0
// What Cloudsmith's backend sends, and what it makes of a good answer.
#include "backends/cloudsmith/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Cloudsmith, exchanges_the_token_and_answers_for_the_whole_registry) {
  password = api_token(7200);
  host.expect("POST", default_url)
      .with_header("Content-Type", "application/json")
      .with_header("Accept", "application/json")
      .with_json({{"oidc_token", pod_token}, {"service_slug", "ci-x1"}})
      .reply(201, token_json(password), {{"Content-Type", "application/json"}, {"X-RateLimit-Remaining", "1799"}});
  const Outcome outcome = ask(default_settings, image());
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "docker.cloudsmith.io");
  EXPECT_EQ(outcome.auth[0].username, "token");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(7200));
  EXPECT_EQ(host.calls().at(0).headers.size(), 2U);  // above all no Authorization
  EXPECT_EQ(host.calls().at(0).flags, 0U);
  expect_no_leak(outcome);
}

TEST_F(Cloudsmith, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "cloudsmith");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_REQUIRED);
  EXPECT_THAT(annotation_keys(backend()),
              ElementsAre("cloudsmith.io/service-slug", "cloudsmith.io/org-slug", "cloudsmith.io/api-host"));
}

TEST_F(Cloudsmith, takes_200_and_sends_no_service_slug_when_none_is_set) {
  host.expect("POST", default_url).with_json({{"oidc_token", pod_token}}).reply(200, token_json(api_token(60)));
  EXPECT_THAT(ask(R"({"orgSlug":"acme"})", image()), IsOk());
}

TEST_F(Cloudsmith, sends_configured_headers_and_username) {
  host.expect("POST", default_url).with_header("X-Team", "platform").reply(201, token_json(api_token(60)));
  const Outcome outcome =
      ask(R"({"orgSlug":"acme","username":"acme/images","headers":{"X-Team":"platform"}})", image());
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "acme/images");
}

TEST_F(Cloudsmith, L1_logs_the_lifetime_and_no_hostile_header) {
  host.expect("POST", default_url)
      .reply(201, token_json(api_token(60)), {{"X-RateLimit-Limit", pod_token}, {"X-RateLimit-Reset", "1\x1b[2J"}});
  const Outcome outcome = ask(default_settings, image());
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(host.log().size(), 2U);  // before it: a note on the settings
  EXPECT_EQ(host.log()[1].level, LogLevel::debug);
  EXPECT_EQ(host.log()[1].text, "Cloudsmith gave a credential for 60 s");
}

// Where the exchange goes, and as which service: annotation before setting before image.
struct Choice {
  const char *what;
  const char *settings;
  const char *image;
  std::vector<std::pair<const char *, const char *>> annotations;
  const char *url;
  const char *service;  // null: none is sent
};

void PrintTo(const Choice &choice, std::ostream *out) { *out << choice.what; }

class CloudsmithChoice : public Cloudsmith, public ::testing::WithParamInterface<Choice> {};

TEST_P(CloudsmithChoice, goes_to_the_right_place) {
  const Choice &choice = GetParam();
  json body = {{"oidc_token", pod_token}};
  if (choice.service != nullptr) body["service_slug"] = choice.service;
  host.expect("POST", choice.url).with_json(body).reply(201, token_json(api_token(600)));
  FakeRequest request = image(choice.image);
  for (const auto &[key, value] : choice.annotations) request.annotation(key, value);
  const Outcome outcome = ask(choice.settings, request);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).registry, request.registry());
}

constexpr const char *org = "cloudsmith.io/org-slug";
constexpr const char *service = "cloudsmith.io/service-slug";
constexpr const char *api = "cloudsmith.io/api-host";
constexpr const char *with_hosts =
    R"({"orgSlug":"acme","allowedApiHosts":["api.eu.example.com:8443","*.cs.example.net","*.p.example.net:444"]})";

INSTANTIATE_TEST_SUITE_P(
    table, CloudsmithChoice,
    ::testing::Values(
        Choice{"settings", default_settings, own_image, {}, default_url, "ci-x1"},
        Choice{"service annotation",
               default_settings,
               own_image,
               {{service, "purple-team-sa"}},
               default_url,
               "purple-team-sa"},
        Choice{"service annotation alone", R"({"orgSlug":"acme"})", own_image, {{service, "sa"}}, default_url, "sa"},
        Choice{"org annotation",
               default_settings,
               own_image,
               {{org, "Other_Org-1"}},
               "https://api.cloudsmith.io/openid/Other_Org-1/",
               "ci-x1"},
        Choice{"org annotation before image",
               "{}",
               own_image,
               {{org, "beta"}},
               "https://api.cloudsmith.io/openid/beta/",
               nullptr},
        Choice{"org setting before image",
               R"({"orgSlug":"beta"})",
               own_image,
               {},
               "https://api.cloudsmith.io/openid/beta/",
               nullptr},
        Choice{"org of the image", "{}", own_image, {}, default_url, nullptr},
        Choice{"org of a helm image", "{}", "helm.oci.cloudsmith.io/acme/charts/app", {}, default_url, nullptr},
        Choice{"org on cloudsmith.com", "{}", "docker.cloudsmith.com/acme/app", {}, default_url, nullptr},
        Choice{"org on the bare domain", "{}", "cloudsmith.io/acme/app", {}, default_url, nullptr},
        Choice{"own host with https's port", "{}", "docker.cloudsmith.io:443/acme/app", {}, default_url, nullptr},
        Choice{"empty annotations are not set",
               default_settings,
               own_image,
               {{org, ""}, {service, ""}, {api, ""}},
               default_url,
               "ci-x1"},
        Choice{"foreign annotations are ignored",
               default_settings,
               own_image,
               {{"example.com/org-slug", "../x"}},
               default_url,
               "ci-x1"},
        Choice{"custom domain",
               R"({"orgSlug":"acme","registryHosts":["Docker.example.com"]})",
               "docker.example.com/images/app",
               {},
               default_url,
               nullptr},
        Choice{"custom domain with a port",
               R"({"orgSlug":"acme","registryHosts":["r.example.com:5000"]})",
               "r.example.com:5000/app",
               {},
               default_url,
               nullptr},
        Choice{"custom domain with https's port in the image",
               R"({"orgSlug":"acme","registryHosts":["docker.example.com"]})",
               "docker.example.com:443/images/app",
               {},
               default_url,
               nullptr},
        Choice{"custom domain with https's port in the settings",
               R"({"orgSlug":"acme","registryHosts":["docker.example.com:443"]})",
               "docker.example.com/images/app",
               {},
               default_url,
               nullptr},
        Choice{"custom domain with the org annotated",
               R"({"registryHosts":["r.example.com"]})",
               "r.example.com/app",
               {{org, "acme"}},
               default_url,
               nullptr},
        Choice{"own API host",
               R"({"orgSlug":"acme","apiHost":"API.corp.example:8443"})",
               own_image,
               {},
               "https://api.corp.example:8443/openid/acme/",
               nullptr},
        Choice{"API host with https's port",
               R"({"orgSlug":"acme","apiHost":"api.corp.example:443"})",
               own_image,
               {},
               "https://api.corp.example/openid/acme/",
               nullptr},
        Choice{"annotated API host is the set one",
               default_settings,
               own_image,
               {{api, "api.cloudsmith.io"}},
               default_url,
               "ci-x1"},
        Choice{"annotated API host in capitals",
               default_settings,
               own_image,
               {{api, "API.Cloudsmith.IO"}},
               default_url,
               "ci-x1"},
        Choice{"annotated API host with https's port",
               default_settings,
               own_image,
               {{api, "api.cloudsmith.io:443"}},
               default_url,
               "ci-x1"},
        Choice{"allowed API host",
               with_hosts,
               own_image,
               {{api, "api.eu.example.com:8443"}},
               "https://api.eu.example.com:8443/openid/acme/",
               nullptr},
        Choice{"allowed by its suffix",
               with_hosts,
               own_image,
               {{api, "a.b.cs.example.net"}},
               "https://a.b.cs.example.net/openid/acme/",
               nullptr},
        Choice{"allowed by suffix and port",
               with_hosts,
               own_image,
               {{api, "a.p.example.net:444"}},
               "https://a.p.example.net:444/openid/acme/",
               nullptr}),
    [](const auto &row) {
      std::string name = row.param.what;
      for (char &c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

// M2b: an answer is reused only for what it was made from. An organisation that the image's path named is not that of
// the next image of this host.
struct Origin {
  const char *settings;
  const char *image;
  std::vector<std::pair<const char *, const char *>> annotations;
  Scope scope;
};

TEST_F(Cloudsmith, M2b_an_organisation_out_of_the_path_answers_for_the_image_alone) {
  const std::vector<Origin> rows = {
      {"{}", own_image, {}, Scope::image},
      {"{}", "docker.cloudsmith.io/beta/images/app", {}, Scope::image},
      {"{}", "helm.oci.cloudsmith.io/acme/charts/app", {}, Scope::image},
      {"{}", "docker.cloudsmith.io:443/acme/app", {}, Scope::image},
      {R"({"serviceSlug":"ci-x1"})", own_image, {}, Scope::image},
      {"{}", own_image, {{org, ""}}, Scope::image},
      {"{}", own_image, {{service, "sa"}}, Scope::image},
      {R"({"registryHosts":["docker.example.com"]})", own_image, {}, Scope::image},
      {"{}", own_image, {{org, "acme"}}, Scope::registry},
      {R"({"orgSlug":"acme"})", own_image, {}, Scope::registry},
      {R"({"orgSlug":"beta"})", own_image, {{service, "sa"}}, Scope::registry},
      {R"({"orgSlug":"acme"})", "docker.cloudsmith.io/app", {}, Scope::registry},
      {R"({"orgSlug":"acme","registryHosts":["r.example.com"]})", "r.example.com/app", {}, Scope::registry},
  };
  for (const Origin &row : rows) {
    FakeHost fake;
    FakeRequest request = image(row.image);
    std::string organisation = json::parse(row.settings).value("orgSlug", "");
    for (const auto &[key, value] : row.annotations) {
      request.annotation(key, value);
      if (key == std::string_view(org) && *value != '\0') organisation = value;
    }
    if (organisation.empty())
      organisation = std::string_view(row.image).find("/beta/") != std::string::npos ? "beta" : "acme";
    fake.expect("POST", "https://api.cloudsmith.io/openid/" + organisation + "/")
        .reply(201, token_json(api_token(600)));
    const Outcome outcome = run(backend(), row.settings, request, fake);
    SCOPED_TRACE(std::string(row.settings) + " " + row.image);
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.scope, row.scope);
  }
}

// M3: the lifetime is what is left until the token's own exp, never more, and never guessed.
TEST_F(Cloudsmith, M3_the_lifetime_follows_exp_at_every_clock) {
  for (const std::int64_t now :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{1'750'000'000}, std::int64_t{4'102'444'800}}) {
    for (const std::int64_t left : {-86'400, -1, 0, 1, 59, 4000, 7200, 86'400, 86'401, 10'000'000}) {
      if (now + left < 0) continue;
      FakeHost fake;
      fake.set_unix_now(std::chrono::seconds(now));
      fake.expect("POST", default_url).reply(201, token_json(fake_token({{"exp", now + left}})));
      const Outcome outcome = run(backend(), default_settings, image(), fake);
      SCOPED_TRACE("now " + std::to_string(now) + ", left " + std::to_string(left));
      if (left <= 0) {
        EXPECT_THAT(outcome, StatusIs(Code::bad_upstream, HasSubstr("clock")));
      } else {
        ASSERT_THAT(outcome, IsOk());
        EXPECT_EQ(outcome.lifetime, std::chrono::seconds(std::min<std::int64_t>(left, 86'400)));
      }
    }
  }
}

TEST_F(Cloudsmith, M3_without_an_exp_the_lifetime_is_unknown_and_with_an_unreadable_one_nothing_is_kept) {
  const std::vector<std::pair<std::string, std::optional<std::chrono::seconds>>> tokens = {
      {"opaque-token-0123456789", std::nullopt},
      {fake_token(json::object()), std::nullopt},
      {"a.b.c", std::nullopt},
      {fake_token({{"exp", "soon"}}), std::chrono::seconds(0)},
      {fake_token({{"exp", -1}}), std::chrono::seconds(0)},
      {fake_token({{"exp", 1e300}}), std::chrono::seconds(0)},
      {fake_token({{"exp", nullptr}}), std::chrono::seconds(0)},
      {fake_token({{"exp", json::array()}}), std::chrono::seconds(0)}};
  for (const auto &[token, lifetime] : tokens) {
    FakeHost fake;
    fake.expect("POST", default_url).reply(201, token_json(token));
    const Outcome outcome = run(backend(), default_settings, image(), fake);
    ASSERT_THAT(outcome, IsOk()) << token;
    EXPECT_EQ(outcome.auth.at(0).password, token);
    EXPECT_EQ(outcome.lifetime, lifetime) << token;
  }
}

}  // namespace
}  // namespace regcred::test
