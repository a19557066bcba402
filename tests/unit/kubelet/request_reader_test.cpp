// SPDX-License-Identifier: Apache-2.0
#include "kubelet/request_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

// A request with `rest` after kind, apiVersion and image: v1(R"(,"serviceAccountToken":"t")").
std::string request(const std::string &version, const std::string &rest = "") {
  return R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/)" + version +
         R"(","image":"reg.io/team/app")" + rest + "}\n";
}
std::string v1(const std::string &rest) { return request("v1", rest); }

// The same with other texts in the three fields that every version has.
std::string fields(const std::string &kind, const std::string &api_version, const std::string &image) {
  return "{\"kind\":" + kind + ",\"apiVersion\":" + api_version + ",\"image\":" + image + "}";
}
const std::string good_kind = "\"CredentialProviderRequest\"";
const std::string good_version = "\"credentialprovider.kubelet.k8s.io/v1\"";
const std::string good_image = "\"reg.io/team/app\"";

std::string repeated(const std::string &text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}
std::string annotations(std::size_t count) {
  std::string all = R"(,"serviceAccountAnnotations":{)";
  for (std::size_t i = 0; i < count; ++i) all += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + R"(":"v")";
  return all + "}";
}

// What is wrong with `text`, or "accepted".
std::string refusal(const std::string &text) {
  const auto parsed = parse_request(text);
  return parsed ? "accepted" : parsed.error().what;
}

TEST(RequestReader, every_version_is_accepted_and_echoed) {
  for (const std::string version : {"v1", "v1beta1", "v1alpha1"}) {
    const auto parsed = parse_request(request(version));
    ASSERT_TRUE(parsed) << version;
    EXPECT_EQ(parsed->api_version, "credentialprovider.kubelet.k8s.io/" + version);
    EXPECT_EQ(parsed->image.name(), "reg.io/team/app");
    EXPECT_TRUE(parsed->service_account_token.empty());
    EXPECT_TRUE(parsed->annotations.empty());
  }
}

