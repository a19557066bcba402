// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/challenge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regcred::core {
namespace {

// "scheme{name=value,...} ..." of what was read.
std::string read(const std::string &value) {
  std::string text;
  for (const Challenge &challenge : parse_challenges(value)) {
    text += (text.empty() ? "" : " ") + challenge.scheme + "{";
    for (const auto &[name, parameter] : challenge.parameters) text += name + "=" + parameter + ";";
    text += "}";
  }
  return text;
}

TEST(Challenges, what_registries_send_and_what_they_should_not) {
  const std::pair<const char *, const char *> cases[] = {
      {R"(Bearer realm="https://a/t",service="s",scope="repository:x:pull")",
       "bearer{realm=https://a/t;scope=repository:x:pull;service=s;}"},
      {R"(Basic realm="registry")", "basic{realm=registry;}"},
      {"Negotiate", "negotiate{}"},
      {R"(Negotiate, Bearer realm="r", Basic realm="b")", "negotiate{} bearer{realm=r;} basic{realm=b;}"},
      {R"(BEARER  Realm = "r" , SERVICE=s)", "bearer{realm=r;service=s;}"},
      {R"(Bearer realm="a\"b\\c, d=e")", R"(bearer{realm=a"b\c, d=e;})"},
      {R"(Bearer realm="first",realm="second")", "bearer{realm=first;}"},
      {R"(,, Bearer realm="r",,)", "bearer{realm=r;}"},
      {"", ""},
      {"=", ""},
      {R"(Bearer realm="never ends)", "bearer{} realm{}"},
      {R"(Bearer realm="r\)", "bearer{} realm{}"},
      {R"("Bearer")", ""},
  };
  for (const auto &[value, expected] : cases) EXPECT_EQ(read(value), expected) << value;
  EXPECT_LE(parse_challenges(std::string(60'000, 'a') + " b, c, d, e, f, g, h, i, j, k, l").size(), 8U);
}

TEST(TokenUrl, a_realm_becomes_the_url_that_is_asked) {
  const auto url = [](std::map<std::string, std::string> parameters) {
    return token_url({"bearer", std::move(parameters)}, "team/app").value_or("none");
  };
  EXPECT_EQ(url({{"realm", "https://auth.example.com/token"}, {"service", "reg & co"}}),
            "https://auth.example.com/token?service=reg%20%26%20co&scope=repository%3Ateam%2Fapp%3Apull");
  EXPECT_EQ(url({{"realm", "https://auth.example.com/token?a=b"}}),
            "https://auth.example.com/token?a=b&scope=repository%3Ateam%2Fapp%3Apull");
  for (const char *realm : {"", "http://auth.example.com/token", "//auth.example.com", "file:///etc/passwd",
                            "https://user:pass@auth.example.com/", "https://auth.example.com/#x", "https://a\r\nb/",
                            "https://auth.example.com\\@evil/"}) {
    EXPECT_EQ(url({{"realm", realm}}), "none") << realm;
  }
  EXPECT_EQ(url({{"service", "x"}}), "none");
}

}  // namespace
}  // namespace regcred::core
