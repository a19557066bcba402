// SPDX-License-Identifier: Apache-2.0
// Our entries in other owners' files: what they wrote keeps its meaning.
#include "node/provider_merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "cluster/kubelet_text.hpp"
#include "node/tree_text.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

constexpr const char *own =
    "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n"
    "  # Registry entry x.\n  - name: regcred\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n"
    "    matchImages:\n      - \"registry.example.com\"\n    defaultCacheDuration: 10m\n"
    "    tokenAttributes:\n      serviceAccountTokenAudience: \"x\"\n      requireServiceAccount: true\n";
constexpr const char *head = "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n";

std::string merged(const std::string &text, std::vector<std::string> ours = {}, const std::string &entries = own) {
  const Result<std::string> result = merge_providers({text, "FILE", entries, std::move(ours)});
  EXPECT_TRUE(result) << (result ? "" : result.error().what);
  return result.value_or("");
}

TEST(ProviderMerge, an_entry_is_added_behind_the_others_with_their_comments_and_indentation) {
  const std::string theirs =
      std::string("# Made by hand.\n") + head +
      "- name: ecr-credential-provider   # Amazon\n  matchImages: ['*.dkr.ecr.*.amazonaws.com']\n"
      "  defaultCacheDuration: 12h\n  x-unknown: 0x1F\n# the end\n";
  EXPECT_EQ(merged(theirs),
            std::string("# Made by hand.\n") + head +
                "- name: ecr-credential-provider   # Amazon\n  matchImages: ['*.dkr.ecr.*.amazonaws.com']\n"
                "  defaultCacheDuration: 12h\n  x-unknown: 0x1F\n"
                "- name: \"regcred\"\n  apiVersion: \"credentialprovider.kubelet.k8s.io/v1\"\n  matchImages:\n"
                "    - \"registry.example.com\"\n  defaultCacheDuration: \"10m\"\n  tokenAttributes:\n"
                "    serviceAccountTokenAudience: \"x\"\n    requireServiceAccount: true\n# the end\n");
}

TEST(ProviderMerge, the_second_time_nothing_changes) {
  const std::string once = merged(std::string(head) + "  - name: a\n    env: []\n");
  EXPECT_EQ(merged(once, {"regcred"}), once);
}

TEST(ProviderMerge, an_entry_of_ours_is_replaced_where_it_stands_and_an_old_one_is_taken_out) {
  const std::string text = merged(std::string(head) +
                                      "  - name: a\n    v: 1\n\n  # b is next\n  - name: regcred\n    old: 1\n"
                                      "  - name: regcred-old\n    old: 2\n  # c\n  - name: c\nlater: 1\n",
                                  {"regcred", "regcred-old"});
  EXPECT_THAT(text, HasSubstr("  - name: a\n    v: 1\n\n  # b is next\n  - name: \"regcred\"\n    apiVersion"));
  EXPECT_THAT(text, HasSubstr("requireServiceAccount: true\n  # c\n  - name: c\nlater: 1\n"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("old")));
}

TEST(ProviderMerge, json_stays_json_with_its_forms_of_numbers) {
  const std::string theirs =
      "{\"kind\": \"CredentialProviderConfig\",\n\t\"providers\": [{\"name\": \"a\", \"big\": 12345678901234567890123, "
      "\"x\": 1.10e3, \"t\": \"\\u00e9\\n\", \"n\": null, \"e\": {}, \"l\": []}], \"apiVersion\": \"v\"}";
  const std::string text = merged(theirs);
  EXPECT_THAT(text, HasSubstr("\"big\": 12345678901234567890123"));
  EXPECT_THAT(text, HasSubstr("\"x\": 1.10e3"));
  const nlohmann::json before = nlohmann::json::parse(theirs);
  nlohmann::json after = nlohmann::json::parse(text);
  ASSERT_EQ(after["providers"].size(), 2);
  EXPECT_EQ(after["providers"][1]["tokenAttributes"]["requireServiceAccount"], true);
  EXPECT_EQ(after["providers"][1]["defaultCacheDuration"], "10m");
  after["providers"].erase(1);
  EXPECT_EQ(after, before);
  EXPECT_EQ(merged(text, {"regcred"}), text);
}

TEST(ProviderMerge, N3_an_anchor_that_goes_with_our_entry_keeps_its_value) {
  const std::string text = merged(std::string(head) + "  - name: a\n    v: &x [1, 2]\n  - name: b\n    v: *x\n", {"a"});
  const Result<YamlNode> read = parse_kubelet_text(text, "FILE");
  ASSERT_TRUE(read) << text;
  const YamlNode &other = read->find("providers")->items.front();
  EXPECT_EQ(other.find("name")->text, "b") << text;
  EXPECT_EQ(other.find("v")->items.size(), 2) << text;
}

TEST(ProviderMerge, N3_what_would_change_when_it_is_written_anew_is_refused) {
  const Result<std::string> result =
      merge_providers({"apiVersion: v\nkind: k\nproviders: [{name: a, text: one\n\n  two}]\n", "FILE", own, {}});
  ASSERT_FALSE(result) << *result;
  EXPECT_THAT(result.error().what, HasSubstr("keeps its meaning"));
}