// The bytes of the kubelet's own tests (Test_encodeRequest).
TEST(RequestReader, reads_what_the_kubelet_writes) {
  const auto parsed = parse_request(
      R"({"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1",)"
      R"("image":"test.registry.io/foobar","serviceAccountToken":"service-account-token",)"
      R"("serviceAccountAnnotations":{"domain.io/annotation1":"value1","domain.io/a2":"\u003ca\u0026b\u003e \u2028"}})"
      "\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->image.name(), "test.registry.io/foobar");
  EXPECT_EQ(parsed->service_account_token.reveal(), "service-account-token");
  EXPECT_THAT(parsed->annotations,
              ElementsAre(Pair("domain.io/a2", "<a&b> \xE2\x80\xA8"), Pair("domain.io/annotation1", "value1")));
}

TEST(RequestReader, accepts_what_later_kubelets_and_other_encoders_may_write) {
  const std::string pretty = "\r\n\t {\n \"image\" : " + good_image + ",\n \"apiVersion\":" + good_version +
                             ",\n\t\"kind\":" + good_kind + "\r\n} \n\n";
  const std::vector<std::string> table = {
      pretty,
      v1(R"(,"future":true)"),
      v1(R"(,"future":{"image":"evil.io/x","serviceAccountToken":"no"},"more":[{"kind":1},[null,1.5,-2]])"),
      v1(R"(,"future":1,"future":2)"),          // an unknown field may come twice
      v1(R"(,"Image":"evil.io/x","IMAGE":5)"),  // names are compared exactly
      v1(R"(,"serviceAccountToken":null,"serviceAccountAnnotations":null)"),
      v1(R"(,"serviceAccountToken":"","serviceAccountAnnotations":{})"),
      request("v1beta1", R"(,"serviceAccountToken":"t","serviceAccountAnnotations":{"a":"b"})"),
      request("v1alpha1", R"(,"serviceAccountToken":["not a string"],"serviceAccountAnnotations":7)"),
      fields(R"("Credential\u0050roviderRequest")", R"("credentialprovider.kubelet.k8s.io\/v1")", good_image),
  };
  for (const std::string &text : table) {
    const auto parsed = parse_request(text);
    ASSERT_TRUE(parsed) << text << one_line(parsed.error());
    EXPECT_EQ(parsed->image.name(), "reg.io/team/app") << text;
    EXPECT_TRUE(parsed->service_account_token.empty()) << text;
    EXPECT_TRUE(parsed->annotations.empty()) << text;
  }
}

struct Refusal {
  std::string text;
  std::string what;  // the whole of it
};

const std::string token_field = "its field serviceAccountToken ";
const std::string annotations_field = "its field serviceAccountAnnotations ";
const std::string group_rule = ", which is not of the group credentialprovider.kubelet.k8s.io";

// Each wrong thing has a text of its own.
const std::vector<Refusal> refusals = {
    // no JSON
    {"", "is empty"},
    {"\xEF\xBB\xBF{}", "starts with a byte order mark"},
    {std::string("{}\0", 3), "holds a NUL byte at byte 3"},
    {"{\"kind\":", "is not valid JSON in UTF-8: it ends too early"},
    {"kind: CredentialProviderRequest", "is not valid JSON in UTF-8: at byte 1"},
    {"{'kind':1}", "is not valid JSON in UTF-8: at byte 2"},
    {"{\"x\":\"\xFF\"}", "is not valid JSON in UTF-8: at byte 7"},
    {"{\"x\":\"a\nb\"}", "is not valid JSON in UTF-8: at byte 8"},
    {"{\"xy\":1,}", "is not valid JSON in UTF-8: at byte 9"},
    {v1("") + v1(""), "goes on after the first JSON object, at byte " + std::to_string(v1("").size() + 1)},
    {"{}]", "goes on after the first JSON object, at byte 3"},
    {"[" + v1("") + "]", "is JSON, but not an object"},
    {repeated("{\"x\":", 33) + "1" + repeated("}", 33), "is nested deeper than 32 levels"},
    // kind
    {"{}", "has no kind"},
    {fields("7", good_version, good_image), "its field kind is not a string"},
    {fields("\"Credential\\u001b[2J\"", good_version, good_image),
     "has kind \"Credential\\x1b[2J\" instead of CredentialProviderRequest"},
    {fields("\"CredentialProviderResponse\"", good_version, good_image),
     "has kind \"CredentialProviderResponse\" instead of CredentialProviderRequest"},
    {"{\"kind\":\"a\",\"kind\":\"b\"}", "its field kind appears twice"},
    // apiVersion
    {fields(good_kind, "null", good_image), "has no apiVersion"},
    {fields(good_kind, "{}", good_image), "its field apiVersion is not a string"},
    {fields(good_kind, "\"v1\"", good_image), "has apiVersion \"v1\"" + group_rule},
    {fields(good_kind, "\"foobar.kubelet.k8s.io/v1\"", good_image),
     "has apiVersion \"foobar.kubelet.k8s.io/v1\"" + group_rule},
    {fields(good_kind, "\"kubelet.config.k8s.io/v1\"", good_image),
     "has apiVersion \"kubelet.config.k8s.io/v1\"" + group_rule},
    {request("v2"), "has the unsupported version \"v2\""},
    {request("V1"), "has the unsupported version \"V1\""},
    {request("v1/x"), "has the unsupported version \"v1/x\""},
    {request(""), "has the unsupported version \"\""},
    {v1("," + ("\"apiVersion\":" + good_version)), "its field apiVersion appears twice"},
    // image
    {fields(good_kind, good_version, "\"\""), "has no image"},
    {fields(good_kind, good_version, "[\"reg.io/x\"]"), "its field image is not a string"},
    {v1(R"(,"image":"evil.io/x")"), "its field image appears twice"},
    {v1(R"(,"i\u006dage":"evil.io/x","kind":"x")"), "its field kind appears twice"},
    // token
    {v1(R"(,"serviceAccountToken":{"t":"x"})"), token_field + "is not a string"},
    {v1(R"(,"serviceAccountToken":"a","serviceAccountToken":"b")"), token_field + "appears twice"},
    {v1(R"(,"serviceAccountToken":"a\r\nX-Evil: 1")"),
     token_field + "holds a space, a control character or a byte outside ASCII"},
    {v1(R"(,"serviceAccountToken":")" + std::string(65'537, 'a') + "\""), token_field + "is longer than 65536 bytes"},
    // annotations
    {v1(R"(,"serviceAccountAnnotations":"x")"), annotations_field + "is not an object"},
    {v1(R"(,"serviceAccountAnnotations":{"a":"1"},"serviceAccountAnnotations":{"b":"2"})"),
     annotations_field + "appears twice"},
    {v1(R"(,"serviceAccountAnnotations":{"a":"1","a":"2"})"), annotations_field + "has a key twice: \"a\""},
    {v1(R"(,"serviceAccountAnnotations":{"a":true})"), annotations_field + "has a value that is not a string: \"a\""},
    {v1(R"(,"serviceAccountAnnotations":{"b":{"c":"d"}})"),
     annotations_field + "has a value that is not a string: \"b\""},
    {v1(annotations(1025)), annotations_field + "has more than 1024 entries"},
};

