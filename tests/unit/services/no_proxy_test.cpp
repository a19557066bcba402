// SPDX-License-Identifier: Apache-2.0
// NO_PROXY by the rules of golang.org/x/net/http/httpproxy; the rows are by its own tests (TestUseProxy) and its
// comments.
#include <gtest/gtest.h>

#include "curl_fixture.hpp"
#include "services/http/proxy_route.hpp"

namespace regcred::core {
namespace {

TEST(NoProxy, as_Go_reads_it) {
  struct Case {
    const char *no_proxy;
    const char *authority;
    bool spared;
  };
  const Case cases[] = {
      {"", "api.example.com", false},
      {"*", "api.example.com", true},
      {"other.com,*", "api.example.com:8443", true},
      {"example.com", "example.com", true},
      {"example.com", "api.example.com", true},
      {"example.com", "badexample.com", false},
      {"EXAMPLE.com", "API.example.COM", true},
      {" example.com , other.com", "api.example.com", true},
      {".example.com", "example.com", false},
      {".example.com", "api.example.com", true},
      {"*.example.com", "example.com", false},
      {"*.example.com", "api.example.com", true},
      {"api.example.com:443", "api.example.com", true},
      {"api.example.com:443", "api.example.com:443", true},
      {"api.example.com:443", "api.example.com:8443", false},
      {"api.example.com:80", "api.example.com", false},
      {"example.com:8443", "api.example.com:8443", true},
      {".example.com:8443", "api.example.com:8443", true},
      {"api.example.com", "api.example.com:8443", true},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1:443", "192.0.2.1", true},
      {"192.0.2.1:80", "192.0.2.1", false},
      {"192.0.2.0/24", "192.0.2.77:8443", true},
      {"192.0.2.0/24", "192.0.3.1", false},
      {"192.0.2.0/33", "192.0.2.1", false},
      {"192.0.2.0/", "192.0.2.1", false},
      {"0.0.0.0/0", "192.0.2.1", true},
      {"0.0.0.0/0", "[fd00::1]", false},
      {"192.0.2.0/24", "host.example.com", false},
      {"fd00::/8", "[fd00::1]:5000", true},
      {"fd00::1", "[fd00::1]:5000", true},
      {"[fd00::1]:5000", "[fd00:0::1]:5000", true},
      {"[fd00::1]:5000", "[fd00::1]:5001", false},
      {":443", "api.example.com", false},
      {",,", "api.example.com", false},
      {"localhost:5000", "localhost:5000", true},
      {"localhost:5000", "localhost:5001", false},
      {"2.1", "192.0.2.1", true},  // odd, but Go's
  };
  for (const Case &row : cases) {
    EXPECT_EQ(spared_as_go(row.no_proxy, row.authority), row.spared) << row.no_proxy << " for " << row.authority;
  }
}

using NoProxyOfCurl = CurlTest;

// Names are looked up, addresses stand for themselves: also when both have one address.
TEST_F(NoProxyOfCurl, libcurl_says_whether_it_would_use_the_proxy) {
  struct Case {
    const char *proxy;
    const char *no_proxy;
    const char *url;
    bool proxied;
  };
  const Case cases[] = {
      {"", "", "https://api.example.com/", false},
      {"http://proxy.example.com:3128", "", "https://api.example.com/", true},
      {"http://proxy.example.com:3128", "api.example.com", "https://api.example.com/", false},
      {"http://proxy.example.com:3128", "*", "https://api.example.com:8443/", false},
      {"http://127.0.0.1:3128", "", "https://127.0.0.1:8443/", true},
      {"http://127.0.0.1:3128", "127.0.0.1", "https://127.0.0.1:8443/", false},
      {"http://127.0.0.1:3128", "api.example.com", "https://api.example.com/", false},
      {"http://user:pass@127.0.0.1:3128", "", "https://api.example.com/", true},
      {"https://proxy.example.com:443", "", "https://192.0.2.9:5000/", true},
      {"https://proxy.example.com:443", "192.0.2.9", "https://192.0.2.9:5000/", false},
      {"http://[::1]:3128", "", "https://[::1]:5000/", true},
  };
  for (const Case &row : cases) {
    EXPECT_EQ(goes_through_proxy(row.url, {row.proxy, row.no_proxy}), row.proxied) << row.proxy << ' ' << row.no_proxy;
  }
}

}  // namespace
}  // namespace regcred::core
