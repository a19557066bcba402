// SPDX-License-Identifier: Apache-2.0
// The test tools themselves: a fake that overlooks a mistake would make every backend's test worthless.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/jwt.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

HttpRequest request_to(std::string url, std::string body = {}) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.body = Secret(body);
  return request;
}

TEST(FakeHost, a_conversation_as_written_has_no_problems) {
  FakeHost host;
  host.expect("POST", "https://a.example/1").with_json({{"k", 1}}).reply(200, "one");
  host.expect("POST", "https://a.example/2").reply(500, "two");
  EXPECT_EQ(Http(host.host()).send(request_to("https://a.example/1", R"( {"k": 1} )"))->body.reveal(), "one");
  EXPECT_EQ(Http(host.host()).send(request_to("https://a.example/2"))->status, 500);
  EXPECT_THAT(host.problems(), IsEmpty());
}

TEST(FakeHost, every_difference_from_the_script_is_a_problem) {
  FakeHost host;
  host.expect("PUT", "https://a.example/1").with_header("X", "1").with_json({{"k", 1}});
  host.expect("GET", "https://a.example/never");
  (void)Http(host.host()).send(request_to("https://a.example/2", "not json"));
  EXPECT_THAT(host.problems(), ElementsAre(HasSubstr("method"), HasSubstr("URL"), HasSubstr("header X"),
                                           HasSubstr("body"), HasSubstr("never came: GET https://a.example/never")));
}

// Whether a form with this body is what with_form({{a, 1}, {a, 2}, {b, "x y+"}}) expects.
bool is_expected_form(const std::string &body) {
  FakeHost host;
  host.expect("POST", "https://a.example/").with_form({{"a", "2"}, {"a", "1"}, {"b", "x y+"}});
  (void)Http(host.host()).send(request_to("https://a.example/", body));
  return host.problems().empty();
}

TEST(FakeHost, a_form_is_compared_by_its_fields_in_any_order) {
  for (const char *body : {"a=1&a=2&b=x%20y%2B", "b=x+y%2B&a=2&a=1", "%61=1&a=%32&b=%78%20y%2B"}) {
    EXPECT_TRUE(is_expected_form(body)) << body;
  }
  for (const char *body : {"", "a=1&b=x%20y%2B", "a=1&a=2&b=x%20y%2B&c=3", "a=1&a=2&a=2&b=x%20y%2B", "a=1&a=2&b=x y%2B",
                           "a=1&a=2&b=x%20y+", "a=1&a=2&b=x%20y%2", "a=1&a=2&b=x%20y%2b", "a=1&a=2&b", "{\"a\":1}",
                           "a=1&a=2&b=x%20y%2B&", "a=1&&a=2&b=x%20y%2B"}) {
    EXPECT_FALSE(is_expected_form(body)) << body;
  }
  FakeHost host;
  host.expect("POST", "https://a.example/").with_form({{"a", "&"}});
  (void)Http(host.host()).send(request_to("https://a.example/", "a=b"));
  EXPECT_THAT(host.problems(), ElementsAre("form: expected a=%26, got a=b"));
}

TEST(FakeHost, an_unexpected_call_fails_and_is_a_problem) {
  FakeHost host;
  EXPECT_THAT(Http(host.host()).send(request_to("https://a.example/")),
              StatusIs(Code::unavailable, HasSubstr("expects no")));
  EXPECT_THAT(host.problems(), ElementsAre(HasSubstr("unexpected call: POST https://a.example/")));
}

// The real host's rules hold in tests, too.
TEST(FakeHost, requests_that_the_host_would_refuse_are_refused) {
  for (const char *url :
       {"http://a.example/", "ftp://a.example/", "a.example", "", "https://", "https:///x", "https://u@a.example/",
        "https://u:p@a.example", "https://a.example/#f", "https://a.example/a b", "https://a.example/\r\nX: 1",
        "https://a.example\\b/", "https://ä.example/", "https://a.example:0/", "https://a_b.example/"}) {
    FakeHost host;
    host.expect("POST", url);
    EXPECT_THAT(Http(host.host()).send(request_to(url)), StatusIs(Code::bad_request, ::testing::_)) << url;
    EXPECT_THAT(host.problems(), Not(IsEmpty())) << url;
  }
  const std::vector<std::pair<std::string, std::string>> headers = {{"X", "a\r\nb"},
                                                                    {"X\n", "a"},
                                                                    {"", "a"},
                                                                    {"X: y", "a"},
                                                                    {"X", std::string("a\0b", 3)},
                                                                    {"Host", "b.example"},
                                                                    {"Content-Length", "1"},
                                                                    {"Proxy-Authorization", "a"}};
  for (const auto &header : headers) {
    FakeHost host;
    HttpRequest request = request_to("https://a.example/");
    request.headers.push_back(header);
    EXPECT_THAT(Http(host.host()).send(request), StatusIs(Code::bad_request, ::testing::_));
  }
  FakeHost host;
  HttpRequest request = request_to("https://a.example/");
  request.method = "DELETE";
  EXPECT_THAT(Http(host.host()).send(request), FailsWith(Code::bad_request, HasSubstr("method")));
  request.method = "GET";
  request.body = Secret("x");
  EXPECT_THAT(Http(host.host()).send(request), FailsWith(Code::bad_request, HasSubstr("GET with a body")));
}

