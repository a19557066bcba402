// SPDX-License-Identifier: Apache-2.0
#include "common/domain.hpp"

#include <gtest/gtest.h>

namespace regcred::core {
namespace {

TEST(Domain, H7b_what_anybody_may_have_a_name_below) {
  for (const char *suffix : {"", "com", "uk", "co.uk", "com.au", "org.nz", "net.cn", "ac.jp", "gov.br", "edu.tr"}) {
    EXPECT_TRUE(is_public_suffix(suffix)) << suffix;
  }
  for (const char *domain : {"example.com", "a.co.uk", "co.com", "me.uk", "co.u1", "github.io"}) {
    EXPECT_FALSE(is_public_suffix(domain)) << domain;
  }
}

TEST(Domain, H7b_hosts_of_one_domain) {
  EXPECT_TRUE(share_domain("a.example.com", "example.com"));
  EXPECT_TRUE(share_domain("a.b.example.com", "c.example.com"));
  EXPECT_TRUE(share_domain("10.0.0.1", "10.0.0.1"));
  EXPECT_TRUE(share_domain("localhost", "localhost"));
  for (const auto &[one, other] : {std::pair("10.0.0.1", "10.9.0.1"), std::pair("::1", "::2"), std::pair("", "com"),
                                   std::pair("a.co.uk", "b.co.uk"), std::pair("com", "example.com"),
                                   std::pair("example.com", "xample.com"), std::pair(".com", "a.com")}) {
    EXPECT_FALSE(share_domain(one, other)) << one << ' ' << other;
    EXPECT_FALSE(share_domain(other, one)) << one << ' ' << other;
  }
}

}  // namespace
}  // namespace regcred::core
