// SPDX-License-Identifier: Apache-2.0
// Drop-in mode: what is refused, by the name of the variable or the place in the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/drop_in_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(DropInTest, unusable_values_are_refused_wherever_they_stand) {
  struct Case {
    std::string key;
    std::string value;
    std::string what;
  };
  const Case table[] = {
      {"api_host", "http://api.example.com", "expected host or host:port"},
      {"api_host", "api.example.com/path", "expected host or host:port"},
      {"api_host", "user@api.example.com", "expected host or host:port"},
      {"api_host", "https://api.example.com//", "expected host or host:port"},
      {"org_slug", "acme/../other", "expected a slug"},
      {"org_slug", "a b", "expected a slug"},
      {"org_slug", std::string(101, 'a'), "expected a slug"},
      {"service_slug", "a?b", "expected a slug"},
      {"insecure_skip_verify", "yes", "expected true or false"},
      {"insecure_skip_verify", "tRUE", "expected true or false"},
      {"http_timeout", "30", "expected a duration above 0"},
      {"http_timeout", "0s", "expected a duration above 0"},
      {"http_timeout", "-1s", "expected a duration above 0"},
      {"max_idle_conns", "-1", "expected a whole number from 0"},
      {"max_idle_conns", "many", "expected a whole number from 0"},
      {"idle_conn_timeout", "-1s", "expected a duration of 0 or more"},
      {"max_retry_attempts", "0", "expected a whole number from 1 to 100"},
      {"max_retry_attempts", "101", "expected a whole number from 1 to 100"},
      {"max_retry_attempts", "3.5", "expected a whole number from 1 to 100"},
      {"max_retry_attempts", "99999999999999999999", "expected a whole number from 1 to 100"},
      {"retry_backoff_duration", "-1s", "expected a duration of 0 or more"},
      {"retry_backoff_factor", "-1", "expected a number from 0 to 1000"},
      {"retry_backoff_factor", "1e9", "expected a number from 0 to 1000"},
      {"retry_backoff_factor", "nan", "expected a number from 0 to 1000"},
      {"retry_backoff_factor", "2x", "expected a number from 0 to 1000"},
      {"retry_backoff_jitter", "1.1", "expected a number from 0 to 1"},
      {"retry_backoff_jitter", "inf", "expected a number from 0 to 1"},
      {"retry_backoff_cap", "soon", "expected a duration of 0 or more"},
      {"api_headers", "X-A", "not NAME=VALUE"},
      {"api_proxy", "socks5://proxy:1", "neither http nor https"},
      {"api_user_agent", "caf\u00e9", "not printable ASCII"},
      {"api_user_agent", std::string(257, 'a'), "not printable ASCII"},
      {"allowed_api_host_suffixes", "https://x.io", "expected a domain"},
      {"allowed_api_host_suffixes", "*", "expected a domain"},
      {"registry_hosts", "*.example.com", "expected host or host:port"},
      {"registry_hosts", "x.io/path", "expected host or host:port"},
      {"oidc_audience", std::string(4097, 'a'), "more than 4 KiB"},
  };
  for (const auto &[key, value, what] : table) {
    std::string variable = "CLOUDSMITH_" + key;
    for (char &c : variable) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_THAT(error({{variable, value}}), AllOf(StartsWith("environment: " + variable + ": "), HasSubstr(what)));
    const std::string column = std::to_string(key.size() + 3);
    EXPECT_THAT(error({}, "# file\n" + key + ": '" + value + "'\n"),
                AllOf(StartsWith("FILE:2:" + column + ": " + key + ": "), HasSubstr(what)));
  }
}

TEST_F(DropInTest, the_variable_that_is_named_is_the_one_that_was_set) {
  EXPECT_THAT(error({{"CLOUDSMITH_ORGANIZATION", "a b"}}), StartsWith("environment: CLOUDSMITH_ORGANIZATION: "));
  EXPECT_THAT(error({{"CLOUDSMITH_ORG", "a b"}}, "org_slug: good"), StartsWith("environment: CLOUDSMITH_ORG: "));
  EXPECT_EQ(error({{"CLOUDSMITH_ORG", "good"}}, "org_slug: a b"), "accepted");
}

