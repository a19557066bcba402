// SPDX-License-Identifier: Apache-2.0
#include "config/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Proxy, accepts_http_proxies_and_gives_them_a_scheme_and_a_port) {
  struct Case {
    std::string text;
    std::string url;
  };
  const Case table[] = {
      {"http://proxy.example.com:3128", "http://proxy.example.com:3128"},
      {"https://proxy.example.com:3128", "https://proxy.example.com:3128"},
      {"HTTP://proxy:3128", "http://proxy:3128"},
      {"proxy:3128", "http://proxy:3128"},
      {"proxy", "http://proxy:80"},
      {"https://user:pass@proxy", "https://user:pass@proxy:443"},
      {"http://proxy:3128/", "http://proxy:3128"},
      {"http://user:pass@proxy:3128", "http://user:pass@proxy:3128"},
      {"user:pass@proxy:3128", "http://user:pass@proxy:3128"},
      {"http://user:p%40ss%2Fw@proxy:3128/", "http://user:p%40ss%2Fw@proxy:3128"},
      {"http://10.0.0.1:8080", "http://10.0.0.1:8080"},
      {"http://[fd00::1]:3128", "http://[fd00::1]:3128"},
      {"http://user:pass@[::1]", "http://user:pass@[::1]:80"},
  };
  for (const auto &[text, url] : table) {
    const Result<std::string> result = proxy_url(text, "here");
    ASSERT_TRUE(result) << text << ": " << refusal(result);
    EXPECT_EQ(*result, url);
  }
}

TEST(Proxy, H8_refuses_all_else_and_never_shows_credentials) {
  const std::string table[] = {
      "http://scott:tiger@",
      "http://scott:tiger@proxy:99999",
      "http://scott:tiger@proxy:3128/path",
      "http://scott:tiger@pro xy:3128",
      "http://scott:tiger@proxy:3128?x",
      "http://scott:tiger@[::1",
      "http://scott:tiger@[proxy]:3128",
      "http://scott:tiger@[::1]3128",
      "http://scott:tiger@proxy\n:3128",
      "http://scott:ti\tger@proxy:3128",
      "http://scott:tiger@p\u00e9:3128",
      "http://scott:tiger@tiger@proxy:3128",
      "http://scott:tiger/tiger@proxy:3128",
      "http://scott:tiger#@proxy:3128",
      "http://scott:tiger?@proxy:3128",
      "socks5://scott:tiger@proxy:1080",
      "ftp://scott:tiger@proxy",
      "scott:tiger://x@proxy:3128",
      "tiger://x@proxy:3128",
      "http:/scott:tiger@proxy",
      "://scott:tiger@proxy",
      "http://scott:" + std::string(3000, 'x') + "tiger@proxy:3128",
      "http://",
      "",
  };
  for (const std::string &text : table) {
    const std::string error = refusal(proxy_url(text, "here"));
    EXPECT_THAT(error, StartsWith("here: ")) << text;
    EXPECT_THAT(error, HasSubstr("write http://host:port")) << text;
    EXPECT_THAT(error, Not(HasSubstr("tiger"))) << text;
    EXPECT_THAT(error, Not(HasSubstr("scott"))) << text;
  }
}

TEST(Proxy, the_environment_gives_proxy_and_exceptions) {
  struct Case {
    Variables variables;
    std::string url;
    std::string no_proxy;
  };
  const Case table[] = {
      {{}, "", ""},
      {{{"HTTPS_PROXY", "http://a:1"}}, "http://a:1", ""},
      {{{"https_proxy", "b:2"}}, "http://b:2", ""},
      {{{"https_proxy", "b:2"}, {"HTTPS_PROXY", "a:1"}}, "http://a:1", ""},
      {{{"https_proxy", "b:2"}, {"HTTPS_PROXY", ""}}, "http://b:2", ""},
      {{{"NO_PROXY", "10.0.0.0/8,.local"}, {"no_proxy", "x"}}, "", "10.0.0.0/8,.local"},
      {{{"no_proxy", "x"}}, "", "x"},
      {{{"HTTP_PROXY", "a:1"}, {"http_proxy", "a:1"}, {"ALL_PROXY", "a:1"}}, "", ""},
  };
  for (const auto &[variables, url, no_proxy] : table) {
    const Result<ProxyConfig> proxy = proxy_from_environment(Environment(variables));
    ASSERT_TRUE(proxy) << refusal(proxy);
    EXPECT_EQ(proxy->url, url);
    EXPECT_EQ(proxy->no_proxy, no_proxy);
  }
}

TEST(Proxy, P2_programs_get_the_variables_as_they_are) {
  const Result<ProxyConfig> proxy = proxy_from_environment(
      Environment({{"HTTPS_PROXY", "proxy:3128"}, {"http_proxy", "http://p:1"}, {"no_proxy", "a"}, {"OTHER", "x"}}));
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->variables,
            (std::vector<std::string>{"HTTPS_PROXY=proxy:3128", "http_proxy=http://p:1", "no_proxy=a"}));
}

TEST(Proxy, H8_errors_name_the_variable_and_not_its_value) {
  const auto outcome = [](const Variables &variables) {
    return refusal(proxy_from_environment(Environment(variables)));
  };
  for (const std::string name : {"HTTPS_PROXY", "https_proxy"}) {
    const std::string error = outcome({{name, "socks5://scott:tiger@proxy:1080"}});
    EXPECT_THAT(error, StartsWith("environment: " + name + ": "));
    EXPECT_THAT(error, Not(HasSubstr("tiger")));
  }
  for (const std::string name : {"NO_PROXY", "no_proxy"}) {
    EXPECT_THAT(outcome({{name, "a\nb"}}), StartsWith("environment: " + name + ": "));
    EXPECT_THAT(outcome({{name, std::string((16U << 10U) + 1, 'a')}}), StartsWith("environment: " + name + ": "));
  }
}

}  // namespace
}  // namespace regcred::core
