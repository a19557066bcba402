// SPDX-License-Identifier: Apache-2.0
// FakeHost, which authors of backends test with, refuses what the host refuses, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regcred/process.hpp>
#include <regcred/testing.hpp>

#include "services/http/request_rules.hpp"
#include "services/process/programs.hpp"

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

struct ProgramRow {
  bool allowed;
  regcred::ProgramRun run;
};

std::vector<ProgramRow> program_rows() {
  using namespace std::string_literals;
  const std::string path = "/bin/true", nul = "a\0b"s;
  const auto variables = [](int count) {
    std::map<std::string, std::string> made;
    for (int i = 0; i < count; ++i) made["A_" + std::to_string(i)] = "";
    return made;
  };
  std::vector<ProgramRow> rows;
  rows.push_back({true, {.path = path, .arguments = {"", "a b\n"}, .environment = {{"_a1", ""}, {"Z", "\xFF"}}}});
  for (const std::string &wrong : {""s, "bin/true"s, "/"s + nul, "/" + std::string(4096, 'x')}) {
    rows.push_back({false, {.path = wrong}});
  }
  for (const std::string &wrong : {"abc"s, std::string(64, 'A'), std::string(63, 'a'), std::string(65, 'a')}) {
    rows.push_back({false, {.path = path, .sha256 = wrong}});
  }
  for (const char *name : {"", "1A", "A=B", "A-B", "\xC3\xA4"}) {
    rows.push_back({false, {.path = path, .environment = {{name, "v"}}}});
  }
  rows.push_back({false, {.path = path, .environment = {{"A", nul}}}});
  rows.push_back({false, {.path = path, .arguments = {nul}}});
  rows.push_back({true, {.path = path, .arguments = std::vector<std::string>(64), .environment = variables(64)}});
  rows.push_back({false, {.path = path, .arguments = std::vector<std::string>(65)}});
  rows.push_back({false, {.path = path, .environment = variables(65)}});
  const std::string half(32U << 10U, 'x');
  rows.push_back({true, {.path = path, .arguments = {half}, .environment = {{"A", half.substr(1)}}}});
  rows.push_back({false, {.path = path, .arguments = {half}, .environment = {{"A", half}}}});
  for (const std::size_t bytes : {1U << 20U, (1U << 20U) + 1}) {
    rows.push_back({bytes == 1U << 20U, {.path = path, .input = regcred::Secret(std::string(bytes, 'x'))}});
  }
  return rows;
}

// The file of these rows exists; who may write to it, and its SHA-256, FakeHost does not know.
std::string broken_at_the_host(const regcred::ProgramRun &run) {
  ProgramRequest request{.path = run.path, .sha256 = run.sha256};
  request.arguments.assign(run.arguments.begin(), run.arguments.end());
  request.environment.assign(run.environment.begin(), run.environment.end());
  request.input = run.input.reveal();
  const auto opened = open_program(request);
  return opened || opened.error().code != REGCRED_BAD_REQUEST ? "" : opened.error().text;
}

TEST(FakeHostRules, P1_those_of_programs_are_the_hosts) {
  for (const ProgramRow &row : program_rows()) {
    const std::string of_host = broken_at_the_host(row.run);
    EXPECT_EQ(of_host.empty(), row.allowed) << row.run.path.substr(0, 40) << ": " << of_host;
    test::FakeHost fake;
    fake.expect_program(row.run.path);
    const auto end = regcred::Process(fake.host()).run(row.run);
    EXPECT_EQ(end ? "" : end.error().text, of_host);
    EXPECT_EQ(fake.problems().empty(), row.allowed);
  }
}

}  // namespace
}  // namespace regcred::core
