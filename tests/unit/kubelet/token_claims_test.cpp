// SPDX-License-Identifier: Apache-2.0
#include "kubelet/token_claims.hpp"

#include <gtest/gtest.h>

#include <regcred/testing/fake_request.hpp>

namespace regcred::core {
namespace {

std::string account_of(const std::string &token) {
  const std::optional<TokenClaims> claims = read_token_claims(token);
  return claims ? claims->service_account : "";
}

TEST(ServiceAccount, comes_from_the_claims_or_is_not_known) {
  const std::pair<std::string, std::string> table[] = {
      {R"({"kubernetes.io":{"namespace":"team-a","serviceaccount":{"name":"puller","uid":"1"}}})", "team-a/puller"},
      {R"({"sub":"system:serviceaccount:team-b:default"})", "team-b/default"},
      {R"({"sub":"system:serviceaccount:b:x","kubernetes.io":{"namespace":"a","serviceaccount":{"name":"y"}}})", "a/y"},
      {R"({"sub":"system:serviceaccount:b:x","kubernetes.io":{"namespace":"a"}})", "b/x"},
      {R"({"sub":"system:serviceaccount:b:x","kubernetes.io":[]})", "b/x"},
      {R"({"sub":"system:serviceaccount:b:x","kubernetes.io":{"namespace":1,"serviceaccount":{"name":2}}})", "b/x"},
      {R"({"sub":"system:serviceaccount:b"})", ""},
      {R"({"sub":"system:serviceaccount:b:x:y"})", ""},
      {R"({"sub":"repo:acme/app"})", ""},
      {R"({"sub":["system:serviceaccount:b:x"]})", ""},
      {"{}", ""},
      {"[]", ""},
  };
  for (const auto &[claims, account] : table)
    EXPECT_EQ(account_of(test::fake_token(nlohmann::json::parse(claims))), account) << claims;
  for (const std::string token : {"", "x", "a.b.c", "..", "not a token"}) EXPECT_FALSE(read_token_claims(token));
}

TEST(ServiceAccount, C1_what_tells_one_from_another_is_read) {
  const std::optional<TokenClaims> claims = read_token_claims(test::fake_token(nlohmann::json::parse(
      R"({"iss":"https://issuer","exp":1800000600,"nbf":1800000000,"aud":["one","two"],
          "kubernetes.io":{"namespace":"team-a","serviceaccount":{"name":"puller","uid":"uid-1"}}})")));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->issuer, "https://issuer");
  EXPECT_EQ(claims->service_account_uid, "uid-1");
  EXPECT_EQ(claims->expires_at, 1800000600);
  EXPECT_EQ(claims->not_before, 1800000000);
  const std::optional<TokenClaims> none =
      read_token_claims(test::fake_token(nlohmann::json::parse(R"({"sub":"system:serviceaccount:b:x","exp":"soon"})")));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->service_account_uid, "");
  EXPECT_EQ(none->expires_at, std::nullopt);
}

TEST(Pod, comes_from_the_bound_claim_whole_or_not_at_all) {
  const auto pod_of = [](const std::string &kubernetes) {
    const std::string claims = R"({"kubernetes.io":)" + kubernetes + "}";
    const PodName pod = read_token_claims(test::fake_token(nlohmann::json::parse(claims)))->pod;
    EXPECT_EQ(pod.is_known(), !pod.name.empty());
    return pod.name_space + '/' + pod.name + '/' + pod.uid;
  };
  EXPECT_EQ(pod_of(R"({"namespace":"team-a","pod":{"name":"app-0","uid":"6d9f6b60-3c44"}})"),
            "team-a/app-0/6d9f6b60-3c44");
  for (const std::string damaged :
       {"{}", "[]", R"({"namespace":"team-a"})", R"({"namespace":"team-a","pod":[]})",
        R"({"namespace":"team-a","pod":{"name":"app-0"}})", R"({"pod":{"name":"app-0","uid":"1"}})",
        R"({"namespace":"a/b","pod":{"name":"app-0","uid":"1"}})",
        R"({"namespace":"a","pod":{"name":"../x","uid":"1"}})", R"({"namespace":"a","pod":{"name":"b","uid":"1\n2"}})",
        R"({"namespace":"a","pod":{"name":1,"uid":"1"}})"}) {
    EXPECT_EQ(pod_of(damaged), "//") << damaged;
  }
}

}  // namespace
}  // namespace regcred::core
