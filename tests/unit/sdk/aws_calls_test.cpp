// SPDX-License-Identifier: Apache-2.0
// What a backend of another service than ECR does with aws.hpp: keys, a signed call, its own words for refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/aws.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred::aws {
namespace {

using nlohmann::json;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto own_refusals = refusals_after({
    by_code("ResourceNotFound", Code::denied, "no such domain; create it"),
    by_code(signature_codes, Code::denied, "sign better; see settings.api"),
});

class AwsCalls : public ::testing::Test {
 protected:
  static constexpr const char *sts_url = "https://sts.eu-central-1.amazonaws.com/";
  static constexpr const char *url =
      "https://codeartifact.eu-central-1.amazonaws.com/v1/authorization-token?domain=acme";
  static constexpr const char *role = "arn:aws:iam::123456789012:role/puller";
  // This node is an hour ahead of AWS.
  static constexpr const char *theirs = "Sun, 15 Jun 2025 14:06:40 GMT";
  static constexpr const char *stamp = "20250615T150640Z";
  static constexpr const char *their_stamp = "20250615T140640Z";

  [[nodiscard]] PodToken pod() const { return {token, *read_unverified_claims(token)}; }

  Result<SignedAnswer> call(Exchange::Party party = {.name = "CodeArtifact"}) {
    const HttpRequest request{.method = "POST", .url = url, .headers = {}, .body = Secret("body")};
    const Keys keys{"ASIAKEYIDOFATEST", Secret("secret/Key+0123456789"), Secret("session-token-0123456789")};
    return send_signed(host.host(), pod(), std::move(party), request, keys, {"eu-central-1", "codeartifact"});
  }
  test::ScriptedCall &expect_call(const char *at) { return host.expect("POST", url).with_header("X-Amz-Date", at); }
  test::ScriptedCall &expect_refused(const char *code, const char *at = stamp, const char *date = theirs) {
    return expect_call(at).reply(403, R"({"message":"quote-me-not"})", {{"x-amzn-ErrorType", code}, {"Date", date}});
  }

  test::FakeHost host;
  std::string token = test::fake_token(test::pod_claims());
};

TEST_F(AwsCalls, the_pods_token_becomes_keys_that_sign_a_call) {
  const std::optional<Region> region = region_named("eu-central-1");
  host.expect("POST", sts_url)
      .with_form({{"Action", "AssumeRoleWithWebIdentity"},
                  {"Version", "2011-06-15"},
                  {"RoleArn", role},
                  {"RoleSessionName", "regcred-purple-team-builder"},
                  {"WebIdentityToken", token},
                  {"DurationSeconds", "900"}})
      .reply(200,
             "<AccessKeyId>ID</AccessKeyId><SecretAccessKey>KEY</SecretAccessKey><SessionToken>SESSION-1"
             "</SessionToken>");
  const Result<Keys> keys =
      keys_of_role(host.host(), pod(), {.sts_url = "https://" + service_host(*region, "sts"), .arn = role});
  ASSERT_TRUE(keys) << keys.error().text;

  host.expect("POST", "https://secretsmanager.eu-central-1.amazonaws.com/")
      .with_header("Content-Type", "application/x-amz-json-1.1")
      .with_header("X-Amz-Target", "secretsmanager.GetSecretValue")
      .with_header("X-Amz-Security-Token", "SESSION-1")
      .with_json({{"SecretId", "pull"}})
      .reply(200, R"({"SecretString":"pa55word"})");
  const HttpRequest request = json_request("https://" + service_host(*region, "secretsmanager") + "/",
                                           "secretsmanager.GetSecretValue", R"({"SecretId":"pull"})");
  const Result<SignedAnswer> answer = send_signed(host.host(), pod(), {.name = "Secrets Manager"}, request, *keys,
                                                  {.region = region->name, .service = "secretsmanager"});
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->server_time, std::nullopt);
  const Result<Credentials> made =
      answer->exchange.credentials(answer->object, {.password = "SecretString", .fixed_username = "puller"});
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(made->password.reveal(), "pa55word");
  EXPECT_THAT(host.problems(), SizeIs(0));
  for (const auto &[name, value] : host.calls().at(1).headers) EXPECT_THAT(value, Not(HasSubstr(token))) << name;
}

TEST_F(AwsCalls, a_role_without_a_setting_or_words_of_its_own_has_the_general_ones) {
  host.expect("POST", sts_url).reply(400, R"({"Error":{"Code":"ValidationError","Message":"quote-me-not"}})");
  EXPECT_THAT(keys_of_role(host.host(), pod(), {.sts_url = "https://sts.eu-central-1.amazonaws.com", .arn = role}),
              StatusIs(Code::bad_config, AllOf(HasSubstr("the setting or the annotation that names the role"),
                                               HasSubstr(role), Not(HasSubstr("quote-me-not")))));
}

