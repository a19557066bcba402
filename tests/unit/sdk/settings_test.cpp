// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/settings.hpp>
#include <regcred/testing/matchers.hpp>

namespace regcred {
namespace {

using test::IsOk;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Settings, each_type_is_read) {
  Settings settings(R"({"t":"x","n":-7,"b":true,"l":["a","b"],"m":{"k":"v"}})");
  EXPECT_EQ(settings.text("t"), "x");
  EXPECT_EQ(settings.number("n"), -7);
  EXPECT_EQ(settings.boolean("b"), true);
  EXPECT_THAT(settings.texts("l"), ElementsAre("a", "b"));
  EXPECT_THAT(settings.text_map("m"), ElementsAre(Pair("k", "v")));
  EXPECT_TRUE(settings.has("l"));
  EXPECT_FALSE(settings.has("z"));
  EXPECT_THAT(settings.finish(), IsOk());
}

TEST(Settings, what_is_absent_is_empty_and_no_failure) {
  Settings settings("{}");
  EXPECT_EQ(settings.text("t"), std::nullopt);
  EXPECT_EQ(settings.number("n"), std::nullopt);
  EXPECT_EQ(settings.boolean("b"), std::nullopt);
  EXPECT_THAT(settings.texts("l"), IsEmpty());
  EXPECT_THAT(settings.text_map("m"), IsEmpty());
  EXPECT_THAT(settings.finish(), IsOk());
}

// Every reader against every kind of value that it does not take.
TEST(Settings, a_wrong_type_names_key_and_expectation) {
  const std::vector<std::string> values = {"null", "\"s\"",         "1",        "1.5", "true", "[\"a\"]",
                                           "[1]",  "{\"a\":\"b\"}", "{\"a\":1}"};
  struct Reader {
    const char *expected;
    void (*read)(Settings &);
    std::vector<std::string> taken;
  };
  const std::vector<Reader> readers = {
      {"must be a string", [](Settings &s) { (void)s.text("k"); }, {"\"s\""}},
      {"must be a whole number", [](Settings &s) { (void)s.number("k"); }, {"1"}},
      {"must be true or false", [](Settings &s) { (void)s.boolean("k"); }, {"true"}},
      {"must be a list of strings", [](Settings &s) { (void)s.texts("k"); }, {"[\"a\"]"}},
      {"must be a mapping of strings to strings", [](Settings &s) { (void)s.text_map("k"); }, {"{\"a\":\"b\"}"}},
  };
  for (const Reader &reader : readers) {
    for (const std::string &value : values) {
      Settings settings("{\"k\":" + value + "}");
      reader.read(settings);
      if (value == reader.taken.front()) {
        EXPECT_THAT(settings.finish(), IsOk()) << value;
      } else {
        EXPECT_THAT(settings.finish(),
                    StatusIs(Code::bad_config, HasSubstr(std::string("settings.k: ") + reader.expected)))
            << value;
      }
    }
  }
}

TEST(Settings, a_number_that_would_wrap_around_is_no_number) {
  Settings fits(R"({"n":9223372036854775807})");
  EXPECT_EQ(fits.number("n"), 9223372036854775807);
  Settings wraps(R"({"n":9223372036854775808})");
  EXPECT_EQ(wraps.number("n"), std::nullopt);
  EXPECT_THAT(wraps.finish(), StatusIs(Code::bad_config, HasSubstr("settings.n")));
}

TEST(Settings, the_first_wrong_type_is_reported_before_unknown_keys) {
  Settings settings(R"({"a":1,"b":2,"z":3})");
  (void)settings.text("b");
  (void)settings.text("a");
  EXPECT_THAT(settings.finish(), StatusIs(Code::bad_config, HasSubstr("settings.b:")));
}

TEST(Settings, an_unknown_key_lists_the_known_ones) {
  Settings settings(R"({"orgslug":"x"})");
  (void)settings.text("serviceSlug");
  (void)settings.text("orgSlug");
  EXPECT_THAT(settings.finish(),
              StatusIs(Code::bad_config, "settings.orgslug: unknown setting; this backend knows orgSlug, serviceSlug"));
}

TEST(Settings, an_unknown_key_cannot_break_the_line) {
  for (const std::string &key : {std::string("a\nb"), std::string("a\"b"), std::string("a b"), std::string(65, 'k')}) {
    const Settings settings(nlohmann::json{{key, 1}}.dump());
    EXPECT_THAT(settings.finish(),
                StatusIs(Code::bad_config, HasSubstr("settings." + shown(key) + ": unknown setting")));
  }
}

Result<void> read_names(Settings &settings, std::vector<std::string> &names) {
  return settings.each("l", [&](Settings &item) -> Result<void> {
    const std::optional<std::string> name = item.text("name");
    if (!name) return failure(Code::bad_config, item.where() + ".name: is missing");
    names.push_back(*name + " at " + item.where());
    return {};
  });
}

TEST(Settings, each_mapping_of_a_list_is_read_in_order) {
  Settings settings(R"({"l":[{"name":"a"},{"name":"b"}]})");
  std::vector<std::string> names;
  EXPECT_THAT(read_names(settings, names), IsOk());
  EXPECT_THAT(names, ElementsAre("a at settings.l[0]", "b at settings.l[1]"));
  EXPECT_THAT(settings.finish(), IsOk());
}

TEST(Settings, each_ends_with_the_first_failure_and_names_the_item) {
  const std::vector<std::pair<const char *, const char *>> table = {
      {R"({"l":{"name":"a"}})", "settings.l: must be a list of mappings"},
      {R"({"l":"a"})", "settings.l: must be a list of mappings"},
      {R"({"l":null})", "settings.l: must be a list of mappings"},
      {R"({"l":[{"name":"a"},"b"]})", "settings.l: must be a list of mappings"},
      {R"({"l":[{"name":"a"},{}]})", "settings.l[1].name: is missing"},
      {R"({"l":[{"name":1},{}]})", "settings.l[0].name: must be a string"},
      {R"({"l":[{"name":"a","nam":"b"}]})", "settings.l[0].nam: unknown setting; this backend knows name"},
  };
  for (const auto &[json, words] : table) {
    Settings settings(json);
    std::vector<std::string> names;
    EXPECT_THAT(read_names(settings, names), StatusIs(Code::bad_config, HasSubstr(words))) << json;
  }
}

TEST(Settings, each_takes_an_absent_or_empty_list_and_lists_of_lists) {
  for (const char *json : {"{}", R"({"l":[]})"}) {
    Settings settings(json);
    std::vector<std::string> names;
    EXPECT_THAT(read_names(settings, names), IsOk());
    EXPECT_THAT(names, IsEmpty());
  }
  Settings nested(R"({"outer":[{"l":[{"name":"a"},{"name":2}]}]})");
  std::vector<std::string> names;
  EXPECT_THAT(nested.each("outer", [&](Settings &item) { return read_names(item, names); }),
              StatusIs(Code::bad_config, HasSubstr("settings.outer[0].l[1].name: must be a string")));
}

TEST(Settings, all_but_an_object_is_refused) {
  for (const char *json : {"", "[]", "null", "1", "\"x\"", "{", "{\"a\":1}}", "\xff"}) {
    Settings settings(json);
    EXPECT_EQ(settings.text("a"), std::nullopt);
    EXPECT_THAT(settings.finish(), StatusIs(Code::bad_config, HasSubstr("must be a mapping"))) << json;
  }
}

}  // namespace
}  // namespace regcred
