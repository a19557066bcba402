// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "match/route.hpp"

namespace regcred::core {
namespace {

Config config_for(std::vector<std::string> patterns) {
  Config config;
  config.registries.push_back({.name = "trusted", .match_images = std::move(patterns), .backend = "static"});
  return config;
}

// As parse_kubelet_image and choose_route are called for a request.
Result<Route> route_of(const Config &config, std::string_view image) {
  const auto reference = parse_kubelet_image(image);
  if (!reference) return tl::make_unexpected(reference.error());
  return choose_route(config, *reference);
}

// Names that a person, or a careless regex, takes for reg.example.com. None may get its credential, whether the name is
// refused or just does not match.
TEST(LookAlike, M1_no_look_alike_reaches_the_entry_of_the_real_host) {
  const Config config = config_for({"reg.example.com", "*.reg.example.com/team"});
  ASSERT_TRUE(route_of(config, "reg.example.com/team/app"));
  for (const std::string_view image :
       {"reg.example.com.evil.io/team/app", "evil.io/reg.example.com/team/app", "xreg.example.com/team/app",
        "reg-example.com/team/app", "reg.example.com-evil.io/team/app", "reg.example.co/team/app",
        "reg.example.comm/team/app", "regxexample.com/team/app", "reg.example/team/app",
        // user information
        "reg.example.com@evil.io/team/app", "reg.example.com:pw@evil.io/team/app", "evil.io@reg.example.com/team/app",
        "reg.example.com%40evil.io/app",
        // letters that look alike, and their punycode
        "r\xD0\xB5g.example.com/team/app", "xn--rg-qlc.example.com/team/app", "reg.example.xn--cm-fmc/team/app",
        "reg\xE3\x80\x82"
        "example.com/team/app",
        "reg.example\xE2\x80\xA4"
        "com/team/app",
        // case, dots, ports
        "REG.example.com/team/app", "Reg.Example.Com/team/app", "reg.example.com./team/app",
        ".reg.example.com/team/app", "reg..example.com/team/app", "reg.example.com:443/team/app",
        "reg.example.com:80/team/app", "reg.example.com:/team/app", "reg.example.com:443:443/team/app",
        // URL syntax
        "https://reg.example.com/team/app", "//reg.example.com/team/app", "evil.io?reg.example.com/team/app",
        "evil.io#@reg.example.com/team/app", "evil.io\\@reg.example.com/team/app", "evil.io/@reg.example.com/team/app",
        "reg%2Eexample.com/team/app", "reg.example.com%00.evil.io/team/app",
        // white space and control characters
        " reg.example.com/team/app", "reg.example.com /team/app", "reg.example.com\t/team/app",
        "reg.example.com\r\nHost: evil.io/app", "[reg.example.com]/team/app",
        // the glob takes exactly one label and its path
        "a.b.reg.example.com/team/app", "a.reg.example.com/other/app", "a.reg.example.com:443/team/app"}) {
    const auto route = route_of(config, image);
    EXPECT_FALSE(route) << image;
  }
  EXPECT_FALSE(route_of(config, std::string_view("reg.example.com\0.evil.io/app", 28)));
}

TEST(LookAlike, M1_a_punycode_host_is_matched_as_it_is_written) {
  const Config config = config_for({"xn--bcher-kva.example"});
  EXPECT_TRUE(route_of(config, "xn--bcher-kva.example/app"));
  EXPECT_FALSE(route_of(config, "XN--bcher-kva.example/app"));
  EXPECT_FALSE(route_of(config,
                        "b\xC3\xBC"
                        "cher.example/app"));
}

}  // namespace
}  // namespace regcred::core
