// SPDX-License-Identifier: Apache-2.0
// Exchanges of several parties in one request: without the pod's token, with answers that are not JSON, with a server
// whose clock is another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/exchange.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using nlohmann::json;
using test::fake_token;
using test::pod_claims;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *sts_url = "https://sts.example.com/";
constexpr Refusal sts_refusals[] = {
    {400, "", Code::throttled, "the account asks too often", "Error.Code", "Throttling"},
    {400, "", Code::denied, "the token is not trusted", "Error.Code", "InvalidIdentityToken"},
};

// <Code>X</Code> alone, as an object.
std::optional<json> read_code(const HttpResponse &response) {
  const std::string_view body = response.body.reveal();
  const std::size_t at = body.find("<Code>");
  const std::size_t end = body.find("</Code>");
  if (at == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  return json{{"Error", {{"Code", body.substr(at + 6, end - at - 6)}}}};
}

TEST(ExchangeParties, without_the_pods_token_no_claim_is_named) {
  test::FakeHost host;
  host.expect("POST", sts_url).reply(403, R"({"error":"access_denied"})");
  Exchange exchange(host.host(), {.name = "STS", .asked = "role \"puller\""});
  const Result<json> answer = exchange.send(post_form(sts_url, {{"a", "1"}}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::denied);
  EXPECT_EQ(answer.error().text,
            "STS (HTTP 403): it is refused; see what this identity may do there; role \"puller\", host "
            "\"sts.example.com\"");
  EXPECT_EQ(Exchange(host.host(), {.name = "STS"}).failed(Code::internal, "nothing").text, "nothing");
  EXPECT_EQ(exchange.refusal(), nullptr);
}

TEST(ExchangeParties, L1_a_password_that_people_wrote_is_refused_with_what_to_do) {
  test::FakeHost host;
  const Exchange exchange(host.host(), {.name = "Vault"});
  const std::string secret = "pa55-word-canary-0123456789";
  for (const auto &[text, words] : {std::pair{secret + "\n", "with a line end or another control character"},
                                    std::pair{secret + "\xff", "or not in UTF-8; write it again without"},
                                    std::pair{std::string(), "that is empty; write it again"}}) {
    const Result<Credentials> made =
        exchange.credentials({{"t", text}}, {.password = "t", .fixed_username = "x", .any_text = true});
    EXPECT_THAT(made, test::StatusIs(Code::bad_upstream, HasSubstr(words)));
    EXPECT_EQ(test::find_leak(secret, made.error().text), std::nullopt);
  }
}

TEST(ExchangeParties, an_answer_that_is_not_json_is_read_by_the_party) {
  test::FakeHost host;
  const Exchange::Party party = {.name = "STS", .refusals = sts_refusals, .read_body = &read_code};
  Exchange exchange(host.host(), party);
  host.expect("POST", sts_url).reply(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>");
  EXPECT_EQ(exchange.send(post_form(sts_url, {})).error().code, Code::throttled);
  EXPECT_EQ(exchange.refusal(), &sts_refusals[0]);
  host.expect("POST", sts_url).reply(200, "<Code>fine</Code>");
  EXPECT_EQ((*exchange.send(post_form(sts_url, {})))["Error"]["Code"], "fine");
  EXPECT_EQ(exchange.refusal(), nullptr);

  // What it cannot read is a web page, or undocumented; and a page stays one, whatever it could read from it.
  host.expect("POST", sts_url).reply(403, "<html><Code>Throttling</Code></html>", {{"Content-Type", "text/html"}});
  const Failure page = exchange.send(post_form(sts_url, {})).error();
  EXPECT_EQ(page.code, Code::bad_upstream);
  EXPECT_THAT(page.text, HasSubstr("a web page (HTTP 403) instead of STS's answer"));
  host.expect("POST", sts_url).reply(200, "<html><body>Log in</body></html>");
  EXPECT_THAT(exchange.send(post_form(sts_url, {})).error().text,
              HasSubstr("a web page (HTTP 200) instead of STS's answer"));
  host.expect("POST", sts_url).reply(200, "so be it");
  EXPECT_THAT(exchange.send(post_form(sts_url, {})).error().text,
              HasSubstr("STS's answer cannot be read; check the proxy"));
  EXPECT_EQ(exchange.refusal(), nullptr);
  EXPECT_THAT(host.problems(), ::testing::IsEmpty());
}

TEST(ExchangeParties, a_server_says_what_time_it_is) {
  test::FakeHost host;
  host.set_unix_now(std::chrono::seconds(1'750'000'000));
  Exchange exchange(host.host(), {.name = "ECR"});
  EXPECT_EQ(exchange.server_time(), std::nullopt);
  host.expect("POST", sts_url).reply(403, "{}", {{"Date", "Sun, 15 Jun 2025 16:06:40 GMT"}});
  EXPECT_FALSE(exchange.send(post_form(sts_url, {})));
  EXPECT_EQ(exchange.server_time(), std::chrono::seconds(1'750'003'600));
  host.expect("POST", sts_url).reply(403, "{}", {{"Date", "today"}});
  EXPECT_FALSE(exchange.send(post_form(sts_url, {})));
  EXPECT_EQ(exchange.server_time(), std::nullopt);

  // A credential of an hour by the server's clock is over by this node's, which is an hour ahead.
  const json answer = {{"password", "s3cret-s3cret"}, {"end", 1'750'000'000}};
  AnswerFields fields = {.password = "password", .fixed_username = "AWS", .expires_at = "end"};
  EXPECT_THAT(exchange.credentials(answer, fields).error().text, HasSubstr("expired 0 s ago"));
  fields.now = std::chrono::seconds(1'749'996'400);
  EXPECT_EQ(exchange.credentials(answer, fields)->lifetime, std::chrono::seconds(3600));
}

TEST(ExchangeParties, one_row_of_refusals_may_stand_for_several_codes) {
  static constexpr Refusal rows[] = {
      {400, "", Code::throttled, "the account asks too often", "Code", "Throttling|SlowDown|TooMany"},
      {400, "", Code::denied, "the keys are wrong", "Code", "UnrecognizedClient"},
  };
  const auto asked = [&](const json &code) {
    test::FakeHost host;
    Exchange exchange(host.host(), {.name = "STS", .refusals = rows});
    json body;
    body["Code"] = code;
    host.expect("POST", sts_url).reply(400, body.dump());
    EXPECT_FALSE(exchange.send(post_form(sts_url, {})));
    return exchange.refusal();
  };
  for (const char *code : {"Throttling", "SlowDown", "TooManyRequestsException", "x.SlowDown"}) {
    EXPECT_EQ(asked(code), &rows[0]) << code;
  }
  for (const char *code : {"Throttl", "SlowDow", "toomany", ""}) EXPECT_EQ(asked(code), nullptr) << code;
  EXPECT_EQ(asked("UnrecognizedClientException"), &rows[1]);
  EXPECT_EQ(asked(7), nullptr);
}

TEST(ExchangeParties, L1_a_secret_for_the_next_call_is_checked_as_a_password_is) {
  test::FakeHost host;
  const Exchange exchange(host.host(), {.name = "STS"});
  const std::string secret = "pa55-word-canary-0123456789";
  const Result<Secret> made = exchange.secret_in({{"keys", {{"id", secret}}}}, "keys.id");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->reveal(), secret);
  for (const auto &[answer, words] : std::initializer_list<std::pair<json, const char *>>{
           {json::object(), "holds no \"keys.id\"; check the proxy"},
           {{{"keys", {{"id", 7}}}}, "holds a \"keys.id\" that is not a text"},
           {{{"keys", {{"id", ""}}}}, "holds a \"keys.id\" that is empty"},
           {{{"keys", {{"id", secret + "\r\nX: y"}}}}, "holds a \"keys.id\" with blanks, control"},
           {{{"keys", {{"id", std::string(65'537, 'x')}}}}, "of more than 64 KiB"}}) {
    const Result<Secret> refused = exchange.secret_in(answer, "keys.id");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::bad_upstream);
    EXPECT_THAT(refused.error().text, HasSubstr(words));
    EXPECT_EQ(test::find_leak(secret, refused.error().text), std::nullopt);
  }
}

TEST(ExchangeParties, a_missing_field_names_the_setting_that_names_it) {
  test::FakeHost host;
  const Exchange exchange(host.host(), {.name = "Vault", .host_setting = "settings.address"});
  AnswerFields fields = {.password = "p",
                         .username = "u",
                         .password_setting = "settings.passwordField",
                         .username_setting = "settings.usernameField"};
  EXPECT_EQ(exchange.credentials(json::object(), fields).error().text,
            "Vault's answer holds no \"p\"; correct settings.passwordField, or check settings.address and the proxy");
  EXPECT_THAT(exchange.credentials({{"p", "x"}}, fields).error().text,
              HasSubstr("holds no \"u\"; correct settings.usernameField, or check"));
  fields.password_setting = {};
  EXPECT_THAT(exchange.credentials(json::object(), fields).error().text, HasSubstr("holds no \"p\"; check settings"));
}

TEST(ExchangeParties, a_call_that_breaks_a_rule_was_not_sent) {
  test::FakeHost host;
  Exchange exchange(host.host(), {.name = "STS"});
  HttpRequest post = post_form(sts_url, {});
  post.headers.emplace_back("Host", "x");
  EXPECT_THAT(exchange.send(std::move(post)).error().text,
              ::testing::StartsWith("STS (not sent): the header host may not be set"));
}

// Whatever the cloud, the host takes it for what it is: its rules for metadata endpoints hold.
TEST(ExchangeParties, a_metadata_service_is_asked_by_one_header_and_for_a_second) {
  struct Row {
    const char *url, *header, *value;
  };
  for (const Row &row : {Row{"http://169.254.169.254/computeMetadata/v1/", "Metadata-Flavor", "Google"},
                         Row{"http://169.254.169.254/metadata/identity?x=y", "Metadata", "true"},
                         Row{"http://[fd00:ec2::254]/latest/", "X-aws-ec2-metadata-token", "t"},
                         Row{"http://169.254.170.23/v1/credentials", "Authorization", "t.o.k"}}) {
    test::FakeHost host;
    Exchange exchange(host.host(), {.name = "the metadata service"});
    host.expect("GET", row.url).with_header(row.header, row.value).reply(200, "{}");
    EXPECT_TRUE(exchange.send(metadata_request(row.url, row.header, row.value)));
    const test::RecordedCall &call = host.calls().at(0);
    EXPECT_EQ(call.headers.size(), 1U);
    EXPECT_EQ(call.body, "");
    EXPECT_EQ(call.flags, REGCRED_HTTP_METADATA);
    EXPECT_EQ(call.timeout, std::chrono::seconds(1));
    EXPECT_THAT(host.problems(), ::testing::IsEmpty());
  }
  test::FakeHost host;
  Exchange exchange(host.host(), {.name = "the metadata service"});
  const Result<json> refused = exchange.send(metadata_request("http://a.example/", "Metadata", "true"));
  EXPECT_EQ(refused.error().code, Code::bad_request);
}

TEST(ExchangeParties, a_request_may_end_before_the_hosts_own_limit) {
  test::FakeHost host;
  Exchange exchange(host.host(), {.name = "the metadata service"});
  const std::string metadata = "http://metadata.google.internal./computeMetadata/v1/";
  const auto request = [&] {
    return HttpRequest{.url = metadata, .metadata_endpoint = true, .timeout = std::chrono::seconds(1)};
  };
  host.expect("GET", metadata).takes(std::chrono::seconds(2));
  const Result<json> answer = exchange.send(request());
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_EQ(host.calls().front().timeout, std::chrono::seconds(1));
  host.expect("GET", metadata).takes(std::chrono::milliseconds(900)).reply(200, "{}");
  EXPECT_TRUE(exchange.send(request()));
}

TEST(HttpTimeout, none_and_too_much_are_what_the_abi_says) {
  EXPECT_EQ(detail::timeout_ms(std::nullopt), 0U);
  EXPECT_EQ(detail::timeout_ms(std::chrono::milliseconds(-5)), 1U);
  EXPECT_EQ(detail::timeout_ms(std::chrono::seconds(1)), 1000U);
  EXPECT_EQ(detail::timeout_ms(std::chrono::hours(24 * 365)), UINT32_MAX);
}

}  // namespace
}  // namespace regcred