TEST(RequestReader, refuses_with_a_text_for_each_reason) {
  std::set<std::string> texts;
  for (const auto &[text, what] : refusals) {
    const std::string shown = printable(text, 200);
    const auto parsed = parse_request(text);
    ASSERT_FALSE(parsed) << shown;
    EXPECT_EQ(parsed.error().code, ErrorCode::usage) << shown;
    EXPECT_EQ(parsed.error().where, "request on stdin") << shown;
    EXPECT_EQ(parsed.error().what, what) << shown;
    EXPECT_FALSE(parsed.error().cure.empty()) << shown;
    texts.insert(one_line(parsed.error()));
  }
  EXPECT_GE(texts.size(), refusals.size() - 2);  // two fields appear twice in two ways
}

TEST(RequestReader, other_ways_to_be_wrong_get_the_same_texts) {
  for (const std::string text : {" \r\n\t", "\n"}) EXPECT_EQ(refusal(text), "is empty");
  for (const std::string text : {"null", "true", "7", "1.5", "\"text\"", "[]", "[{}]"}) {
    EXPECT_EQ(refusal(text), "is JSON, but not an object") << text;
  }
  for (const std::string text : {"{", "{\"kind\"", "{\"kind\":\"Cred", "{\"kind\":[", "{\"x\":\"\\", "nul"}) {
    EXPECT_THAT(refusal(text), HasSubstr("it ends too early")) << text;
  }
  for (const std::string text :
       {"{\"x\":\"\\ud800\"}", "{\"x\":\"\xED\xA0\x80\"}", "{\"x\":1e999}", "{\"x\":NaN}", "{\"x\":01}", "{/*c*/}",
        "{\"x\":\"\\x41\"}", "{]", "{\"x\" 1}", "\xFF\xFE{\xC0\xAF}"}) {
    EXPECT_THAT(refusal(text), HasSubstr("is not valid JSON in UTF-8: at byte ")) << text;
  }
  for (const std::string image : {"reg.io/team/app:v1", "https://reg.io/team/app", "reg.io/Team", "reg.io/a\\u0000b",
                                  "reg.io/a\\nb", "nginx", "user:pw@reg.io/x", "reg.io/../x"}) {
    const auto parsed = parse_request(fields(good_kind, good_version, "\"" + image + "\""));
    ASSERT_FALSE(parsed) << image;
    EXPECT_EQ(parsed.error().code, ErrorCode::usage) << image;
    EXPECT_EQ(parsed.error().where, "request on stdin") << image;
    EXPECT_THAT(parsed.error().what, HasSubstr("image")) << image;
    EXPECT_FALSE(parsed.error().cure.empty()) << image;
  }
}