TEST_F(AwsCalls, a_wrong_clock_is_corrected_once_and_named) {
  expect_refused("InvalidSignatureException");
  expect_call(their_stamp).reply(200, R"({"authorizationToken":"t0ken"})");
  const Result<SignedAnswer> answer = call();
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->server_time, std::chrono::seconds(1'749'996'400)) << "for AnswerFields::now";
  ASSERT_THAT(host.log(), SizeIs(1));
  EXPECT_EQ(host.log()[0].level, LogLevel::warn);
  EXPECT_THAT(host.log()[0].text, HasSubstr("this node's clock 3600 s ahead of AWS's"));
  EXPECT_EQ(host.calls().at(0).body, host.calls().at(1).body) << "the same request";
  EXPECT_EQ(host.calls().at(0).body, "body");

  expect_refused("RequestExpired");
  expect_refused("RequestExpired", their_stamp);
  EXPECT_THAT(call(), StatusIs(Code::denied, AllOf(HasSubstr("the signature is not accepted"),
                                                   HasSubstr("; this node's clock 3600 s ahead of AWS's, host"))));
  EXPECT_THAT(host.problems(), SizeIs(0));
}

TEST_F(AwsCalls, a_clock_behind_is_named_so) {
  expect_refused("InvalidSignatureException", stamp, "Sun, 15 Jun 2025 16:06:40 GMT");
  expect_call("20250615T160640Z").reply(500, "");
  EXPECT_THAT(call({.name = "CodeArtifact", .asked = "domain \"acme\""}),
              StatusIs(Code::unavailable, HasSubstr("domain \"acme\", this node's clock 3600 s behind AWS's")));
}

TEST_F(AwsCalls, nothing_else_is_sent_twice) {
  expect_refused("InvalidSignatureException", stamp, "Sun, 15 Jun 2025 15:06:10 GMT");
  EXPECT_THAT(call(), StatusIs(Code::denied, HasSubstr("the signature is not accepted")));
  expect_refused("AccessDeniedException");
  EXPECT_THAT(call(), StatusIs(Code::denied, HasSubstr("allow it in the policies of its role")));
  expect_refused("ThrottlingException");
  EXPECT_THAT(call(), StatusIs(Code::throttled, HasSubstr("asks too often")));
  EXPECT_THAT(host.problems(), SizeIs(0));
  EXPECT_THAT(host.log(), SizeIs(0));
}

TEST_F(AwsCalls, own_words_take_the_place_of_the_general_ones) {
  const Exchange::Party party{.name = "CodeArtifact", .refusals = own_refusals};
  expect_call(stamp).reply(400, R"({"__type":"ResourceNotFoundException"})");
  EXPECT_THAT(call(party), StatusIs(Code::denied, HasSubstr("no such domain; create it")));
  expect_call(stamp).reply(400, R"({"__type":"UnrecognizedClientException"})");
  EXPECT_THAT(call(party), StatusIs(Code::denied, HasSubstr("does not know these keys"))) << "the general ones follow";
  expect_refused("SignatureDoesNotMatch");
  expect_refused("SignatureDoesNotMatch", their_stamp);
  EXPECT_THAT(call(party), StatusIs(Code::denied, HasSubstr("sign better; see settings.api")))
      << "and is known as such";
  EXPECT_EQ(own_refusals.size(), refusals().size() + 2);
  EXPECT_THAT(host.problems(), SizeIs(0));
}

TEST_F(AwsCalls, a_host_without_crypto_sends_nothing) {
  host.withhold(REGCRED_SERVICE_CRYPTO);
  EXPECT_THAT(call(), StatusIs(Code::internal, HasSubstr(REGCRED_SERVICE_CRYPTO)));
  EXPECT_THAT(host.calls(), SizeIs(0));
}

TEST_F(AwsCalls, the_node_signs_without_the_pods_token) {
  HttpRequest request;
  request.url = "https://a1.execute-api.eu-central-1.amazonaws.com/prod/token";
  host.expect("GET", request.url).reply(403, R"({"message":"no"})", {{"x-amzn-ErrorType", "AccessDeniedException"}});
  const Result<SignedAnswer> answer = send_signed(host.host(), std::nullopt, {.name = "Acme"}, request,
                                                  {"AKID", Secret("secret"), {}}, {"eu-central-1", "execute-api"});
  EXPECT_THAT(answer, StatusIs(Code::denied, Not(HasSubstr("token's issuer"))));
}

TEST(AwsAnswers, JSON_and_XML_become_one_object) {
  const auto read = [](const char *body, HttpHeaders headers = {}) {
    HttpResponse response;
    response.headers = std::move(headers);
    response.body = Secret(body);
    return read_answer(response);
  };
  EXPECT_EQ(read(R"({"Error":{"Code":"X","Message":"m"},"RequestId":"r"})"), (json{{"Code", "X"}, {"Message", "m"}}));
  EXPECT_EQ(read("<Error><Code>X</Code><Message>m</Message><Other>o</Other></Error>"),
            (json{{"Code", "X"}, {"Message", "m"}}));
  EXPECT_EQ(read(R"({"__type":"a#X"})")->at("Code"), "a#X");
  EXPECT_EQ(read("{}", {{"x-amzn-errortype", "X:http://internal/"}})->at("Code"), "X:http://internal/");
  EXPECT_EQ(
      read(R"({"AssumeRoleWithWebIdentityResponse":{"AssumeRoleWithWebIdentityResult":{"Credentials":{"a":1}}}})"),
      (json{{"a", 1}}));
  for (const char *neither : {"", "x", "[]", "<Code></Code>", "<Code>X", "</Code>X<Code>"}) {
    EXPECT_EQ(read(neither), std::nullopt) << neither;
  }
}

}  // namespace
}  // namespace regcred::aws
