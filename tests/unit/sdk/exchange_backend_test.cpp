// SPDX-License-Identifier: Apache-2.0
// A whole backend written with exchange.hpp, as an author out of tree would write it, and one conversation with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/exchange.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace acme {
namespace {

using namespace regcred;

class Acme final : public Backend {
 public:
  static constexpr BackendInfo info{.name = "acme", .version = "1.0.0", .settings_schema = "{}"};

  static Result<std::unique_ptr<Acme>> create(Host host, Settings &settings) {
    Result<std::optional<std::string>> api_host = read_host(settings, "apiHost");
    if (!api_host) return tl::make_unexpected(std::move(api_host.error()));
    return std::make_unique<Acme>(host, api_host->value_or("api.acme.example"), settings.text("team").value_or("all"));
  }

  Acme(Host host, std::string api_host, std::string team)
      : host_(host), api_host_(std::move(api_host)), team_(std::move(team)) {}

  Result<Credentials> get_credentials(const Request &request) override {
    const Result<PodToken> token = pod_token(request);
    if (!token) return tl::make_unexpected(token.error());
    Exchange exchange(host_, *token, {.name = "Acme", .asked = "team " + shown(team_)});
    const Result<nlohmann::json> answer =
        exchange.send(post_json("https://" + api_host_ + "/oidc", {{"jwt", token->text}, {"team", team_}}));
    if (!answer) return tl::make_unexpected(answer.error());
    return exchange.credentials(*answer, {.fixed_username = "token", .scope = Scope::registry});
  }

 private:
  Host host_;
  std::string api_host_;
  std::string team_;
};

}  // namespace
}  // namespace acme

namespace regcred::test {
namespace {

TEST(ExchangeBackend, one_post_is_a_whole_backend) {
  const regcred_backend_v1 &backend = *backend_table<acme::Acme>();
  const std::string token = fake_token(pod_claims());
  const FakeRequest request = FakeRequest("r.acme.example/app").token(token);
  FakeHost good;
  good.expect("POST", "https://api.acme.example/oidc")
      .with_json({{"jwt", token}, {"team", "purple"}})
      .reply(200, R"({"access_token":"s3cret-s3cret","expires_in":600})");
  const Outcome outcome = run(backend, R"({"team":"purple"})", request, good);
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "token");
  EXPECT_EQ(outcome.auth.at(0).password, "s3cret-s3cret");
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(600));

  FakeHost bad;
  bad.expect("POST", "https://eu.acme.example/oidc").reply(403);
  EXPECT_THAT(run(backend, R"({"apiHost":"EU.acme.example"})", request, bad),
              StatusIs(Code::denied, ::testing::HasSubstr("; team \"all\", host \"eu.acme.example\"")));
}

}  // namespace
}  // namespace regcred::test
