// SPDX-License-Identifier: Apache-2.0
// FakeHost, which authors of backends test with, refuses what the host refuses, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/testing.hpp>

#include "services/http/request_rules.hpp"

namespace regcred::core {
namespace {

struct Row {
  std::string url;
  bool allowed;
  bool metadata = false;
  std::string method = "GET";
  std::string body = {};
  regcred::HttpHeaders headers = {};
};

std::vector<Row> rows() {
  using namespace std::string_literals;
  std::vector<Row> rows = {
      {"https://a.example/x?y=%20", true},
      {"https://a.example:8443", true},
      {"https://[2001:db8::1]:443/", true},
      {"http://a.example/", false},
      {"HTTPS://a.example/", false},
      {"https://", false},
      {"https:///x", false},
      {"https://u@a.example/", false},
      {"https://a.example/#x", false},
      {"https://a.example\\@b/", false},
      {"https://a.example/a b", false},
      {"https://a.example:0/", false},
      {"https://a..b/", false},
      {"https://[::1/", false},
      {"https://[zone%25eth0]/", false},
      {"https://[::1]x/", false},
      {"https://[::1]:99999/", false},
      {"https://["s + '\0' + "]/", false},
      {"https://a.example/" + std::string(8192 - 18, 'a'), true},
      {"https://a.example/" + std::string(8192 - 17, 'a'), false},
      {"https://169.254.169.254/", true},
      {"https://169.254.169.254/", false, true},
      {"http://169.254.169.254/", false},
      {"http://169.254.169.254.a.example/", false, true},
      {"http://169.254.169.254:80/", false, true},
      {"http://a.example/", false, true},
      {"http://[fd00:ec2::1]/", false, true},
      {"https://a.example/", false, false, "DELETE"},
      {"https://a.example/", false, false, "post"},
      {"https://a.example/", true, false, "PUT", "x"},
      {"https://a.example/", false, false, "GET", "x"},
      {"https://a.example/", true, false, "POST", std::string(regcred::detail::http_call_body_bytes_max, 'x')},
      {"https://a.example/", false, false, "POST", std::string(regcred::detail::http_call_body_bytes_max + 1, 'x')},
      {"https://a.example/", true, false, "GET", "", regcred::HttpHeaders(100, {"X-A", "v"})},
      {"https://a.example/", false, false, "GET", "", regcred::HttpHeaders(101, {"X-A", "v"})},
      {"https://a.example/", false, false, "GET", "", regcred::HttpHeaders(70, {"X-A", std::string(1000, 'x')})},
  };
  for (const char *host : {"169.254.169.254", "metadata.google.internal", "169.254.170.2", "169.254.170.23",
                           "[fd00:ec2::254]", "[fd00:ec2::23]", "100.100.100.200"}) {
    rows.push_back({"http://"s + host + "/latest", true, true});
  }
  const auto add = [&rows](std::string name, std::string value, bool allowed) {
    rows.push_back({"https://a.example/", allowed, false, "GET", "", {{std::move(name), std::move(value)}}});
  };
  for (const char *name : {"Authorization", "Accept", "X-A!#$%&'*+.^_`|~"}) add(name, "v", true);
  for (const char *name :
       {"", "X A", "X:A", "X\tA", "X(A)", "X\r\nB", "\xC3\xA4", "Host", "Content-Length", "TE", "transfer-encoding",
        "Connection", "Proxy-Authorization", "Expect", "HTTP2-Settings", "Keep-Alive", "Trailer", "Upgrade"}) {
    add(name, "v", false);
  }
  for (const std::string &value : {"a\tb"s, ""s, "\xE4"s}) add("X-A", value, true);
  for (const std::string &value : {"a\r\nX: y"s, "a\nb"s, "a\0b"s, "a\x7F"s, "\x01"s}) add("X-A", value, false);
  return rows;
}

std::string broken_at_the_host(const Row &row) {
  HttpRequest request{.method = row.method, .url = row.url};
  request.body = row.body;
  request.metadata_endpoint = row.metadata;
  for (const auto &[name, value] : row.headers) request.headers.emplace_back(name, value);
  return broken_rule(request);
}

std::string broken_at_fake_host(const Row &row) {
  test::FakeHost fake;
  fake.expect(row.method, row.url).reply(200);
  regcred::HttpRequest request{.method = row.method, .url = row.url};
  request.headers = row.headers;
  request.body = regcred::Secret(row.body);
  request.metadata_endpoint = row.metadata;
  const auto sent = regcred::Http(regcred::Host(fake.table())).send(request);
  return sent ? "" : sent.error().text;
}

TEST(FakeHostRules, H1_H6_are_those_of_the_host) {
  for (const Row &row : rows()) {
    const std::string of_host = broken_at_the_host(row);
    const std::string shown = row.method + ' ' + row.url.substr(0, 60) + (row.metadata ? " (metadata) " : " ") +
                              (row.headers.empty() ? "" : row.headers[0].first + ": " + row.headers[0].second);
    EXPECT_EQ(of_host.empty(), row.allowed) << shown << ": " << of_host;
    EXPECT_EQ(broken_at_fake_host(row), of_host) << shown;
  }
}

}  // namespace
}  // namespace regcred::core