TEST_F(DropInTest, certificates_are_always_verified) {
  for (const std::string yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    for (const std::string name : {"CLOUDSMITH_INSECURE_SKIP_VERIFY", "CLOUDSMITH_WITHOUT_API_SSL_VERIFY"}) {
      EXPECT_THAT(error({{name, yes}}), AllOf(StartsWith("environment: " + name + ": "), HasSubstr("always verified"),
                                              HasSubstr("; remove it, and name the CA"), HasSubstr("SSL_CERT_FILE")));
    }
    EXPECT_THAT(error({}, "insecure_skip_verify: " + yes), StartsWith("FILE:1:23: insecure_skip_verify: is true"));
  }
}

TEST_F(DropInTest, unknown_keys_are_refused_with_the_nearest) {
  EXPECT_THAT(error({}, "org_slug: a\norg_slg: b"),
              StartsWith("FILE:2:1: unknown key \"org_slg\"; did you mean org_slug?"));
  EXPECT_THAT(error({}, "something: else"), StartsWith("FILE:1:1: unknown key \"something\"; remove it"));
  EXPECT_THAT(error({}, "org_slug: a\norg_slug: b"), StartsWith("FILE:2:1: the key \"org_slug\" stands here a second"));
  EXPECT_EQ(error({{"CLOUDSMITH_SOMETHING", "else"}, {"CLOUDSMITH_API_KEY", "x"}}), "accepted")
      << "the environment is shared with other programs";
}

TEST_F(DropInTest, wrong_types_are_refused) {
  struct Case {
    std::string file;
    std::string start;
  };
  const Case table[] = {
      {"- org_slug", "FILE:1:1: the file is not a mapping"},
      {"text", "FILE:1:1: the file is not a mapping"},
      {"org_slug: [a]", "FILE:1:11: org_slug: is not text"},
      {"http_timeout: {a: b}", "FILE:1:15: http_timeout: is not text"},
      {"registry_hosts: {a: b}", "FILE:1:17: registry_hosts: is not a list of texts"},
      {"registry_hosts: [[a]]", "FILE:1:17: registry_hosts: is not a list of texts"},
      {"api_headers: {X-A: b}", "FILE:1:14: api_headers: is not a list of texts"},
      {"headers: {\"\": b}", "FILE:1:10: headers: holds a header without a name"},
      {"headers: X-A=b", "FILE:1:10: headers: is not a mapping of header names to texts"},
      {"headers: [X-A]", "FILE:1:10: headers: is not a mapping of header names to texts"},
      {"headers: {X-A: [b]}", "FILE:1:10: headers: is not a mapping of header names to texts"},
      {"headers: {X-A: }", "FILE:1:10: headers: is not a mapping of header names to texts"},
      {"header_x_a: [b]", "FILE:1:1: header_x_a: is not text"},
      {"org_slug: a\n---\nb: c\n", "FILE:2:1: a second document"},
      {"org_slug: [", "FILE:1:1: not valid YAML"},
      {"org_slug: \"a\\u0000\"", "FILE:1:11: org_slug: holds control characters"},
  };
  for (const auto &[file, start] : table) EXPECT_THAT(error({}, file), StartsWith(start)) << file;
}

