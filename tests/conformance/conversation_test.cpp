// SPDX-License-Identifier: Apache-2.0
// The author's files: conversations and requests.
#include "conformance/conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regcred/jwt.hpp>

#include "config/settings_json.hpp"
#include "config/yaml_tree.hpp"
#include "conformance/document.hpp"
#include "conformance/subject.hpp"

namespace regcred::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(Conversation, reads_json_and_yaml_alike) {
  for (const char *text : {R"([{"expect": {"method": "POST", "url": "https://a.example.com/x?*"},
                               "reply": {"status": 201, "headers": {"X-A": "1"}, "body": {"token": "t", "n": 1}}},
                               {"expect": {"url": "https://b.example.com/"}}])",
                           R"(
calls:
  - expect: { method: POST, url: "https://a.example.com/x?*" }
    reply: { status: 201, headers: { X-A: "1" }, body: { token: t, n: 1 } }
  - expect: { url: "https://b.example.com/" }
)"}) {
    const auto conversation = read_conversation(text, "c");
    ASSERT_TRUE(conversation) << conversation.error().what;
    ASSERT_EQ(conversation->calls.size(), 2U);
    const Call &first = conversation->calls[0];
    EXPECT_EQ(first.method, "POST");
    EXPECT_EQ(first.url, "https://a.example.com/x?*");
    EXPECT_EQ(first.reply.status, 201);
    EXPECT_THAT(first.reply.headers, ElementsAre(Pair("X-A", "1")));
    EXPECT_EQ(first.reply.body, R"({"token":"t","n":1})");
    const Call &second = conversation->calls[1];
    EXPECT_EQ(second.method, "GET");
    EXPECT_EQ(second.reply.status, 200);
    EXPECT_EQ(second.reply.body, "");
  }
}

TEST(Conversation, holds_the_clock_and_secret_files) {
  const auto conversation = read_conversation("now: 1700000000\nsecrets: { /etc/pw: s3cret, name: '7' }\n", "c");
  ASSERT_TRUE(conversation);
  EXPECT_EQ(conversation->now.count(), 1'700'000'000);
  EXPECT_THAT(conversation->secrets, ElementsAre(Pair("/etc/pw", "s3cret"), Pair("name", "7")));
  EXPECT_TRUE(conversation->calls.empty());
}

// The same text means the same under `settings` of an entry: YAML 1.2, in which "on" is not a boolean.
TEST(Conversation, scalars_are_those_of_the_configuration) {
  const std::string text = "{ org: on, flag: no, truth: true, port: 0o17, none: ~, quoted: 'true' }";
  core::ConfigErrors errors("c");
  const auto tree = core::parse_yaml(text, "c");
  ASSERT_TRUE(tree);
  const auto document = parse_document(text, "c");
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(*document, core::to_json(*tree, errors));
  EXPECT_EQ((*document)["org"], "on");
}

TEST(Conversation, says_what_is_wrong) {
  struct Row {
    const char *text;
    const char *says;
  };
  for (const Row &row :
       {Row{"[{]", "is neither JSON nor YAML"}, Row{"7", "a conversation must be a mapping"},
        Row{"cals: []", "has the unknown key cals"}, Row{"calls: {}", "calls must be a list"},
        Row{"[{}]", "calls[0].expect must be a mapping"}, Row{"[{expect: {}}]", "calls[0].expect.url must be text"},
        Row{"[{expect: {url: x, method: HEAD}}]", "calls[0].expect.method must be GET, POST or PUT"},
        Row{"[{expect: {url: x}, reply: {status: 99}}]", "calls[0].reply.status must be a number"},
        Row{"[{expect: {url: x}, reply: {status: OK}}]", "calls[0].reply.status must be a number"},
        Row{"[{expect: {url: x}, reply: {headers: {A: 1}}}]", "calls[0].reply.headers.A must be text"},
        Row{"[{expect: {url: x}, reply: {code: 1}}]", "calls[0].reply has the unknown key code"},
        Row{"now: soon", "now must be a whole number"}, Row{"secrets: []", "secrets must be a mapping"},
        Row{"secrets: {a: 1}", "secrets.a must be text"}}) {
    const auto conversation = read_conversation(row.text, "c");
    ASSERT_FALSE(conversation) << row.text;
    EXPECT_THAT(conversation.error().what, HasSubstr(row.says));
    EXPECT_EQ(core::exit_status(conversation.error().code), 2);
  }
}

TEST(Conversation, a_star_in_a_url_stands_for_any_text_and_nothing_else_is_special) {
  const Call call{"GET", "https://a.example.com/x?q=*&r=[1]", {}};
  EXPECT_TRUE(is_planned(call, "GET", "https://a.example.com/x?q=a/b&r=[1]"));
  EXPECT_FALSE(is_planned(call, "GET", "https://a.example.com/xyq=1&r=[1]"));
  EXPECT_FALSE(is_planned(call, "GET", "https://a.example.com/x?q=1&r=1"));
  EXPECT_FALSE(is_planned(call, "POST", "https://a.example.com/x?q=1&r=[1]"));
}

TEST(Conversation, a_label_leaves_the_query_out) {
  EXPECT_EQ(call_label("GET", "https://a.example.com/x?token=s3cret"), "GET https://a.example.com/x");
}

constexpr std::chrono::seconds now{1'750'000'000};

TEST(Request, reads_the_kubelets_own_form) {
  const auto request = read_request(R"({"apiVersion": "credentialprovider.kubelet.k8s.io/v1",
    "kind": "CredentialProviderRequest", "image": "r.example.com:5000/a/b", "serviceAccountToken": "a.b.c",
    "serviceAccountAnnotations": {"example.com/team": "red"}})",
                                    "r", now);
  ASSERT_TRUE(request) << request.error().what;
  EXPECT_EQ(request->image, "r.example.com:5000/a/b");
  EXPECT_EQ(request->registry(), "r.example.com:5000");
  EXPECT_EQ(request->token, "a.b.c");
  EXPECT_THAT(request->annotations, ElementsAre(Pair("example.com/team", "red")));
}

TEST(Request, makes_a_pods_token_with_the_claims_that_are_asked_for) {
  const auto request = read_request("serviceAccountTokenClaims: { aud: [sts.example.com], extra: 1 }", "r", now);
  ASSERT_TRUE(request) << request.error().what;
  const auto claims = read_unverified_claims(request->token);
  ASSERT_TRUE(claims);
  EXPECT_THAT(claims->audiences, ElementsAre("sts.example.com"));
  EXPECT_EQ(claims->all.at("extra"), 1);
  EXPECT_EQ(claims->subject, "system:serviceaccount:purple-team:builder");
  EXPECT_GT(*claims->expires_at, now.count());
}

TEST(Request, says_what_is_wrong) {
  for (const auto &[text, says] :
       {std::pair("[]", "is not a mapping"), std::pair("{image: 7}", "image must be text"),
        std::pair("{images: x}", "unknown key images"),
        std::pair("{serviceAccountAnnotations: x}", "serviceAccountAnnotations must be a mapping"),
        std::pair("{serviceAccountAnnotations: {a: 1}}", "annotation a must be text")}) {
    const auto request = read_request(text, "r", now);
    ASSERT_FALSE(request) << text;
    EXPECT_THAT(request.error().what, HasSubstr(says));
  }
}

}  // namespace
}  // namespace regcred::conformance
