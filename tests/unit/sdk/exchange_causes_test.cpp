// SPDX-License-Identifier: Apache-2.0
// What is wrong with the pod's token is the cause of a denial, whatever the registry calls it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/exchange.hpp>
#include <regcred/jwt.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using nlohmann::json;
using test::fake_token;
using test::FakeHost;
using test::pod_claims;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ExchangeCauses : public ::testing::Test {
 protected:
  Result<json> send() {
    Exchange exchange(host.host(), {token, *read_unverified_claims(token)}, {.name = "Acme"});
    return exchange.send(post_json(url, {{"jwt", token}}));
  }

  static constexpr const char *url = "https://api.acme.example/oidc";
  FakeHost host;
  std::string token = fake_token(pod_claims());
};

TEST_F(ExchangeCauses, a_pod_token_that_is_not_valid_yet_is_the_cause_of_a_denial) {
  json claims = pod_claims();
  claims["nbf"] = host.unix_now().count() + 3600;
  token = fake_token(claims);
  host.expect("POST", url).reply(403);
  EXPECT_THAT(send(), StatusIs(Code::denied, HasSubstr("the pod's token is not valid yet, for 3600 s more")));
  host.expect("POST", url).reply(503);
  EXPECT_THAT(send(), StatusIs(Code::unavailable, Not(HasSubstr("valid yet"))));
}

TEST_F(ExchangeCauses, an_issuer_that_only_the_cluster_knows_is_the_cause_of_a_denial) {
  json claims = pod_claims();
  claims["iss"] = "https://kubernetes.default.svc.cluster.local";
  token = fake_token(claims);
  for (const int status : {400, 401, 403}) {
    host.expect("POST", url).reply(status);
    const Result<json> answer = send();
    if (code_of_status(status) != Code::denied) continue;
    EXPECT_THAT(answer,
                StatusIs(Code::denied, AllOf(HasSubstr("known inside the cluster only"),
                                             HasSubstr("--service-account-issuer"), HasSubstr("cluster.local"))));
  }
  host.expect("POST", url).reply(503);
  EXPECT_THAT(send(), StatusIs(Code::unavailable, Not(HasSubstr("inside the cluster"))));
}

}  // namespace
}  // namespace regcred
