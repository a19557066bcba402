// SPDX-License-Identifier: Apache-2.0
// What Quay's backend sends, and what it makes of a good answer.
#include "backends/quay/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Quay, shows_the_token_as_the_robots_password_and_answers_for_the_whole_registry) {
  password = robot_token(3600);
  host.expect("GET", default_url)
      .with_header("Authorization", basic("acme+puller"))
      .with_header("Accept", "application/json")
      .reply(200, token_json(password), {{"Content-Type", "application/json"}});
  const Outcome outcome = ask(default_settings, image());
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, "quay.io");
  EXPECT_EQ(outcome.auth[0].username, "acme+puller");
  EXPECT_EQ(outcome.auth[0].password, password);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(3600));
  EXPECT_EQ(host.calls().at(0).headers.size(), 2U);
  EXPECT_EQ(host.calls().at(0).body, "");
  expect_no_leak(outcome);
}

TEST_F(Quay, M2b_no_part_of_the_path_decides) {
  expect_path_decides_nothing(json::parse(default_settings), "quay.io", "GET", default_url,
                              token_json(robot_token(60)));
}

TEST_F(Quay, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "quay");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_REQUIRED);
  EXPECT_THAT(annotation_keys(backend()), ElementsAre(robot_key));
}

// RFC 4648 pads by length: each remainder of three is sent once.
TEST_F(Quay, every_length_of_robot_and_token_is_encoded_whole) {
  for (const char *robot : {"a+b", "a+bc", "a+bcd"}) {
    FakeHost fake;
    fake.expect("GET", default_url).with_header("Authorization", basic(robot)).reply(200, token_json(robot_token(60)));
    EXPECT_THAT(run(backend(), json{{"robot", robot}}.dump(), image(), fake), IsOk()) << robot;
  }
}

// Where the exchange goes, and as which robot: annotation before setting.
struct Choice {
  json settings;
  const char *image;
  const char *annotation;  // null: none
  const char *url;
  const char *robot;
};

TEST_F(Quay, goes_to_the_right_place_as_the_right_robot) {
  const json rules = {{"allowedRobots", {"acme+ci", "beta+*"}}};
  const json both = {{"robot", "acme+puller"}, {"allowedRobots", {"acme+ci", "beta+*"}}};
  const json own = {{"robot", "acme+puller"}, {"apiHost", "Quay.example.com:8443"}};
  const json alias = {
      {"robot", "a+b"}, {"apiHost", "api.example.com"}, {"registryHosts", {"R.example.com:5000", "quay.io"}}};
  const char *own_url = "https://quay.example.com:8443/oauth2/federation/robot/token";
  const char *alias_url = "https://api.example.com/oauth2/federation/robot/token";
  const std::vector<Choice> table = {
      {both, own_image, nullptr, default_url, "acme+puller"},
      {both, own_image, "", default_url, "acme+puller"},
      {both, own_image, "acme+ci", default_url, "acme+ci"},
      {both, own_image, "beta+any_robot.x-1", default_url, "beta+any_robot.x-1"},
      {both, own_image, "acme+puller", default_url, "acme+puller"},
      {json::parse(default_settings), own_image, "acme+puller", default_url, "acme+puller"},
      {rules, own_image, "acme+ci", default_url, "acme+ci"},
      {own, "quay.example.com:8443/acme/app", nullptr, own_url, "acme+puller"},
      {own, "QUAY.example.com:8443/acme/app", nullptr, own_url, "acme+puller"},
      {alias, "r.example.com:5000/app", nullptr, alias_url, "a+b"},
      {alias, own_image, nullptr, alias_url, "a+b"},
  };
  for (const Choice &row : table) {
    SCOPED_TRACE(row.settings.dump() + (row.annotation == nullptr ? "" : row.annotation));
    FakeHost fake;
    fake.expect("GET", row.url).with_header("Authorization", basic(row.robot)).reply(200, token_json(robot_token(600)));
    FakeRequest request = image(row.image);
    if (row.annotation != nullptr) request.annotation(robot_key, row.annotation);
    const Outcome outcome = run(backend(), row.settings.dump(), request, fake);
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.auth.at(0).registry, request.registry());
    EXPECT_EQ(outcome.auth.at(0).username, row.robot);
  }
}

// M3: the lifetime is what is left until the token's own exp, never guessed; a day at most.
TEST_F(Quay, M3_the_lifetime_follows_exp) {
  for (const std::int64_t left : {-86'400, -1, 0, 1, 59, 3600, 86'400, 10'000'000}) {
    FakeHost fake;
    fake.expect("GET", default_url).reply(200, token_json(robot_token(left)));
    const Outcome outcome = run(backend(), default_settings, image(), fake);
    SCOPED_TRACE(left);
    if (left <= 0) {
      EXPECT_THAT(outcome, StatusIs(Code::bad_upstream, HasSubstr("clock")));
    } else {
      ASSERT_THAT(outcome, IsOk());
      EXPECT_EQ(outcome.lifetime, std::chrono::seconds(std::min<std::int64_t>(left, 86'400)));
    }
  }
}

TEST_F(Quay, M3_without_an_exp_the_lifetime_is_unknown_and_with_an_unreadable_one_nothing_is_kept) {
  const std::vector<std::pair<std::string, std::optional<std::chrono::seconds>>> tokens = {
      {"opaque-token-0123456789", std::nullopt},
      {fake_token(json::object()), std::nullopt},
      {fake_token({{"exp", "soon"}}), std::chrono::seconds(0)},
      {"a.b.c", std::nullopt}};
  for (const auto &[token, lifetime] : tokens) {
    FakeHost fake;
    fake.expect("GET", default_url).reply(200, json{{"token", token}, {"expires_in", 99}}.dump());
    const Outcome outcome = run(backend(), default_settings, image(), fake);
    ASSERT_THAT(outcome, IsOk()) << token;
    EXPECT_EQ(outcome.auth.at(0).password, token);
    EXPECT_EQ(outcome.lifetime, lifetime) << token;
  }
}

}  // namespace
}  // namespace regcred::test
