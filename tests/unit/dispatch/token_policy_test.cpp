// SPDX-License-Identifier: Apache-2.0
#include "dispatch/token_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kubelet/request_reader.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// {"aud":["cloudsmith","other"],"sub":"s"} and {"aud":"https://kubernetes.default.svc"}, unsigned.
constexpr const char *for_cloudsmith =
    "eyJhbGciOiJub25lIn0.eyJhdWQiOlsiY2xvdWRzbWl0aCIsIm90aGVyIl0sInN1YiI6InMifQ.c2ln";
constexpr const char *for_apiserver = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL2t1YmVybmV0ZXMuZGVmYXVsdC5zdmMifQ.c2ln";

RegistryEntry entry(std::optional<TokenUse> use, std::string audience = "") {
  RegistryEntry entry;
  entry.name = "x";
  entry.backend = "y";
  entry.origin = "/etc/regcred/config.yaml:3:5";
  entry.service_account_token = use;
  entry.audience = std::move(audience);
  return entry;
}

Request request(const char *token) { return make_request(ImageReference("reg.io/a"), Secret(token), {}); }

TEST(TokenPolicy, the_entry_rules_over_the_backends_own_declaration) {
  const Request sent = request(for_cloudsmith);
  EXPECT_EQ(*token_for_backend(entry(TokenUse::never), TokenUse::required, request(for_cloudsmith)), "");
  EXPECT_EQ(*token_for_backend(entry({}), TokenUse::never, request(for_cloudsmith)), "");
  EXPECT_EQ(*token_for_backend(entry(TokenUse::required), TokenUse::never, sent), for_cloudsmith);
  EXPECT_EQ(*token_for_backend(entry(TokenUse::optional), TokenUse::required, request("")), "");
}

TEST(TokenPolicy, a_missing_token_names_the_kubelets_configuration) {
  const Status by_the_entry = check_token(entry(TokenUse::required), request(""));
  const auto by_the_backend = token_for_backend(entry({}), TokenUse::required, request(""));
  ASSERT_FALSE(by_the_entry);
  ASSERT_FALSE(by_the_backend);
  for (const Error &error : {by_the_entry.error(), by_the_backend.error()}) {
    EXPECT_EQ(error.code, ErrorCode::config);
    EXPECT_THAT(error.cure, HasSubstr("tokenAttributes"));
  }
  EXPECT_TRUE(check_token(entry({}, "cloudsmith"), request(""))) << "the backend may need none";
}

// With tokenAttributes alone the kubelet would not start.
TEST(TokenPolicy, a_request_of_a_version_without_tokens_is_cured_in_the_right_order) {
  for (const char *version : {"v1beta1", "v1alpha1"}) {
    Request old = request("");
    old.api_version = std::string("credentialprovider.kubelet.k8s.io/") + version;
    const auto missing = token_for_backend(entry({}), TokenUse::required, old);
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().cure, ::testing::StartsWith("set apiVersion: credentialprovider.kubelet.k8s.io/v1, and "
                                                            "then add tokenAttributes"));
  }
}

TEST(TokenPolicy, the_audience_must_be_among_the_tokens) {
  EXPECT_TRUE(check_token(entry({}, "cloudsmith"), request(for_cloudsmith)));
  EXPECT_TRUE(check_token(entry({}, "other"), request(for_cloudsmith)));
  EXPECT_TRUE(check_token(entry(TokenUse::never, "cloudsmith"), request(for_apiserver)));
  const auto result = check_token(entry({}, "cloudsmith"), request(for_apiserver));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::config);
  EXPECT_THAT(result.error().what,
              HasSubstr("for audience \"https://kubernetes.default.svc\", not for \"cloudsmith\""));
  EXPECT_THAT(result.error().cure, HasSubstr("serviceAccountTokenAudience"));
  Request unreadable = request(for_apiserver);
  unreadable.token_claims.reset();
  EXPECT_THAT(check_token(entry({}, "cloudsmith"), unreadable).error().cure, HasSubstr("a token has three parts"));
}

// Google's audiences are long, and differ at the end.
TEST(TokenPolicy, a_long_audience_is_shown_to_its_end) {
  Request sent = request(for_apiserver);
  const std::string pool = "https://iam.googleapis.com/" + std::string(200, 'p');
  sent.token_claims->audiences = {pool + "/a"};
  EXPECT_THAT(check_token(entry({}, pool + "/b"), sent).error().what, HasSubstr(pool + "/a\", not for"));
}

TEST(TokenPolicy, L1_an_unreadable_token_is_not_quoted) {
  const auto result = check_token(entry({}, "cloudsmith"), request("hunter2-hunter2"));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().what + result.error().cure, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace regcred::core
