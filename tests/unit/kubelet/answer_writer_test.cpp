// SPDX-License-Identifier: Apache-2.0
#include "kubelet/answer_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace regcred::core {
namespace {

using Json = nlohmann::json;
using ::testing::IsSubsetOf;
using ::testing::UnorderedElementsAre;

const std::string v1 = "credentialprovider.kubelet.k8s.io/v1";

void add(Answer &answer, std::string registry, std::string username, std::string_view password) {
  answer.auth.push_back({std::move(registry), std::move(username), Secret(password)});
}

std::set<std::string> names_of(const Json &object) {
  std::set<std::string> names;
  for (const auto &[name, value] : object.items()) names.insert(name);
  return names;
}

TEST(AnswerWriter, L5_golden_document_with_everything) {
  Answer answer{v1, CacheKeyType::registry, std::chrono::seconds(3600), {}};
  add(answer, "reg.io", "token", "p4ss");
  add(answer, "reg.io:5000/team", "robot$x", "q\"\\");
  EXPECT_EQ(render_answer(answer),
            R"({"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",)"
            R"("cacheKeyType":"Registry","cacheDuration":"3600s","auth":{)"
            R"("reg.io":{"username":"token","password":"p4ss"},)"
            R"("reg.io:5000/team":{"username":"robot$x","password":"q\"\\"}}})"
            "\n");
}

TEST(AnswerWriter, L5_golden_document_without_credentials) {
  EXPECT_EQ(render_answer(Answer{v1, CacheKeyType::image, std::chrono::seconds(0), {}}),
            R"({"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",)"
            R"("cacheKeyType":"Image","cacheDuration":"0s","auth":{}})"
            "\n");
}

// Absent, not null and not "0s": the operator's defaultCacheDuration rules.
TEST(AnswerWriter, L5_golden_document_without_a_cache_hint) {
  Answer answer{v1, CacheKeyType::image, std::nullopt, {}};
  add(answer, "reg.io", "u", "");
  EXPECT_EQ(render_answer(answer),
            R"({"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderResponse",)"
            R"("cacheKeyType":"Image","auth":{"reg.io":{"username":"u","password":""}}})"
            "\n");
}

TEST(AnswerWriter, echoes_the_requests_version) {
  for (const std::string version : {"v1", "v1beta1", "v1alpha1"}) {
    const Answer answer{"credentialprovider.kubelet.k8s.io/" + version, CacheKeyType::image, std::nullopt, {}};
    EXPECT_EQ(Json::parse(render_answer(answer))["apiVersion"], answer.api_version);
  }
}

// What the kubelet's strict decoder is given: known names only, at every level, for every kind of answer.
TEST(AnswerWriter, L5_only_known_fields_once_each_on_one_line) {
  for (const auto type : {CacheKeyType::image, CacheKeyType::registry}) {
    for (const int entries : {0, 1, 16}) {
      for (const bool has_duration : {false, true}) {
        Answer answer{v1, type, std::nullopt, {}};
        if (has_duration) answer.cache_duration = std::chrono::seconds(7);
        for (int i = 0; i < entries; ++i) add(answer, "reg" + std::to_string(i) + ".io", "metadata", "status\n");
        const std::string text = render_answer(answer);
        EXPECT_EQ(text.find('\n'), text.size() - 1) << "one newline, at the end";
        const Json parsed = Json::parse(text);
        EXPECT_THAT(names_of(parsed), IsSubsetOf({"apiVersion", "kind", "cacheKeyType", "cacheDuration", "auth"}));
        EXPECT_EQ(parsed.contains("cacheDuration"), has_duration);
        EXPECT_EQ(parsed["auth"].size(), static_cast<std::size_t>(entries));
        for (const auto &entry : parsed["auth"]) {
          EXPECT_THAT(names_of(entry), UnorderedElementsAre("username", "password"));
        }
      }
    }
  }
}

// A key that comes twice makes the kubelet drop the whole answer.
TEST(AnswerWriter, L5_a_registry_given_twice_is_written_once) {
  Answer answer{v1, CacheKeyType::image, std::nullopt, {}};
  add(answer, "reg.io", "first", "1");
  add(answer, "reg.io", "second", "2");
  const std::string text = render_answer(answer);
  EXPECT_EQ(text.find("\"reg.io\""), text.rfind("\"reg.io\"")) << text;
  EXPECT_EQ(Json::parse(text)["auth"]["reg.io"]["username"], "second");
}

TEST(AnswerWriter, L5_every_text_comes_back_as_it_was) {
  std::string controls;
  for (char c = 0; c < 0x20; ++c) controls += c;
  for (const std::string &text :
       {std::string("plain"), std::string("\"},\"kind\":\"x"), std::string("\\u0041\\"), controls,
        std::string("a\0b", 3), std::string("\x7f\xC2\x85\xE2\x80\xA8\xE2\x80\xAE"),
        std::string("M\xC3\xBCnchen \xF0\x9F\x98\x80"), std::string("</script>&"), std::string(65'536, '"')}) {
    Answer answer{v1, CacheKeyType::image, std::nullopt, {}};
    add(answer, text, text, text);
    const std::string rendered = render_answer(answer);
    EXPECT_EQ(rendered.find('\n'), rendered.size() - 1);
    const Json parsed = Json::parse(rendered);
    ASSERT_EQ(parsed["auth"].size(), 1U);
    EXPECT_EQ(parsed["auth"].begin().key(), text);
    EXPECT_EQ(parsed["auth"].begin().value()["username"], text);
    EXPECT_EQ(parsed["auth"].begin().value()["password"], text);
  }
}

TEST(AnswerWriter, L5_bytes_that_json_cannot_carry_become_the_replacement_character) {
  Answer answer{v1, CacheKeyType::image, std::nullopt, {}};
  add(answer, "reg.io/\xFF", "\xC3(", "\xED\xA0\x80 ok");
  const Json parsed = Json::parse(render_answer(answer));
  EXPECT_EQ(parsed["auth"].begin().key(), "reg.io/\xEF\xBF\xBD");
  EXPECT_EQ(parsed["auth"].begin().value()["username"], "\xEF\xBF\xBD(");
  EXPECT_THAT(parsed["auth"].begin().value()["password"].get<std::string>(), ::testing::EndsWith("\xEF\xBF\xBD ok"));
}

}  // namespace
}  // namespace regcred::core