TEST(ProviderMerge, N3_an_entry_of_another_program_under_our_name_is_refused) {
  const Result<std::string> result =
      merge_providers({std::string(head) + "  - name: a\n  - name: regcred\n", "FILE", own, {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "FILE:5:5");
  EXPECT_THAT(result.error().what, HasSubstr("of another program"));
}

TEST(ProviderMerge, N1_the_last_entry_cannot_be_taken_out) {
  const Result<std::string> result =
      merge_providers({std::string(head) + "  - name: regcred\n    v: 1\n", "FILE", "", {"regcred"}});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().what, HasSubstr("without a provider"));
}

TEST(ProviderMerge, what_is_no_configuration_is_refused) {
  for (const char *text : {"", "[]", "providers: {}", "providers: []", "a: [", "{\"providers\": [{}],}"}) {
    EXPECT_FALSE(merge_providers({text, "FILE", own, {}})) << text;
  }
}

// A random tree as other owners write it.
class Forest {
 public:
  explicit Forest(unsigned seed) : random_(seed) {}

  YamlNode scalar() {
    static const char *const plain[] = {"1",   "0x1F", "1.10",  "true", "No",  "~x",
                                        "10m", "a b",  "1_000", "-",    "a:b", "x#y"};
    static const char *const quoted[] = {"",         "null",       "1",     "a: b",  " # x",
                                         "\xc3\xa9", "line\nline", "\\\"'", "\ttab", "- x"};
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.plain = number(2) == 0;
    node.text = node.plain ? plain[number(std::size(plain) - 1)] : quoted[number(std::size(quoted) - 1)];
    if (node.text == "-") node.plain = false;
    return node;
  }

  YamlNode tree(int depth) {
    const unsigned kind = depth == 0 ? 0 : number(4);
    if (kind < 2) return scalar();
    YamlNode node;
    if (kind == 2) return node;  // null
    node.kind = kind == 3 ? YamlNode::Kind::sequence : YamlNode::Kind::mapping;
    for (unsigned i = number(3); i > 0; --i) {
      if (kind == 4) node.items.push_back(key("k" + std::to_string(i)));
      node.items.push_back(tree(depth - 1));
    }
    return node;
  }

  YamlNode provider(const std::string &name) {
    YamlNode node;
    node.kind = YamlNode::Kind::mapping;
    node.items = {key("name"), text(name)};
    for (unsigned i = number(4); i > 0; --i) {
      node.items.push_back(key("x-" + std::to_string(i)));
      node.items.push_back(tree(3));
    }
    return node;
  }

  static YamlNode text(const std::string &value) {
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = value;
    return node;
  }
  static YamlNode key(const std::string &name) {
    YamlNode node = text(name);
    node.plain = true;
    return node;
  }
  unsigned number(std::size_t max) { return static_cast<unsigned>(random_() % (max + 1)); }

 private:
  std::mt19937 random_;
};

// Texts in quotes in JSON, numbers only without.
void as_json_has_it(YamlNode &node) {
  if (node.kind == YamlNode::Kind::scalar && node.plain && node.text != "1" && node.text != "true") node.plain = false;
  for (YamlNode &item : node.items) as_json_has_it(item);
}

TEST(ProviderMerge, N3_random_entries_of_others_keep_their_meaning) {
  for (unsigned seed = 0; seed < 600; ++seed) {
    Forest forest(seed);
    YamlNode document;
    document.kind = YamlNode::Kind::mapping;
    YamlNode list;
    list.kind = YamlNode::Kind::sequence;
    std::vector<std::string> ours;
    for (unsigned i = 0, all = 1 + forest.number(4); i < all; ++i) {
      list.items.push_back(forest.provider("p" + std::to_string(i)));
      if (i > 0 && forest.number(3) == 0) ours.push_back("p" + std::to_string(i));
    }
    document.items = {Forest::key("before"), forest.tree(2), Forest::key("providers"), list,
                      Forest::key("after"),  forest.tree(2)};
    const bool in_json = seed % 2 == 1;
    if (in_json) as_json_has_it(document);
    const std::string text = in_json ? tree_as_json(document) : tree_as_yaml(document);
    const Result<YamlNode> before = parse_kubelet_text(text, "FILE");
    ASSERT_TRUE(before) << before.error().where << ' ' << before.error().what << '\n' << text;
    const Result<YamlNode> after = parse_kubelet_text(merged(text, ours), "FILE");
    ASSERT_TRUE(after) << text;
    EXPECT_TRUE(same_tree(*before->find("before"), *after->find("before"))) << text;
    EXPECT_TRUE(same_tree(*before->find("after"), *after->find("after"))) << text;
    std::vector<YamlNode> kept;
    for (const YamlNode &item : before->find("providers")->items) {
      if (std::find(ours.begin(), ours.end(), item.find("name")->text) == ours.end()) kept.push_back(item);
    }
    const std::vector<YamlNode> &found = after->find("providers")->items;
    ASSERT_EQ(found.size(), kept.size() + 1) << text;
    EXPECT_TRUE(std::equal(kept.begin(), kept.end(), found.begin(), same_tree)) << "seed " << seed << '\n' << text;
    EXPECT_EQ(found.back().find("name")->text, "regcred");
  }
}

}  // namespace
}  // namespace regcred::core
