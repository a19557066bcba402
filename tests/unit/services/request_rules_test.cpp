// SPDX-License-Identifier: Apache-2.0
#include "services/http/request_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

HttpRequest get(std::string_view url) { return {.method = "GET", .url = url}; }

TEST(RequestRules, what_a_backend_needs_is_allowed) {
  HttpRequest request{.method = "POST", .url = "https://api.example.com:8443/openid/acme/?x=%20y"};
  request.headers = {{"Content-Type", "application/json"}, {"X-Tab", "a\tb"}, {"X-Empty", ""}, {"X-Latin", "\xE4"}};
  request.body = "{}";
  EXPECT_EQ(broken_rule(request), "");
  EXPECT_EQ(broken_rule(get("https://[2001:db8::1]:443/")), "");
  EXPECT_EQ(broken_rule(get("https://a")), "");
}

TEST(RequestRules, only_the_core_itself_may_patch) {
  HttpRequest request{.method = "PATCH", .url = "https://a/b", .body = "{}"};
  EXPECT_THAT(broken_rule(request), HasSubstr("is not GET, POST or PUT"));
  request.may_patch = true;
  EXPECT_EQ(broken_rule(request), "");
  request.url = "http://a/b";
  EXPECT_THAT(broken_rule(request), HasSubstr("https://"));
}

TEST(RequestRules, H1_every_other_scheme_and_every_trick_in_a_url_is_refused) {
  constexpr std::pair<const char *, const char *> refused[] = {
      {"http://example.com/", "https://"},
      {"file:///etc/shadow", "https://"},
      {"ftp://example.com/", "https://"},
      {"HTTPS://example.com/", "https://"},
      {"", "https://"},
      {"https://", "not host[:port]"},
      {"https:///path", "not host[:port]"},
      {"https://user@example.com/", "user info"},
      {"https://u:p@example.com/", "user info"},
      {"https://a.com\\@b.com/", "backslash"},
      {"https://a.com/#x", "fragment"},
      {"https://a.com/a b", "space"},
      {"https://a.com/\r\nX: y", "control"},
      {"https://a.com:0/", "not host[:port]"},
      {"https://a.com:99999/", "not host[:port]"},
      {"https://b\xC3\xA4r.com/", "control"},
      {"https://[::1/", "not host[:port]"},
      {"https://[zone%25eth0]/", "not host[:port]"},
      {"https://a..b/", "not host[:port]"},
      {"https://-a.com/", "not host[:port]"},
  };
  for (const auto &[url, words] : refused) EXPECT_THAT(broken_rule(get(url)), HasSubstr(words)) << url;
  EXPECT_THAT(broken_rule(get("https://a.com/" + std::string(9000, 'a'))), HasSubstr("8 KiB"));
}

TEST(RequestRules, H1_plain_http_only_to_the_metadata_endpoints_and_only_when_asked_for) {
  for (const char *url : {"http://169.254.169.254/latest/api/token", "http://metadata.google.internal/x",
                          "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::254]/"}) {
    HttpRequest request = get(url);
    EXPECT_THAT(broken_rule(request), HasSubstr("https://")) << url;
    request.metadata_endpoint = true;
    EXPECT_EQ(broken_rule(request), "") << url;
  }
  for (const char *url : {"http://169.254.169.254.evil.com/", "http://example.com/", "http://169.254.169.254:80/",
                          "http://169.254.169.254@evil.com/", "https://example.com/", "https://169.254.169.254/"}) {
    HttpRequest request = get(url);
    request.metadata_endpoint = true;
    EXPECT_THAT(broken_rule(request), HasSubstr("plain http")) << url;
  }
}

TEST(RequestRules, H6_headers_cannot_break_out_of_their_line) {
  const auto with = [](std::string_view name, std::string_view value) {
    HttpRequest request = get("https://a.com/");
    request.headers = {{name, value}};
    return broken_rule(request);
  };
  using namespace std::string_view_literals;
  for (const std::string_view value : {"a\r\nX: y"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv, "a\x7F"sv, "\x01"sv}) {
    EXPECT_THAT(with("X-A", value), HasSubstr("control character"));
  }
  for (const std::string_view name : {""sv, "X A"sv, "X:A"sv, "X\r\nB"sv, "X\0B"sv, "\xC3\xA4"sv}) {
    EXPECT_THAT(with(name, "v"), HasSubstr("not a token"));
  }
  for (const char *name :
       {"Host", "content-length", "Transfer-Encoding", "Connection", "Proxy-Authorization", "Expect"}) {
    EXPECT_THAT(with(name, "v"), HasSubstr("may not be set by a backend")) << name;
  }
  EXPECT_THAT(with("X-Secret", std::string("canary\n")), ::testing::Not(HasSubstr("canary")));
}

TEST(RequestRules, methods_and_sizes_have_limits) {
  EXPECT_THAT(broken_rule({.method = "DELETE", .url = "https://a"}), HasSubstr("not GET, POST or PUT"));
  EXPECT_THAT(broken_rule({.method = "get", .url = "https://a"}), HasSubstr("not GET"));
  EXPECT_THAT(broken_rule({.method = "GET", .url = "https://a", .body = "x"}), HasSubstr("a GET with a body"));
  const std::string large(regcred::detail::http_call_body_bytes_max + 1, 'x');
  EXPECT_THAT(broken_rule({.method = "POST", .url = "https://a", .body = large}), HasSubstr("1 MiB"));
  HttpRequest request = get("https://a");
  const std::string value(1000, 'x');
  request.headers.assign(70, {"X-A", value});
  EXPECT_THAT(broken_rule(request), HasSubstr("64 KiB"));
  request.headers.assign(101, {"X-A", "v"});
  EXPECT_THAT(broken_rule(request), HasSubstr("100 headers"));
}

}  // namespace
}  // namespace regcred::core
