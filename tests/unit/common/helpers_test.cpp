// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/ascii.hpp"
#include "common/join.hpp"
#include "common/key_value.hpp"
#include "common/kubernetes_names.hpp"
#include "common/utc_time.hpp"

namespace regcred::core {
namespace {

TEST(Ascii, only_its_letters_change) {
  EXPECT_EQ(to_lower(std::string_view("aZ09-_\xC3\x84")), "az09-_\xC3\x84");
  EXPECT_EQ(to_upper('z'), 'Z');
  EXPECT_EQ(to_upper('['), '[');
  for (const char c : std::string_view("@[`{/:\x80\xFF")) EXPECT_FALSE(is_alnum(c)) << c;
}

TEST(Join, lists_of_none_one_and_more) {
  using Items = std::vector<std::string>;
  EXPECT_EQ(joined(Items{}), "");
  EXPECT_EQ(joined(Items{"a"}), "a");
  EXPECT_EQ(joined(Items{"a", "", "c"}), "a, , c");
  EXPECT_EQ(joined(
                Items{"a", "b", "c"}, [](const std::string &item) { return '<' + item + '>'; }, ", ", " and "),
            "<a>, <b> and <c>");
  EXPECT_EQ(either(Items{"a", "b", "c"}), "a, b or c");
  EXPECT_EQ(either(Items{"a", "b"}), "a or b");
  EXPECT_EQ(either(Items{"a"}), "a");
}

TEST(KeyValue, is_split_at_the_first_equals_sign) {
  const auto pair = split_key_value("a.io/b=c=d");
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->key, "a.io/b");
  EXPECT_EQ(pair->value, "c=d");
  EXPECT_EQ(split_key_value("a=").value_or(KeyValue{"", "?"}).value, "");
  for (const char *text : {"", "=", "=a", "a"}) EXPECT_FALSE(split_key_value(text)) << text;
}

TEST(KubernetesNames, by_the_rules_of_kubernetes) {
  for (const char *name : {"a", "a-1", "0a"}) EXPECT_TRUE(is_dns_label(name)) << name;
  for (const char *name : {"", "-a", "a-", "A", "a.b", "a_b"}) EXPECT_FALSE(is_dns_label(name)) << name;
  EXPECT_FALSE(is_dns_label(std::string(64, 'a')));
  EXPECT_TRUE(is_dns_subdomain("a.b-c"));
  for (const char *name : {"", ".a", "a.", "a..b", "a.-b"}) EXPECT_FALSE(is_dns_subdomain(name)) << name;
  for (const char *key : {"a", "example.com/a_b.c", "Example.com/Name"}) EXPECT_TRUE(is_annotation_key(key)) << key;
  for (const char *key : {"", "/a", "a/", "a/b/c", "-a", "a b", "ex_ample.com/a"}) {
    EXPECT_FALSE(is_annotation_key(key)) << key;
  }
  for (const char *key :
       {"kubernetes.io/a", "kubectl.kubernetes.io/last-applied-configuration", "k8s.io/a", "x.k8s.io/a"}) {
    EXPECT_TRUE(is_kubernetes_annotation(key)) << key;
  }
  for (const char *key :
       {"", "kubernetes.io", "akubernetes.io/a", "kubernetes.io.example.com/a", "a/kubernetes.io/a"}) {
    EXPECT_FALSE(is_kubernetes_annotation(key)) << key;
  }
}

TEST(UtcText, is_the_same_in_every_time_zone) {
  EXPECT_EQ(utc_text(0), "1970-01-01 00:00:00Z");
  EXPECT_EQ(utc_text(1'792'567'680), "2026-10-21 07:28:00Z");
  EXPECT_EQ(utc_text(INT64_MAX), "a time beyond the calendar");
}

}  // namespace
}  // namespace regcred::core
