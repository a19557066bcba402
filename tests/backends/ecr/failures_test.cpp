// SPDX-License-Identifier: Apache-2.0
// What each refusal of STS and ECR tells the operator, and what a wrong clock does.

#include "backends/ecr/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string json_error(const char *code, const char *message = "quote-me-not TOKEN") {
  return json{{"Error", {{"Code", code}, {"Message", message}, {"Type", "Sender"}}}, {"RequestId", "r"}}.dump();
}

std::string xml_error(const char *code, const char *message = "quote-me-not TOKEN") {
  return std::string(
             "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>") +
         code + "</Code><Message>" + message + "</Message></Error><RequestId>r</RequestId></ErrorResponse>";
}

class StsFault : public EcrTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(StsFault, L1_is_told_without_token_password_or_body) {
  expect_told(GetParam(), settings, image(own_image), sts_url,
              "role \"" + std::string(role) + "\", host \"sts.eu-central-1.amazonaws.com\"");
}

INSTANTIATE_TEST_SUITE_P(
    table, StsFault,
    ::testing::Values(
        Fault{"no_provider",
              400,
              json_error("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://x"),
              {},
              Code::denied,
              {"STS (HTTP 400)", "no IAM OIDC provider"}},
        Fault{"no_provider_in_xml",
              400,
              xml_error("InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://x"),
              {},
              Code::denied,
              {"STS (HTTP 400)", "no IAM OIDC provider"}},
        Fault{"audience",
              400,
              xml_error("InvalidIdentityToken", "Incorrect token audience"),
              {},
              Code::denied,
              {"is not a client id", "sts.amazonaws.com"}},
        Fault{"keys",
              400,
              json_error("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
              {},
              Code::denied,
              {"cannot read the issuer's keys"}},
        Fault{"other_token", 400, json_error("InvalidIdentityToken"), {}, Code::denied, {"the token is not accepted"}},
        Fault{"expired", 400, json_error("ExpiredTokenException"), {}, Code::denied, {"over by AWS's clock"}},
        Fault{"claim", 403, json_error("IDPRejectedClaim"), {}, Code::denied, {"the issuer refuses"}},
        Fault{"trust", 403, json_error("AccessDenied"), {}, Code::denied, {"trust policy", "sub and aud"}},
        Fault{"trust_in_xml", 403, xml_error("AccessDenied"), {}, Code::denied, {"trust policy"}},
        Fault{
            "region", 403, json_error("RegionDisabledException"), {}, Code::bad_config, {"not active in this region"}},
        Fault{"validation", 400, json_error("ValidationError"), {}, Code::bad_config, {"ARN is not accepted"}},
        Fault{"throttled", 400, json_error("Throttling"), {}, Code::throttled, {"too often"}},
        Fault{"throttled_in_xml", 400, xml_error("ThrottlingException"), {}, Code::throttled, {"too often"}},
        Fault{"limit", 400, json_error("RequestLimitExceeded"), {}, Code::throttled, {"too often"}},
        Fault{"s429", 429, "{}", {}, Code::throttled, {"it asks to wait"}},
        Fault{"s509", 509, "", {}, Code::throttled, {"too often"}},
        Fault{"s503", 503, json_error("ServiceUnavailable"), {}, Code::unavailable, {"it is failing"}},
        Fault{"s302", 302, "", {{"Location", "https://evil.example/?TOKEN"}}, Code::bad_upstream, {"\"evil.example\""}},
        Fault{"undocumented", 400, "{}", {}, Code::denied, {"the token is refused"}},
        Fault{"page", 200, "<html>PASSWORD</html>", {}, Code::bad_upstream, {"a web page", "settings.stsEndpoint"}},
        Fault{"no_keys", 200, "{}", {}, Code::bad_upstream, {R"(holds no "AccessKeyId")"}},
        Fault{"half_keys",
              200,
              "<AccessKeyId>A</AccessKeyId><SecretAccessKey>PASSWORD",
              {},
              Code::bad_upstream,
              {R"(holds no "SecretAccessKey")"}}),
    [](const auto &row) { return std::string(row.param.what); });

TEST_F(EcrTest, an_issuer_that_did_not_answer_sts_is_tried_once_more) {
  const std::string gone = json_error("IDPCommunicationError");
  host.expect("POST", sts_url).reply(400, gone);
  expect_sts();
  expect_ecr();
  EXPECT_THAT(ask(settings, image(own_image)), IsOk());
  host.expect("POST", sts_url).reply(400, gone);
  host.expect("POST", sts_url).reply(400, gone);
  EXPECT_THAT(ask(settings, image(own_image)),
              StatusIs(Code::unavailable, HasSubstr("cannot reach the token's issuer")));
}

struct EcrRow {
  int status;
  std::string body;
  HttpHeaders headers;
  Code code;
  const char *word;
};

TEST_F(EcrTest, L1_each_refusal_of_ecr_is_told_apart) {
  const auto error = [](const char *type) { return json{{"__type", type}, {"message", "quote-me-not TOKEN"}}.dump(); };
  for (const EcrRow &row : std::initializer_list<EcrRow>{
           {400, error("AccessDeniedException"), {}, Code::denied, "ecr:GetAuthorizationToken"},
           {400, error("com.amazonaws.ecr#AccessDeniedException"), {}, Code::denied, "ecr:GetAuthorizationToken"},
           {400,
            "{}",
            {{"X-Amzn-ErrorType", "AccessDeniedException:http://internal/"}},
            Code::denied,
            "ecr:GetAuthorizationToken"},
           {400, error("UnrecognizedClientException"), {}, Code::denied, "does not know these keys"},
           {403, error("InvalidClientTokenId"), {}, Code::denied, "does not know these keys"},
           {400, error("ThrottlingException"), {}, Code::throttled, "too often"},
           {400, error("TooManyRequestsException"), {}, Code::throttled, "too often"},
           {400, error("SlowDown"), {}, Code::throttled, "too often"},
           {400, error("InvalidSignatureException"), {}, Code::denied, "the signature is not accepted"},
           {400, error("ExpiredTokenException"), {}, Code::denied, "over by AWS's clock"},
           {500, error("ServerException"), {}, Code::unavailable, "failing"},
           {200, "<html>", {}, Code::bad_upstream, "a web page"},
           {200, "{}", {}, Code::bad_upstream, ".authorizationToken\"; check settings.ecrEndpoint"},
           {200,
            R"({"authorizationData":[]})",
            {},
            Code::bad_upstream,
            ".authorizationToken\"; check settings.ecrEndpoint"},
           {200,
            R"({"authorizationData":"PASSWORD"})",
            {},
            Code::bad_upstream,
            ".authorizationToken\"; check settings.ecrEndpoint"},
           {200, R"({"authorizationData":[{"authorizationToken":7}]})", {}, Code::bad_upstream, "that is not a text"},
           {200,
            R"({"authorizationData":[{"authorizationToken":"UEFTU1dPUkQ="}]})",
            {},
            Code::bad_upstream,
            "base64 of USER:PASSWORD"},
           {200,
            R"({"authorizationData":[{"authorizationToken":"%%"}]})",
            {},
            Code::bad_upstream,
            "base64 of USER:PASSWORD"},
           {200,
            R"({"authorizationData":[{"authorizationToken":"QVdTOg=="}]})",
            {},
            Code::bad_upstream,
            "holds a \"authorizationToken\" that is empty"}}) {
    expect_sts();
    host.expect("POST", ecr_url).reply(row.status, with_canaries(row.body), row.headers);
    const Outcome outcome = ask(settings, image(own_image));
    EXPECT_THAT(outcome, StatusIs(row.code, HasSubstr(row.word))) << row.body;
    EXPECT_THAT(outcome.text, AllOf(HasSubstr("region \"eu-central-1\", host \"api.ecr.eu-central-1.amazonaws.com\""),
                                    Not(HasSubstr("quote-me-not"))));
    expect_quiet(outcome);
  }
}

class EcrClock : public EcrTest {
 protected:
  // This node is an hour ahead of AWS.
  static constexpr const char *theirs = "Sun, 15 Jun 2025 14:06:40 GMT";
  ScriptedCall &expect_refusal(const char *type = "InvalidSignatureException", const char *date = theirs) {
    return host.expect("POST", ecr_url)
        .with_header("X-Amz-Date", "20250615T150640Z")
        .reply(403, json{{"__type", type}, {"message", "Signature not yet current"}}.dump(), {{"Date", date}});
  }
};

TEST_F(EcrClock, M3_a_wrong_clock_is_corrected_once_by_that_of_aws_and_named) {
  for (const char *type : {"InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired",
                           "RequestTimeTooSkewed", "RequestInTheFuture"}) {
    password = "not-a-jwt";
    expect_sts();
    expect_refusal(type);
    host.expect("POST", ecr_url)
        .with_header("X-Amz-Date", "20250615T140640Z")
        .reply(200, json{{"authorizationData", {authorization(1'749'996'400 + 43'200)}}}.dump());
    const Outcome outcome = ask(settings, image(own_image));
    ASSERT_THAT(outcome, IsOk()) << type;
    EXPECT_EQ(outcome.lifetime, std::chrono::seconds(43'200)) << "by the clock of AWS";
  }
  std::string lines;
  for (const FakeHost::LogLine &line : host.log()) lines += line.text + "\n";
  EXPECT_THAT(lines, HasSubstr("this node's clock 3600 s ahead of AWS's"));
}

TEST_F(EcrClock, a_second_refusal_is_the_last_and_names_the_clock) {
  expect_sts();
  expect_refusal();
  host.expect("POST", ecr_url)
      .with_header("X-Amz-Date", "20250615T140640Z")
      .reply(403, R"({"__type":"InvalidSignatureException"})", {{"Date", theirs}});
  EXPECT_THAT(ask(settings, image(own_image)),
              StatusIs(Code::denied, AllOf(HasSubstr("check this node's clock"), HasSubstr("3600 s ahead of AWS's"))));
}

TEST_F(EcrClock, a_signature_that_does_not_fit_is_not_tried_again_while_the_clocks_agree) {
  for (const char *date : {"Sun, 15 Jun 2025 15:06:10 GMT", "today", ""}) {
    expect_sts();
    expect_refusal("InvalidSignatureException", date);
    EXPECT_THAT(ask(settings, image(own_image)), StatusIs(Code::denied, HasSubstr("the signature is not accepted")))
        << date;
  }
  expect_sts();
  expect_refusal("AccessDeniedException");
  EXPECT_THAT(ask(settings, image(own_image)), StatusIs(Code::denied, HasSubstr("ecr:GetAuthorizationToken")));
}

}  // namespace
}  // namespace regcred::test