TEST(RequestReader, H6_a_token_is_printable_ascii) {
  for (const std::string token : {R"(a\r\nb)", R"(a\nb)", R"(a\u0000b)", R"(a\tb)", "a b", R"(a\u007f)", "\xC3\xBC",
                                  R"(\u0085)", R"(\u200b)", R"(a\u001b)"}) {
    const auto parsed = parse_request(v1(R"(,"serviceAccountToken":")" + token + "\""));
    ASSERT_FALSE(parsed) << token;
    EXPECT_THAT(parsed.error().what, HasSubstr("holds a space, a control character")) << token;
  }
  const auto parsed = parse_request(v1(R"(,"serviceAccountToken":"aZ09-_.~+/=!")"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->service_account_token.reveal(), "aZ09-_.~+/=!");
}

TEST(RequestReader, H5_accepts_up_to_each_limit) {
  EXPECT_TRUE(parse_request(v1(R"(,"x":)" + repeated("[", 31) + repeated("]", 31))));
  EXPECT_FALSE(parse_request(v1(R"(,"x":)" + repeated("[", 32) + repeated("]", 32))));
  const auto long_token = parse_request(v1(R"(,"serviceAccountToken":")" + std::string(65'536, 'a') + "\""));
  ASSERT_TRUE(long_token);
  EXPECT_EQ(long_token->service_account_token.size(), limits::token_bytes_max);
  const auto many = parse_request(v1(annotations(1024)));
  ASSERT_TRUE(many);
  EXPECT_EQ(many->annotations.size(), limits::annotations_max);
}

TEST(RequestReader, H5_deep_nesting_costs_neither_stack_nor_time) {
  const auto start = std::chrono::steady_clock::now();
  for (const std::string unit : {"[", "{\"x\":", "{\"serviceAccountAnnotations\":"}) {
    const std::string text = v1(R"(,"x":)" + repeated(unit, limits::request_bytes_max / unit.size()));
    EXPECT_EQ(refusal(text), "is nested deeper than 32 levels");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

// Whatever is wrong around the token, no part of it is shown.
TEST(RequestReader, L1_no_error_quotes_the_token) {
  const std::string canary = "canary-7f3a90";
  const std::string token = R"("serviceAccountToken":"eyJ)" + canary + R"(.e30.x")";
  const std::vector<std::string> table = {
      "{" + token,                                                         // cut short after it
      "{" + token + ",}",                                                  //
      R"({"serviceAccountToken":"eyJ)" + canary,                           // in the midst of it
      R"({"serviceAccountToken":"eyJ)" + canary + "\x01\"}",               // a raw control character
      R"({"serviceAccountToken":"eyJ)" + canary + "\xFF\"}",               // bad UTF-8
      R"({"serviceAccountToken":"eyJ)" + canary + R"(\q"})",               // a bad escape
      "{" + token + "}{" + token + "}",                                    //
      "{" + token + "}",                                                   // kind is missing
      v1("," + token + "," + token),                                       // twice
      v1(R"(,"serviceAccountToken":"eyJ)" + canary + R"(\n")"),            // a control character
      v1(R"(,"serviceAccountToken":["eyJ)" + canary + "\"]"),              // wrong type
      v1(R"(,"serviceAccountToken":{"eyJ)" + canary + R"(":1})"),          //
      v1(R"(,"serviceAccountToken":")" + repeated(canary, 6'000) + "\""),  // too long
      v1("," + token + R"(,"serviceAccountAnnotations":{"a":1})"),         //
      request("v9", "," + token),                                          //
      "\"eyJ" + canary + ".e30.x\"",                                       // the token alone
      "eyJ" + canary + ".e30.x",                                           //
  };
  for (const std::string &text : table) {
    const auto parsed = parse_request(text);
    ASSERT_FALSE(parsed) << printable(text, 200);
    EXPECT_THAT(one_line(parsed.error()), Not(HasSubstr("canary"))) << printable(text, 200);
    EXPECT_THAT(parsed.error().where + parsed.error().what + parsed.error().cure, Not(HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace regcred::core
