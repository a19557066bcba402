// SPDX-License-Identifier: Apache-2.0
// Settings that many backends have: what is taken, what is refused, and that a refusal names the key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regcred/setting_rules.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using nlohmann::json;
using test::IsOk;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

Settings settings_with(const json &value) { return Settings(json{{"key", value}}.dump()); }

TEST(SettingRules, a_host_is_normalised_and_nothing_but_a_host) {
  for (const auto &[text, host] : std::vector<std::pair<const char *, const char *>>{
           {"a.example", "a.example"}, {"A.Example:443", "a.example"}, {"a.example:8443", "a.example:8443"}}) {
    Settings settings = settings_with(text);
    EXPECT_EQ(read_host(settings, "key").value(), host);
  }
  for (const char *text : {"", "https://a.example", "a.example/", "u@a.example", "a.example:0", "a..b", "a b",
                           "*.a.example", "a.example:65536", "[::1]", "a.example?x", "a.example."}) {
    Settings settings = settings_with(text);
    EXPECT_THAT(read_host(settings, "key"),
                StatusIs(Code::bad_config, AllOf(HasSubstr("settings.key: \""), HasSubstr("without https://"))))
        << text;
  }
  Settings empty("{}");
  EXPECT_EQ(read_host(empty, "key").value(), std::nullopt);
}

TEST(SettingRules, a_base_url_is_https_and_a_host) {
  for (const auto &[text, url] :
       std::vector<std::pair<const char *, const char *>>{{"https://a.example", "https://a.example"},
                                                          {"https://A.Example:443", "https://a.example"},
                                                          {"https://a.example:8443", "https://a.example:8443"}}) {
    Settings settings = settings_with(text);
    EXPECT_EQ(read_base_url(settings, "key").value(), url);
  }
  for (const char *text : {"", "a.example", "http://a.example", "HTTPS://a.example", "https://", "https://a.example/",
                           "https://a.example/b", "https://u@a.example", "https://a.example?x", "https://a.example#x",
                           "https://a.example:0", "https://*.a.example"}) {
    Settings settings = settings_with(text);
    EXPECT_THAT(read_base_url(settings, "key"),
                StatusIs(Code::bad_config, AllOf(HasSubstr("settings.key: \""), HasSubstr("without a path"))))
        << text;
  }
  Settings empty("{}");
  EXPECT_EQ(read_base_url(empty, "key").value(), std::nullopt);
}

TEST(SettingRules, an_identity_is_the_pods_or_the_nodes) {
  Settings none("{}");
  EXPECT_EQ(read_identity(none).value(), Identity::token);
  for (const auto &[text, identity] : {std::pair("token", Identity::token), std::pair("node", Identity::node)}) {
    Settings settings(json{{"identity", text}}.dump());
    EXPECT_EQ(read_identity(settings).value(), identity);
  }
  for (const char *text : {"", "Node", "pod"}) {
    Settings settings(json{{"identity", text}}.dump());
    EXPECT_THAT(read_identity(settings),
                StatusIs(Code::bad_config, AllOf(HasSubstr("settings.identity: \""), HasSubstr("write token"))));
  }
}

TEST(SettingRules, a_host_pattern_matches_whole_labels_and_its_own_port) {
  struct Row {
    const char *pattern;
    std::vector<const char *> yes;
    std::vector<const char *> no;
  };
  const std::vector<Row> table = {
      {"r.example.com",
       {"r.example.com", "R.example.com", "r.example.com:443"},
       {"x.r.example.com", "r.example.com:5000", "r.example.com.evil.net", "xr.example.com", "", "r.example.com/a"}},
      {"r.example.com:5000", {"r.example.com:5000"}, {"r.example.com", "r.example.com:50000", "x.r.example.com:5000"}},
      {"*.example.com",
       {"a.example.com", "a.b.example.com", "a.example.com:443"},
       {"example.com", ".example.com", "aexample.com", "a.example.com:5000", "a.example.com.evil.net"}},
      {"*.example.com:5000", {"a.example.com:5000"}, {"a.example.com", "example.com:5000"}},
  };
  for (const Row &row : table) {
    const std::optional<HostPattern> pattern = HostPattern::parse(row.pattern);
    ASSERT_TRUE(pattern);
    for (const char *host : row.yes) EXPECT_TRUE(pattern->matches(host)) << row.pattern << " " << host;
    for (const char *host : row.no) EXPECT_FALSE(pattern->matches(host)) << row.pattern << " " << host;
  }
  for (const char *text : {"", "*", "*.", "*.com", "*.com:443", "a.*.example.com", "*example.com", "**.example.com",
                           "https://a.example.com", "*.example.com/x"}) {
    EXPECT_FALSE(HostPattern::parse(text)) << text;
  }
}

