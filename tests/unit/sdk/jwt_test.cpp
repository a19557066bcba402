// SPDX-License-Identifier: Apache-2.0
// Claims of well-formed, odd and hostile tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/jwt.hpp>
#include <regcred/testing/fake_request.hpp>
#include <string>
#include <vector>

namespace regcred {
namespace {

using nlohmann::json;
using test::fake_token;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string token_of(std::string_view payload) { return "e30." + base64url_encode(payload) + ".sig"; }

TEST(Jwt, the_claims_of_a_pod_token_are_read) {
  const auto claims = read_unverified_claims(fake_token(test::pod_claims(1000)));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->issuer, "https://oidc.example.com/cluster-1");
  EXPECT_EQ(claims->subject, "system:serviceaccount:purple-team:builder");
  EXPECT_THAT(claims->audiences, ElementsAre("cloudsmith"));
  EXPECT_TRUE(claims->has_audience("cloudsmith"));
  EXPECT_FALSE(claims->has_audience("cloud"));
  EXPECT_EQ(claims->expires_at, 4540);
  EXPECT_EQ(claims->issued_at, 940);
  EXPECT_EQ(claims->all["nbf"], 940);
}

TEST(Jwt, an_audience_is_a_text_or_a_list) {
  EXPECT_THAT(read_unverified_claims(fake_token({{"aud", "a"}}))->audiences, ElementsAre("a"));
  EXPECT_THAT(read_unverified_claims(fake_token({{"aud", {"a", 1, "b", nullptr}}}))->audiences, ElementsAre("a", "b"));
  EXPECT_THAT(read_unverified_claims(fake_token({{"aud", 7}}))->audiences, IsEmpty());
  EXPECT_THAT(read_unverified_claims(fake_token(json::object()))->audiences, IsEmpty());
}

TEST(Jwt, claims_of_a_wrong_type_are_absent) {
  const auto claims = read_unverified_claims(fake_token({{"iss", 1}, {"sub", {"x"}}, {"exp", "1"}, {"iat", nullptr}}));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->issuer, "");
  EXPECT_EQ(claims->subject, "");
  EXPECT_EQ(claims->expires_at, std::nullopt);
  EXPECT_EQ(claims->issued_at, std::nullopt);
}

TEST(Jwt, exp_is_read_within_reason) {
  const std::vector<std::pair<const char *, std::optional<std::int64_t>>> table = {
      {"0", 0},
      {"1750000000", 1750000000},
      {"1750000000.9", 1750000000},
      {"1.75e9", 1750000000},
      {"253402300799", 253402300799},
      {"253402300800", std::nullopt},
      {"18446744073709551615", std::nullopt},
      {"1e308", std::nullopt},
      {"-1", std::nullopt},
      {"-9223372036854775808", std::nullopt},
      {"true", std::nullopt},
      {"[1]", std::nullopt},
  };
  for (const auto &[text, expected] : table) {
    const auto claims = read_unverified_claims(token_of("{\"exp\":" + std::string(text) + "}"));
    ASSERT_TRUE(claims) << text;
    EXPECT_EQ(claims->expires_at, expected) << text;
  }
}

TEST(Jwt, what_is_no_compact_jws_has_no_claims) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 20'000; ++i) deep += '[';
  const std::string payload = base64url_encode("{}");
  const std::vector<std::string> tokens = {
      "",
      ".",
      "..",
      "...",
      "abc",
      "e30." + payload,
      "e30." + payload + ".s.t",
      "e30." + payload + "=.s",
      "e30." + payload + "\n.s",
      "e30.e+0.s",
      "e30.e/0.s",
      "e30.a.s",
      token_of(""),
      token_of("[]"),
      token_of("null"),
      token_of("{} {}"),
      token_of("{\"a\":1"),
      token_of("{\"a\":\"\xff\"}"),
      token_of(deep),
      token_of("{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}"),
      std::string("e30.") + '\0' + ".s",
      "e30." + std::string(70'000, 'A') + ".s",
  };
  for (const std::string &token : tokens) EXPECT_FALSE(read_unverified_claims(token)) << token.substr(0, 60);
}

TEST(Jwt, issuers_that_only_their_cluster_knows) {
  for (const char *issuer : {"https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local",
                             "https://kubernetes.default.svc:443/x", "https://kubernetes.default.svc.k8s.example.org",
                             "https://oidc.team-a.svc", "https://kubernetes.default", "kubernetes/serviceaccount"}) {
    EXPECT_TRUE(is_cluster_issuer(issuer)) << issuer;
  }
  for (const char *issuer :
       {"", "https://", "https://issuer.example.com", "https://kubernetes.example.com",
        "https://oidc.eks.eu-central-1.amazonaws.com/id/kubernetes.default.svc", "https://10.0.0.1"}) {
    EXPECT_FALSE(is_cluster_issuer(issuer)) << issuer;
  }
}

TEST(Jwt, not_before_is_read) {
  EXPECT_EQ(read_unverified_claims(token_of(R"({"nbf":1700000000})"))->not_before, 1700000000);
  EXPECT_EQ(read_unverified_claims(token_of("{}"))->not_before, std::nullopt);
}

TEST(Jwt, nesting_up_to_the_limit_is_read) {
  EXPECT_TRUE(read_unverified_claims(token_of("{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}")));
}

// Every prefix and every single-byte change of a token is either read or refused, never a crash.
TEST(Jwt, mutated_tokens_do_no_harm) {
  const std::string token = fake_token(test::pod_claims());
  std::size_t read = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    read += read_unverified_claims(token.substr(0, i)).has_value() ? 1U : 0U;
    for (const char c : {'\0', '.', 'A', '~', '\xff'}) {
      std::string changed = token;
      changed[i] = c;
      read += read_unverified_claims(changed).has_value() ? 1U : 0U;
    }
  }
  EXPECT_GT(read, 0U);
  EXPECT_LT(read, token.size() * 6);
}

}  // namespace
}  // namespace regcred