TEST(FakeHost, a_call_takes_time_off_the_deadline_and_beyond_it_is_a_timeout) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  FakeHost host;
  host.set_remaining(seconds(5));
  host.expect("POST", "https://a.example/").takes(milliseconds(2'500)).reply(200);
  host.expect("POST", "https://a.example/").takes(milliseconds(2'500)).reply(200);
  host.expect("POST", "https://a.example/").reply(200);
  EXPECT_THAT(Http(host.host()).send(request_to("https://a.example/")), IsOk());
  EXPECT_EQ(host.host().clock().remaining(), milliseconds(2'500));
  EXPECT_EQ(host.host().clock().unix_now(), host.unix_now() + seconds(2));
  EXPECT_THAT(Http(host.host()).send(request_to("https://a.example/")), FailsWith(Code::timeout));
  EXPECT_THAT(Http(host.host()).send(request_to("https://a.example/")), FailsWith(Code::timeout, HasSubstr("no time")));
  EXPECT_EQ(host.host().clock().remaining(), milliseconds(0));
  EXPECT_THAT(host.problems(), IsEmpty());
}

TEST(FakeHost, plain_http_is_for_metadata_endpoints_alone) {
  FakeHost host;
  host.expect("POST", "http://169.254.169.254/latest");
  HttpRequest request = request_to("http://169.254.169.254/latest");
  request.metadata_endpoint = true;
  EXPECT_THAT(Http(host.host()).send(request), IsOk());
}

// A backend in bare C terms that breaks the rules of abi.h in ways that the SDK would not let it.
std::int32_t bad_create(const regcred_host_v1 *, regcred_slice, const regcred_sink_v1 *, void **instance) {
  static int something = 0;
  *instance = &something;
  return REGCRED_OK;
}

std::int32_t bad_get(void *, const regcred_request_v1 *request, const regcred_sink_v1 *sink) {
  using regcred::detail::to_slice;
  const std::string text = "line\nline" + std::string(600, 'x');
  sink->add_auth(sink->context, request->registry, to_slice("u"), to_slice("p"));
  sink->set_cache(sink->context, 7, -9);
  sink->fail(sink->context, REGCRED_DENIED, -1, to_slice(text));
  return 42;
}

TEST(Run, broken_rules_of_the_abi_are_problems) {
  regcred_backend_v1 table{};
  table.create = &bad_create;
  table.get_credentials = &bad_get;
  table.destroy = [](void *) {};
  FakeHost host;
  const Outcome outcome = run(table, "{}", FakeRequest("r.example.com/app"), host);
  for (const char *problem : {"unknown scope", "negative lifetime", "unknown code", "another code", "longer than",
                              "not one printable line", "gave a credential and failed"}) {
    EXPECT_THAT(outcome.problems, ::testing::Contains(HasSubstr(problem)));
  }
  EXPECT_THAT(outcome, Not(IsOk()));

  table.get_credentials = [](void *, const regcred_request_v1 *, const regcred_sink_v1 *) { return REGCRED_OK; };
  EXPECT_THAT(run(table, "{}", FakeRequest("r.example.com/app"), host).problems,
              ElementsAre("ok without a credential"));
  table.create = [](const regcred_host_v1 *, regcred_slice, const regcred_sink_v1 *, void **) { return REGCRED_OK; };
  EXPECT_THAT(run(table, "{}", FakeRequest("r.example.com/app"), host).problems,
              ElementsAre("create returned ok without an instance"));
  table.create = [](const regcred_host_v1 *, regcred_slice, const regcred_sink_v1 *, void **) {
    return REGCRED_DENIED;
  };
  EXPECT_THAT(create_only(table, "{}", host).problems, ElementsAre("failed without a text"));
}

std::int32_t calling_create(const regcred_host_v1 *host, regcred_slice, const regcred_sink_v1 *, void **instance) {
  static int something = 0;
  *instance = &something;
  (void)Http(Host(host)).send(request_to("https://a.example/"));
  return REGCRED_OK;
}

TEST(Run, a_call_in_create_is_a_problem_and_an_earlier_one_is_not) {
  regcred_backend_v1 table{};
  table.destroy = [](void *) {};
  table.create = &calling_create;
  FakeHost host;
  host.expect("POST", "https://a.example/");
  EXPECT_THAT(create_only(table, "{}", host).problems, ElementsAre("create made a network call"));
  table.create = &bad_create;
  EXPECT_THAT(create_only(table, "{}", host), IsOk());
}

// Says aloud, where its setting tells it, what nobody should hear.
std::int32_t loud_create(const regcred_host_v1 *host, regcred_slice, const regcred_sink_v1 *, void **instance) {
  *instance = const_cast<regcred_host_v1 *>(host);
  return REGCRED_OK;
}

std::int32_t loud_get(void *instance, const regcred_request_v1 *request, const regcred_sink_v1 *sink) {
  using regcred::detail::to_slice;
  using regcred::detail::to_view;
  const Host host(static_cast<const regcred_host_v1 *>(instance));
  const std::string token(to_view(request->service_account_token));
  if (to_view(request->image).ends_with("/fails")) {
    const std::string text = "refused: " + token.substr(0, 20);
    sink->fail(sink->context, REGCRED_DENIED, -1, to_slice(text));
    return REGCRED_DENIED;
  }
  host.log().debug("sending " + token.substr(token.size() - 20));
  host.log().debug("got the-password-of-the-test");
  return sink->add_auth(sink->context, request->registry, to_slice("u"), to_slice("the-password-of-the-test"));
}

TEST(Run, L1_a_token_or_password_in_a_text_or_the_log_is_a_problem) {
  regcred_backend_v1 table{};
  table.create = &loud_create;
  table.get_credentials = &loud_get;
  table.destroy = [](void *) {};
  FakeHost host;
  EXPECT_THAT(run(table, "{}", FakeRequest("r.example.com/fails").token(canary_token()), host).problems,
              ElementsAre("the token stands in the text"));
  EXPECT_THAT(run(table, "{}", FakeRequest("r.example.com/app").token(canary_token()), host).problems,
              ElementsAre("the token stands in the log", "the password stands in the log"));
}

TEST(Matchers, a_problem_spoils_success_and_failure_alike) {
  Outcome outcome;
  outcome.code = REGCRED_OK;
  EXPECT_THAT(outcome, IsOk());
  EXPECT_THAT(outcome, Not(StatusIs(Code::denied, ::testing::_)));
  outcome.problems = {"x"};
  EXPECT_THAT(outcome, Not(IsOk()));
  outcome.code = REGCRED_DENIED;
  outcome.text = "why";
  EXPECT_THAT(outcome, Not(StatusIs(Code::denied, "why")));
  outcome.problems.clear();
  EXPECT_THAT(outcome, StatusIs(Code::denied, "why"));
  EXPECT_THAT(outcome, Not(StatusIs(Code::denied, "other")));
  EXPECT_THAT(outcome, Not(StatusIs(Code::timeout, "why")));
  EXPECT_THAT(outcome, FailsWith(Code::denied));
  EXPECT_THAT(outcome, Not(FailsWith(Code::timeout)));
}

TEST(Leaks, a_secret_is_found_in_every_common_form) {
  const std::string secret = "p4ss/word+with=signs&more-than-that";
  EXPECT_TRUE(find_leak(secret, "got " + secret));
  EXPECT_TRUE(find_leak(secret, "got " + secret.substr(9, 12) + "!"));
  EXPECT_TRUE(find_leak(secret, percent_encode(secret)));
  EXPECT_TRUE(find_leak(secret, base64_encode(secret)));
  EXPECT_TRUE(find_leak(secret, base64_encode("user:" + secret)));
  EXPECT_TRUE(find_leak(secret, base64url_encode("x" + secret)));
  EXPECT_FALSE(find_leak(secret, secret.substr(9, 11)));
  EXPECT_FALSE(find_leak(secret, "the registry refused this identity"));
  EXPECT_TRUE(find_leak("short", "a short one"));
  EXPECT_FALSE(find_leak("", "anything"));
  const std::string token = fake_token(pod_claims());
  EXPECT_TRUE(find_leak(token, token.substr(token.rfind('.') + 5, 12)));
}

TEST(FakeToken, has_the_shape_of_a_jwt) {
  const auto claims = read_unverified_claims(fake_token({{"iss", "i"}, {"exp", 5}}));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->issuer, "i");
  EXPECT_NE(fake_token({{"iss", "i"}}), fake_token({{"iss", "j"}}));
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
}

}  // namespace
}  // namespace regcred::test