TEST_F(DropInTest, L1_values_of_headers_are_never_shown) {
  struct Case {
    Variables variables;
    std::string file;
    std::string start;
  };
  const Case table[] = {
      {{{"CLOUDSMITH_HEADERS", "X-Key=tiger"}}, "", "environment: CLOUDSMITH_HEADERS: is not a JSON object"},
      {{{"CLOUDSMITH_HEADERS", "{\"X-Key\": \"tiger"}}, "", "environment: CLOUDSMITH_HEADERS: is not a JSON object"},
      {{{"CLOUDSMITH_HEADERS", "[\"tiger\"]"}}, "", "environment: CLOUDSMITH_HEADERS: is not a JSON object"},
      {{{"CLOUDSMITH_HEADERS", R"({"X-Key": ["tiger"]})"}}, "", "environment: CLOUDSMITH_HEADERS: is not a mapping"},
      {{{"CLOUDSMITH_HEADERS", R"({"X-Key": "tiger\u000a"})"}}, "", "environment: CLOUDSMITH_HEADERS: has control"},
      {{{"CLOUDSMITH_HEADER_X_KEY", "tiger\r\nX-Other: y"}}, "", "environment: CLOUDSMITH_HEADER_X_KEY: has control"},
      {{{"CLOUDSMITH_HEADER_X_KEY", "tiger\xff"}}, "", "environment: CLOUDSMITH_HEADER_X_KEY: has control"},
      {{{"CLOUDSMITH_API_HEADERS", "X-Key:tiger"}}, "", "environment: CLOUDSMITH_API_HEADERS: holds an item"},
      {{{"CLOUDSMITH_API_HEADERS", "X-Key=tiger\x01"}}, "", "environment: CLOUDSMITH_API_HEADERS: has control"},
      {{}, "api_headers: [\"X-Key=tiger\\n\"]", "FILE:1:14: api_headers: has control"},
      {{}, "headers: {X-Key: \"tiger\\n\"}", "FILE:1:10: headers: has control"},
      {{}, "header_x_key: \"tiger\\n\"", "FILE:1:1: header_x_key: has control"},
  };
  for (const auto &[variables, file, start] : table) {
    EXPECT_THAT(error(variables, file), AllOf(StartsWith(start), Not(HasSubstr("tiger")))) << start;
  }
}

TEST_F(DropInTest, H8_proxies_are_never_shown) {
  for (const std::string name : {"CLOUDSMITH_API_PROXY", "HTTPS_PROXY"}) {
    EXPECT_THAT(error({{name, "socks5://scott:tiger@proxy:1080"}}),
                AllOf(StartsWith("environment: " + name + ": "), Not(HasSubstr("tiger"))));
  }
  EXPECT_THAT(error({}, "api_proxy: scott:tiger@proxy:x"),
              AllOf(StartsWith("FILE:1:12: api_proxy: "), Not(HasSubstr("tiger"))));
}

TEST_F(DropInTest, the_first_error_counts) {
  EXPECT_THAT(error({{"CLOUDSMITH_ORG", "a b"}}, "unknown: 1"), StartsWith("FILE:1:1: unknown key"));
}

TEST_F(DropInTest, F1_the_file_must_be_trusted_and_there) {
  const Environment none;
  directory_.write("default.yaml", "org_slug: a", 0666);
  EXPECT_THAT(refusal(load_drop_in({}, none, default_file())),
              StartsWith(default_file() + ": is writable by everyone"));
  const std::string absent = directory_.path() + "/absent.yaml";
  EXPECT_THAT(refusal(load_drop_in(absent, none, default_file())), StartsWith(absent + ": no such file"));
  EXPECT_TRUE(load_drop_in({}, none, absent)) << "the default one may be absent";
  const std::string bytes = directory_.write("bytes.yaml", "org_slug: \xff");
  EXPECT_EQ(refusal(load_drop_in(bytes, none, absent)), bytes + ": not UTF-8 text; save it as UTF-8");
}

TEST_F(DropInTest, other_formats_of_the_existing_provider_are_named) {
  const Environment none;
  for (const std::string suffix : {".toml", ".ini", ".hcl", ".properties", ".env"}) {
    const std::string file = directory_.write("p" + suffix, "org_slug = \"acme\"\n");
    EXPECT_EQ(refusal(load_drop_in(file, none, "")),
              file + ": a file of the format " + suffix + "; write it as YAML or JSON");
  }
}

}  // namespace
}  // namespace regcred::core
