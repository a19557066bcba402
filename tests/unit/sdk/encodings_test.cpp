// SPDX-License-Identifier: Apache-2.0
// base64, JSON from outside, times as text, schemas.
#include <gtest/gtest.h>

#include <regcred/base64.hpp>
#include <regcred/json.hpp>
#include <regcred/schema.hpp>
#include <regcred/time.hpp>

namespace regcred {
namespace {

using nlohmann::json;

// RFC 4648, section 10.
TEST(Base64, both_ways_as_the_rfc_has_it) {
  const std::vector<std::pair<std::string, std::string>> table = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xfb\xff\xfe", "+//+"}};
  for (const auto &[bytes, text] : table) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
    std::string url = text.substr(0, text.find('='));
    for (char &c : url) c = c == '+' ? '-' : c == '/' ? '_' : c;
    EXPECT_EQ(base64url_encode(bytes), url);
    EXPECT_EQ(base64url_decode(url), bytes);
  }
}

TEST(Base64, all_else_is_refused) {
  for (const char *text : {"Z", "Zg", "Zg=", "Zg===", "====", "Z===", "Zm9v\n", "Zm-_", "Zm9v Zm9v", "Zg==Zg=="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
  for (const char *text : {"Z", "Zg==", "Zm+/", "Zm9v\n", "Zm9vY", "\xc3\xa4"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

TEST(JsonAt, dots_step_into_objects_and_arrays) {
  const json object = {{"a", {{"b", {1, {{"c", "x"}}, nullptr}}, {"0", "key"}}}, {"", "none"}, {"n", nullptr}};
  EXPECT_EQ(*json_at(object, "a.b.0"), 1);
  EXPECT_EQ(*json_at(object, "a.b.1.c"), "x");
  EXPECT_EQ(*json_at(object, "a.0"), "key");
  for (const char *path : {"", ".", "n", "a.b.2", "a.b.3", "a.b.-1", "a.b.+0", "a.b.0x0", "a.b.", "a.b.0.c",
                           "a.b.1.c.d", "b", "a.b.18446744073709551616"}) {
    EXPECT_EQ(json_at(object, path), nullptr) << path;
  }
}

TEST(Rfc3339, a_text_is_read_back) {
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{951'868'799}, std::int64_t{1'750'000'000},
        std::int64_t{-62'167'219'200}, std::int64_t{253'402'300'799}}) {
    EXPECT_EQ(rfc3339_time(rfc3339_text(time)), time);
  }
  EXPECT_EQ(rfc3339_text(1'750'000'000), "2025-06-15T15:06:40Z");
  EXPECT_EQ(rfc3339_text(253'402'300'800), "");
  EXPECT_EQ(rfc3339_text(-62'167'219'201), "");
}

TEST(Schema, names_are_filled_in) {
  constexpr std::string_view text = schema::filled<R"({"h": {@host@, "default": "x"}, "u": [{@username@}, {@headers@}],
    "p": {@host_patterns@}, "a": {@audiences@}, "b": {@base_url@}, "i": {@identity@},
    "f": {@field@}, "k": {@annotation_key@}})">;
  const json filled = json::parse(text);
  EXPECT_EQ(filled["h"]["maxLength"], 259);
  EXPECT_EQ(filled["h"]["default"], "x");
  EXPECT_EQ(filled["u"][0]["pattern"], "^[^\\u0000-\\u001f\\u007f:]+$");
  EXPECT_EQ(filled["u"][1]["maxProperties"], 32);
  EXPECT_EQ(filled["p"]["items"]["maxLength"], 261);
  EXPECT_EQ(filled["a"]["maxItems"], 16);
  EXPECT_EQ(filled["b"]["maxLength"], 267);
  EXPECT_EQ(filled["i"]["default"], "token");
  EXPECT_EQ(filled["f"]["maxLength"], 128);
  EXPECT_EQ(filled["k"]["format"], "annotation-key");
  EXPECT_EQ(schema::filled<"plain">, "plain");
}

TEST(Schema, constants_of_a_backend_come_first) {
  constexpr std::string_view text = schema::filled<R"([{@slug@}, {@slug@}, {@host@}, {@username@}])", "slug",
                                                   R"("maxLength": 63)", "username", R"("maxLength": 1)">;
  const json filled = json::parse(text);
  EXPECT_EQ(filled[0]["maxLength"], 63);
  EXPECT_EQ(filled[1]["maxLength"], 63);
  EXPECT_EQ(filled[2]["maxLength"], 259);
  EXPECT_EQ(filled[3]["maxLength"], 1);
}

}  // namespace
}  // namespace regcred
