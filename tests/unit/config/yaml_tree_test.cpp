// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The tree on one line: mappings {k v}, lists [a b], null ~, plain text as it is, other text in quotes.
std::string brief(const YamlNode &node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "~";
    case YamlNode::Kind::scalar:
      return node.plain ? node.text : '\'' + node.text + '\'';
    default:
      break;
  }
  std::string out;
  for (const YamlNode &item : node.items) out += (out.empty() ? "" : " ") + brief(item);
  return node.kind == YamlNode::Kind::sequence ? '[' + out + ']' : '{' + out + '}';
}

std::string brief(const std::string &text) {
  const Result<YamlNode> tree = parse_yaml(text, "f");
  return tree ? brief(*tree) : refusal(tree);
}

TEST(YamlTree, keeps_structure_order_and_quotes) {
  struct Case {
    std::string text;
    std::string tree;
  };
  const Case table[] = {
      {"", "~"},
      {"   \n# only a comment\n", "~"},
      {"---\n", "~"},
      {"a: 1", "{a 1}"},
      {"a: 1\n...\n", "{a 1}"},
      {"\xef\xbb\xbf"
       "a: 1",
       "{a 1}"},
      {"a: 1\r\nb: 2\r\n", "{a 1 b 2}"},
      {"b: 1\na: 2", "{b 1 a 2}"},
      {"a: '1'\nb: \"1\"\nc: 1", "{a '1' b '1' c 1}"},
      {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a 'x\ny\n' b 'x y'}"},
      {"a: ! 1", "{a '1'}"},
      {"a:\nb: ~\nc: null\nd: ''", "{a ~ b ~ c ~ d ''}"},
      {"- a\n-\n- - b\n  - c\n", "[a ~ [b c]]"},
      {"{a: [1, {b: c}], d: []}", "{a [1 {b c}] d []}"},
      {R"({"a": ["b", 1, true, null]})", "{'a' ['b' 1 true ~]}"},
      {"%YAML 1.2\n---\na: 1", "{a 1}"},
      {"a: &x 1\nb: *x", "{a 1 b 1}"},
      {"a: &x {k: [v]}\nb: [*x, *x]", "{a {k [v]} b [{k [v]} {k [v]}]}"},
      {"&k a: 1\nb: *k", "{a 1 b a}"},
      {"a: &x 1\nb: &x 2\nc: *x", "{a 1 b 2 c 2}"},
      {"'<<': 1", "{'<<' 1}"},
      {"1: a\ntrue: b", "{1 a true b}"},
      {"a: 9\nA: 8", "{a 9 A 8}"},
      {"a: yes # not a part\nb: x#y", "{a yes b x#y}"},
  };
  for (const auto &[text, tree] : table) EXPECT_EQ(brief(text), tree) << text;
}

TEST(YamlTree, remembers_where_everything_stood) {
  const Result<YamlNode> tree = parse_yaml(
      "first: 1\n"
      "list:\n"
      "  - one\n"
      "  - {k: \"v\"}\n"
      "  - &a anchored\n"
      "  - *a\n"
      "text: |\n"
      "  block\n",
      "f");
  ASSERT_TRUE(tree) << refusal(tree);
  const auto at = [](const YamlNode &node) { return position("f", node); };
  EXPECT_EQ(at(*tree), "f:1:1");
  EXPECT_EQ(at(*tree->find("first")), "f:1:8");
  const YamlNode &list = *tree->find("list");
  EXPECT_EQ(at(list), "f:3:3");
  EXPECT_EQ(at(list.items[0]), "f:3:5");
  EXPECT_EQ(at(list.items[1]), "f:4:5");
  EXPECT_EQ(at(list.items[1].items[0]), "f:4:6");
  EXPECT_EQ(at(list.items[1].items[1]), "f:4:9");
  EXPECT_EQ(at(list.items[2]), "f:5:5");
  EXPECT_EQ(at(list.items[3]), "f:5:5") << "an alias is where its value is written";
  EXPECT_EQ(at(*tree->find("text")), "f:7:7");
  EXPECT_EQ(tree->find("none"), nullptr);
  EXPECT_EQ(list.find("one"), nullptr);
}

TEST(YamlTree, columns_count_bytes) {
  const Result<YamlNode> tree = parse_yaml("{\u00e9: 1, b: 2}", "f");
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->items[2].column, 9);
}

