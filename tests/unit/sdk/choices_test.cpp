// SPDX-License-Identifier: Apache-2.0
// What a backend decides before a token leaves (registry.hpp), and the texts of JSON and URLs that it reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/json.hpp>
#include <regcred/registry.hpp>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using nlohmann::json;
using test::FailsWith;
using test::fake_token;
using test::FakeHost;
using test::FakeRequest;
using test::IsOk;
using test::pod_claims;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Calls `with` with the request that `fake` stands for.
template <class With>
auto given(const FakeRequest &fake, With with) {
  std::vector<regcred_pair> pairs;
  const regcred_request_v1 raw = fake.raw(pairs);
  return with(Request(&raw));
}

TEST(ServedRegistry, is_the_requests_own_in_lower_case_when_a_pattern_has_it) {
  const std::vector<HostPattern> patterns = {*HostPattern::parse("r.example.com"),
                                             *HostPattern::parse("*.x.example.com:444")};
  const auto served = [&](const char *image) {
    return given(FakeRequest(image),
                 [&](const Request &request) { return served_registry(request, patterns, "not in settings.hosts"); });
  };
  EXPECT_EQ(*served("R.example.com/app"), "r.example.com");
  EXPECT_EQ(*served("r.example.com:443/app"), "r.example.com:443");
  EXPECT_EQ(*served("a.x.example.com:444/app"), "a.x.example.com:444");
  for (const char *image :
       {"r.example.com:444/app", "x.r.example.com/app", "x.example.com:444/app", "r.example.com.evil.net/a", ""}) {
    EXPECT_THAT(served(image),
                StatusIs(Code::bad_config, AllOf(StartsWith("image host \""),
                                                 HasSubstr("\" is not in settings.hosts, so no token is sent"),
                                                 HasSubstr("matchImages"))))
        << image;
  }
  const auto none = [](const Request &request) { return served_registry(request, {}, "not in settings.hosts"); };
  EXPECT_THAT(given(FakeRequest("r.example.com/app"), none), StatusIs(Code::bad_config, HasSubstr("no token is sent")));
}

TEST(Choose, the_annotation_when_it_is_allowed_else_the_setting) {
  const auto chosen = [](const FakeRequest &fake, std::optional<std::string> setting) {
    return given(fake, [&](const Request &request) {
      return choose(request,
                    {.annotation = "example.com/role",
                     .setting = std::move(setting),
                     .setting_name = "settings.role",
                     .allowed_name = "settings.allowedRoles"},
                    [](std::string_view value) { return value == "puller"; });
    });
  };
  const FakeRequest plain("r.example.com/app");
  const auto annotated = [](const char *value) {
    return FakeRequest("r.example.com/app").annotation("example.com/role", value);
  };
  EXPECT_EQ(*chosen(plain, "reader"), "reader");
  EXPECT_EQ(*chosen(annotated(""), "reader"), "reader");
  EXPECT_EQ(*chosen(annotated("reader"), "reader"), "reader");
  EXPECT_EQ(*chosen(annotated("puller"), "reader"), "puller");
  EXPECT_EQ(*chosen(annotated("puller"), std::nullopt), "puller");
  for (const FakeRequest &without : {plain, annotated("")}) {
    EXPECT_THAT(chosen(without, std::nullopt),
                StatusIs(Code::bad_request, AllOf(HasSubstr("no annotation example.com/role"),
                                                  HasSubstr("settings.role is not set; set one of them"))));
  }
  for (const char *value : {"PULLER", "puller ", "readers"}) {
    EXPECT_THAT(chosen(annotated(value), "reader"), StatusIs(Code::bad_request, HasSubstr("is not allowed"))) << value;
  }
  EXPECT_THAT(chosen(annotated("ro\not"), "reader"),
              StatusIs(Code::bad_request, AllOf(StartsWith("annotation example.com/role: \"ro?ot\" is not allowed"),
                                                HasSubstr("add it to settings.allowedRoles"))));
}

TEST(Choose, a_list_says_which_values_are_allowed) {
  const std::vector<std::string> allowed = {"puller", "builder"};
  const auto chosen = [&](const char *value) {
    return given(FakeRequest("r.example.com/app").annotation("example.com/role", value), [&](const Request &request) {
      return choose(request, {"example.com/role", "reader", "settings.role", "settings.allowedRoles"}, allowed);
    });
  };
  EXPECT_EQ(*chosen("builder"), "builder");
  EXPECT_EQ(*chosen("reader"), "reader");
  EXPECT_EQ(*chosen(""), "reader");
  for (const char *value : {"build", "builder2", "*", "Puller"}) {
    EXPECT_THAT(chosen(value), StatusIs(Code::bad_request, HasSubstr("add it to settings.allowedRoles"))) << value;
  }
}

