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

}  // namespace
}  // namespace regcred::core