TEST(YamlTree, refuses_with_place_and_reason) {
  struct Case {
    std::string text;
    std::string start;
  };
  const Case table[] = {
      {"a: 1\na: 2", "f:2:1: the key \"a\" stands here a second time"},
      {"a: {b: 1, 'b': 2}", "f:1:11: the key \"b\" stands here a second time"},
      {"x: &k n\ny: {*k : 1, n: 2}", "f:2:13: the key \"n\" stands here a second time"},
      {"a: 1\n---\nb: 2", "f:2:1: a second document"},
      {"---\n---\na", "f:2:1: a second document"},
      {"a: 1\n...\nb: 2", "f:3:1: a second document"},
      {"<<: {a: 1}", "f:1:1: a merge key"},
      {"a: &x {b: 1}\nc:\n  <<: *x", "f:3:3: a merge key"},
      {"a: !!str 1", "f:1:4: the tag \"tag:yaml.org,2002:str\""},
      {"a: !!binary eA==", "f:1:4: the tag"},
      {"a: !x {}", "f:1:4: the tag \"!x\""},
      {"!!map {}", "f:1:1: the tag"},
      {"!x [a]", "f:1:1: the tag"},
      {"? [a]\n: b", "f:1:3: a key that is a list or a mapping"},
      {"{[a]: b}", "f:1:2: a key that is a list or a mapping"},
      {"? {a: b}\n: c", "f:1:3: a key that is a list or a mapping"},
      {"x: &l [a]\ny: {*l : 1}", "f:1:4: a key that is not text"},
      {"~: b", "f:1:1: a key that is not text"},
      {": b", "f:1:1: a key that is not text"},
      {"{: b}", "f:1:2: a key that is not text"},
      {"a: &a [*a]", "f:1:8: an alias to a value that holds it"},
      {"a: &a {b: {c: *a}}", "f:1:15: an alias to a value that holds it"},
      {"a: *b", "f:1:4: not valid YAML"},
      {"a: *a", "f:1:4: not valid YAML"},
      {"a: 'x", "f:1:6: not valid YAML"},
      {"a: b: c", "f:1:5: not valid YAML"},
      {"a: 1\n b: 2", "f:2:3: not valid YAML"},
      {"a:\n\t- b", "f:2:2: not valid YAML"},
      {"a: [1],\nb: 2", "f:1:7: not valid YAML"},
      {"a: 'x' y", "f:1:8: not valid YAML"},
      {"a: \"\\q\"", "f:1:7: not valid YAML"},
      {"a: \"\\ud800\"", "f:1:11: not valid YAML"},
      {"@a", "f:1:1: not valid YAML"},
      {"&", "f:1:2: not valid YAML"},
  };
  for (const auto &[text, start] : table) {
    const std::string text_of_error = brief(text);
    EXPECT_THAT(text_of_error, StartsWith(start)) << text;
    EXPECT_FALSE(text_of_error.ends_with("; ")) << "no cure for " << text;
  }
}

// Some parsers never end on these, and some take the byte 0x04 for the end of the text.
TEST(YamlTree, ends_at_hostile_beginnings_and_ends) {
  for (const std::string text : {",", "[],", "]", "}", "[", "{", "a: [", "a: {", "a: [1, 2", ",,", "[],[]", "?", "&"}) {
    EXPECT_THAT(brief(text), StartsWith("f:1:")) << text;
  }
  for (const std::string &text : {std::string("a: 1\n\x04\nb: 2"), std::string("a: 1\n\0b: 2", 10),
                                  std::string("a: 1\n\x1b[31m"), std::string("a: 1\n\x7f")}) {
    EXPECT_THAT(brief(text), StartsWith("f:2:1: a control character")) << text;
  }
  EXPECT_EQ(brief("a: \"\\u0004\""), "{a '\x04'}") << "as an escape it is text";
}

TEST(YamlTree, shows_hostile_keys_as_printable_text) {
  const std::string error = brief("? \"a\\u001b\\u202eb\"\n: 1\n? \"a\\u001b\\u202eb\"\n: 2");
  EXPECT_THAT(error, HasSubstr("\"a\\x1b\\u202eb\""));
  EXPECT_EQ(error.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace regcred::core