TEST(Choose, of_several_annotations_the_first_with_a_value_counts) {
  const auto first = [](const FakeRequest &fake) {
    return given(fake, [](const Request &request) -> Result<std::string> {
      return std::string(first_annotation(request, std::vector<std::string>{"example.com/a", "example.com/b"}));
    });
  };
  FakeRequest request("r.example.com/app");
  EXPECT_EQ(*first(request), "");
  request.annotation("example.com/c", "x").annotation("example.com/b", "x");
  EXPECT_EQ(*first(request), "example.com/b");
  EXPECT_EQ(*first(FakeRequest(request).annotation("example.com/a", "")), "example.com/b");
  EXPECT_EQ(*first(FakeRequest(request).annotation("example.com/a", "x")), "example.com/a");
}

class PassThroughTest : public ::testing::Test {
 protected:
  Result<Credentials> pass(const json &audience, PassThrough options = {"jwt"}, std::int64_t lives = 600) {
    json claims = pod_claims();
    claims["aud"] = audience;
    claims["exp"] = host.unix_now().count() + lives;
    token = fake_token(claims);
    return given(FakeRequest("R.example.com/app").token(token),
                 [&](const Request &request) { return pass_through(Host(host.table()), request, options); });
  }
  FakeHost host;
  std::string token;
};

TEST_F(PassThroughTest, M3_the_token_is_a_password_that_nobody_keeps) {
  for (const json &own : {json("r.example.com"), json({"https://r.example.com", "r.example.com"})}) {
    const Result<Credentials> made = pass(own);
    ASSERT_THAT(made, IsOk());
    EXPECT_EQ(made->username, "jwt");
    EXPECT_EQ(made->password.reveal(), token);
    EXPECT_EQ(made->scope, Scope::registry);
    EXPECT_EQ(made->lifetime, std::chrono::seconds(0));
  }
  EXPECT_THAT(pass("pulls", {"jwt", {}, {"pulls", "more"}}), IsOk());
  EXPECT_THAT(pass("r.example.com", {"jwt", {*HostPattern::parse("r.example.com")}}), IsOk());
}

TEST_F(PassThroughTest, H7_a_token_that_others_take_too_is_not_given_away) {
  for (const json &foreign :
       {json("cloudsmith"), json({"r.example.com", "cloudsmith"}), json::array(), json("http://r.example.com")}) {
    EXPECT_THAT(pass(foreign),
                StatusIs(Code::bad_request, AllOf(HasSubstr("not for this registry alone"),
                                                  HasSubstr("\"r.example.com\" or \"https://r.example.com\""))));
  }
  EXPECT_THAT(pass("r.example.com", {"jwt", {}, {"pulls"}}),
              StatusIs(Code::bad_request, HasSubstr("to \"pulls\" (settings.audiences)")));
  EXPECT_THAT(pass("r.example.com", {"jwt", {*HostPattern::parse("s.example.com")}}),
              StatusIs(Code::bad_config, HasSubstr("not in settings.registryHosts")));
  EXPECT_THAT(pass("r.example.com", {"jwt"}, -5), StatusIs(Code::bad_request, HasSubstr("expired 5 s ago")));
}

TEST(JsonText, is_a_text_or_empty) {
  const json object = {{"a", "x"}, {"b", 1}, {"c", nullptr}, {"d", {{"a", "y"}}}};
  EXPECT_EQ(json_text(object, "a"), "x");
  for (const char *name : {"b", "c", "d", "e", ""}) EXPECT_EQ(json_text(object, name), "") << name;
  for (const json &other : {json(), json(1), json("a"), json::array({"a"})}) EXPECT_EQ(json_text(other, "a"), "");
}

TEST(IsAuthority, a_host_or_an_IPv6_address_in_brackets_and_a_port) {
  for (const char *text :
       {"a.example", "A.example:8443", "127.0.0.1", "[::1]", "[FD00:ec2::254]:443", "[::ffff:1.2.3.4]:1"}) {
    EXPECT_TRUE(is_authority(text)) << text;
  }
  for (const std::string text :
       {"", "[", "[]", "[::1", "::1", "[::1]443", "[::1]:", "[::1]:0", "[::1]:65536", "[::1]x", "[fe80::1%eth0]",
        "[a.example]", "[127.0.0.1]", "[ ::1]", "u@a.example", "[::1]:1:2"}) {
    EXPECT_FALSE(is_authority(text)) << text;
  }
  using namespace std::string_view_literals;
  EXPECT_FALSE(is_authority("[::1\0.evil.example]"sv));
}

}  // namespace
}  // namespace regcred