TEST(SettingRules, host_patterns_are_a_bounded_list) {
  Settings good = settings_with({"a.example", "*.b.example"});
  const Result<std::vector<HostPattern>> patterns = read_host_patterns(good, "key");
  ASSERT_THAT(patterns, IsOk());
  EXPECT_TRUE(matches_any(*patterns, "a.example"));
  EXPECT_TRUE(matches_any(*patterns, "x.b.example"));
  EXPECT_FALSE(matches_any(*patterns, "b.example"));
  EXPECT_FALSE(matches_any({}, "a.example"));
  Settings bad = settings_with({"a.example", "*"});
  EXPECT_THAT(read_host_patterns(bad, "key"),
              StatusIs(Code::bad_config, HasSubstr("settings.key: \"*\" is not a host")));
  Settings many = settings_with(std::vector<std::string>(65, "a.example"));
  EXPECT_THAT(read_host_patterns(many, "key"), StatusIs(Code::bad_config, HasSubstr("settings.key: more than 64")));
}

TEST(SettingRules, a_username_can_stand_in_basic_authentication) {
  for (const std::string &text : {std::string("token"), std::string("robot$ci+x"), std::string(256, 'u')}) {
    Settings settings = settings_with(text);
    EXPECT_EQ(read_username(settings, "key").value(), text);
  }
  for (const std::string &text : {std::string(), std::string("a:b"), std::string("a\nb"), std::string(257, 'u')}) {
    Settings settings = settings_with(text);
    EXPECT_THAT(read_username(settings, "key"), StatusIs(Code::bad_config, HasSubstr("settings.key: \"")));
  }
}

TEST(SettingRules, headers_are_bounded_and_leave_the_requests_own_alone) {
  Settings good = settings_with({{"X-Team", "a b"}, {"User-Agent", ""}});
  EXPECT_THAT(read_headers(good, "key").value(), ElementsAre(Pair("User-Agent", ""), Pair("X-Team", "a b")));
  Settings none("{}");
  EXPECT_THAT(read_headers(none, "key").value(), IsEmpty());
  for (const char *name : {"Authorization", "HOST", "content-type", "Content-Length", "Cookie", "Proxy-Authorization",
                           "Transfer-Encoding", "accept", "TE"}) {
    Settings settings = settings_with({{name, "x"}});
    EXPECT_THAT(read_headers(settings, "key"), StatusIs(Code::bad_config, HasSubstr("may not be set"))) << name;
  }
  for (const std::string &name : {std::string(), std::string("X A"), std::string("X:"), std::string("X\r\nY"),
                                  std::string("é"), std::string(129, 'x')}) {
    Settings settings = settings_with({{name, "x"}});
    EXPECT_THAT(read_headers(settings, "key"), StatusIs(Code::bad_config, HasSubstr("is not a header name"))) << name;
  }
  for (const std::string &value : {std::string("a\r\nb: c"), std::string("é"), std::string(1025, 'x')}) {
    Settings settings = settings_with({{"X-Key", value}});
    EXPECT_THAT(read_headers(settings, "key"),
                StatusIs(Code::bad_config, AllOf(HasSubstr("X-Key"), Not(HasSubstr(value)))));
  }
  json many = json::object();
  for (int i = 0; i < 33; ++i) many["X-" + std::to_string(i)] = "v";
  Settings settings = settings_with(many);
  EXPECT_THAT(read_headers(settings, "key"), StatusIs(Code::bad_config, HasSubstr("more than 32")));
}

}  // namespace
}  // namespace regcred
