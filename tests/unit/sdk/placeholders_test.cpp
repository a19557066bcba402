// SPDX-License-Identifier: Apache-2.0
// Names of the pod in a setting: whose token is accepted, and what is put in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <regcred/placeholders.hpp>
#include <regcred/testing/matchers.hpp>
#include <string>
#include <vector>

namespace regcred {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

UnverifiedClaims of(std::string subject) {
  UnverifiedClaims claims;
  claims.subject = std::move(subject);
  return claims;
}

TEST(Placeholders, the_subject_of_a_service_account_gives_both_names) {
  const auto name = service_account_name(of("system:serviceaccount:team-a:app.build-1"));
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->namespace_name, "team-a");
  EXPECT_EQ(name->name, "app.build-1");
  EXPECT_TRUE(service_account_name(of("system:serviceaccount:" + std::string(63, 'n') + ":" + std::string(253, 's'))));
}

TEST(Placeholders, names_of_two_pods_stay_two_where_no_name_holds_what_stands_between) {
  for (const char *text : {"", "x", "{namespace}", "{namespace}/{serviceAccount}", "a-{namespace}_-{serviceAccount}-b",
                           "{namespace}/a/{serviceAccount}", "{registry}+{namespace}"}) {
    EXPECT_FALSE(placeholders_may_mix(text)) << text;
  }
  for (const char *text : {"{namespace}{serviceAccount}", "{namespace}-{serviceAccount}", "{registry}:{namespace}",
                           "{namespace}/{serviceAccount}-{namespace}", "{serviceAccount}.team-1.{namespace}"}) {
    EXPECT_TRUE(placeholders_may_mix(text)) << text;
  }
}

// A name with another character could point to another tenant's place.
TEST(Placeholders, H6_other_subjects_and_names_that_kubernetes_does_not_allow_are_refused) {
  const std::vector<std::string> subjects = {"",
                                             "app",
                                             "system:node:a",
                                             "system:serviceaccount:a",
                                             "system:serviceaccount::app",
                                             "system:serviceaccount:a:",
                                             "system:serviceaccount:a:b:c",
                                             "system:serviceaccount:../b:app",
                                             "system:serviceaccount:a:..",
                                             "system:serviceaccount:a:b/c",
                                             "system:serviceaccount:a:b.",
                                             "system:serviceaccount:a:.b",
                                             "system:serviceaccount:a.b:c",
                                             "system:serviceaccount:A:b",
                                             "system:serviceaccount:-a:b",
                                             "system:serviceaccount:a:b%2f",
                                             "system:serviceaccount:a:b\n",
                                             "system:serviceaccount:a:{namespace}",
                                             std::string("system:serviceaccount:a:b\0c", 27),
                                             " system:serviceaccount:a:b",
                                             "system:serviceaccount:" + std::string(64, 'n') + ":s",
                                             "system:serviceaccount:n:" + std::string(254, 's')};
  for (const std::string &subject : subjects) {
    EXPECT_THAT(service_account_name(of(subject)),
                StatusIs(Code::bad_request, HasSubstr("is not system:serviceaccount:NAMESPACE:NAME")))
        << subject;
  }
}

TEST(Placeholders, only_known_ones_are_taken) {
  constexpr std::array<std::string_view, 2> names = {"a", "bc"};
  for (const char *text : {"", "x", "{a}", "x{a}/{bc}{a}"}) {
    EXPECT_EQ(unknown_placeholder(text, names), std::nullopt) << text;
  }
  EXPECT_EQ(unknown_placeholder("x/{b}", names), "{b}");
  EXPECT_EQ(unknown_placeholder("{a}{}", names), "{}");
  EXPECT_EQ(unknown_placeholder("{a", names), "{a");
  EXPECT_EQ(unknown_placeholder("a}b", names), "}");
  EXPECT_EQ(unknown_placeholder("{{a}}", names), "{{a}");
}

TEST(Placeholders, values_are_put_in_once) {
  constexpr std::array<Placeholder, 2> values = {{{"a", "{bc}"}, {"bc", "2"}}};
  EXPECT_EQ(with_placeholders("x{a}/{bc}{bc}y", values), "x{bc}/22y");
  EXPECT_EQ(with_placeholders("{no}{a", values), "{no}{a");
  EXPECT_EQ(with_placeholders("", values), "");
}

TEST(Placeholders, names_of_a_pod_are_put_in_where_they_stand) {
  EXPECT_EQ(with_placeholders("role/{namespace}-{serviceAccount}-{namespace}", ServiceAccountName{"a", "b"}),
            "role/a-b-a");
  EXPECT_EQ(with_placeholders("role/{Namespace}", ServiceAccountName{"a", "b"}), "role/{Namespace}");
}

}  // namespace
}  // namespace regcred
