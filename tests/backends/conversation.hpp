// SPDX-License-Identifier: Apache-2.0
// One conversation with a backend that exchanges the pod's token, and the tables that such backends are tested by.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <regcred/testing.hpp>
#include <regcred/testing/matchers.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/backend_under_test.hpp"
#include "backends/json_schema.hpp"

namespace regcred::test {

// One answer of the other side that is not a credential, and the words that the operator must get.
struct Fault {
  const char *what;
  int status;
  std::string body;  // TOKEN and PASSWORD stand for the canaries
  HttpHeaders headers;
  Code code;
  std::vector<const char *> words;
};

inline void PrintTo(const Fault &fault, std::ostream *out) { *out << fault.what; }

// One set of settings.
struct Setting {
  nlohmann::json settings;
  const char *word;                // in the refusal; null: accepted
  bool schema_is_coarser = false;  // the schema lets it through, create() does not
};

class Conversation : public ::testing::Test {
 protected:
  static const regcred_backend_v1 &backend() { return load_backend(BACKEND_SO); }

  [[nodiscard]] FakeRequest image(std::string name) const { return FakeRequest(std::move(name)).token(pod_token); }
  Outcome ask(const nlohmann::json &settings, const FakeRequest &request) {
    return run(backend(), settings.dump(), request, host);
  }

  // No text or log line may hold a part of the pod's token, of the password, or of `another` secret.
  void expect_no_leak(const Outcome &outcome, const std::string &another = {}) const {
    for (const std::string &secret : {pod_token, password, another.empty() ? password : another}) {
      EXPECT_EQ(find_leak(secret, outcome.text), std::nullopt) << outcome.text;
      for (const FakeHost::LogLine &line : host.log()) {
        EXPECT_EQ(find_leak(secret, line.text), std::nullopt) << line.text;
      }
    }
  }

  // Plays the fault to a POST at `url`. Body and headers echo both secrets, as an unfriendly server would: none may be
  // seen (L1). Every text ends with `asked`, which the backend was set to ask for, and the claims to compare.
  void expect_told(const Fault &fault, const nlohmann::json &settings, const FakeRequest &request, std::string url,
                   const std::string &asked) {
    HttpHeaders headers = fault.headers;
    for (auto &[name, value] : headers) value = with_canaries(value);
    headers.emplace_back("X-Echo", pod_token);
    host.expect("POST", std::move(url))
        .reply(fault.status, with_canaries(fault.body), headers)
        .retry_after(std::chrono::seconds(77));
    const Outcome outcome = ask(settings, request);
    EXPECT_THAT(outcome, StatusIs(fault.code, ::testing::_));
    for (const char *word : fault.words) EXPECT_THAT(outcome.text, ::testing::HasSubstr(word));
    EXPECT_THAT(outcome.text, ::testing::EndsWith("; " + asked +
                                                  ", token's issuer \"https://oidc.example.com/cluster-1\", audience "
                                                  "\"cloudsmith\", subject "
                                                  "\"system:serviceaccount:purple-team:builder\""));
    EXPECT_THAT(outcome.text, ::testing::Not(::testing::HasSubstr("quote-me-not")));
    EXPECT_EQ(outcome.retry_after.has_value(), fault.code == Code::throttled);
    expect_no_leak(outcome);
  }

  // M2b: no part of the path decides, since the answer is for the whole registry: two images of one host are asked for
  // by the same call, and answered alike. `url` null: nothing is sent.
  void expect_path_decides_nothing(const nlohmann::json &settings, const std::string &registry, const char *method,
                                   const char *url, const std::string &reply) {
    Outcome first;
    for (const char *path : {"/acme/images/app", "/beta/x"}) {
      if (url != nullptr) host.expect(method, url).reply(200, reply);
      Outcome outcome = ask(settings, image(registry + path));
      ASSERT_THAT(outcome, IsOk());
      EXPECT_EQ(outcome.scope, Scope::registry);
      ASSERT_EQ(outcome.auth.size(), 1U);
      EXPECT_EQ(outcome.auth[0].registry, registry);
      if (first.auth.empty())
        first = std::move(outcome);
      else
        EXPECT_EQ(outcome.auth[0].password, first.auth[0].password);
    }
    if (url == nullptr) return;
    ASSERT_EQ(host.calls().size(), 2U);
    EXPECT_EQ(host.calls()[0].body, host.calls()[1].body);
    EXPECT_EQ(host.calls()[0].headers, host.calls()[1].headers);
  }

  // create() and the schema say the same of each row.
  void expect_settings(const std::vector<Setting> &table) {
    const nlohmann::json schema = nlohmann::json::parse(settings_schema(backend()));
    for (const Setting &row : table) {
      SCOPED_TRACE(row.settings.dump().substr(0, 400));
      const Outcome outcome = create_only(backend(), row.settings.dump(), host);
      const std::string broken = broken_schema_rule(schema, row.settings);
      if (row.word == nullptr) {
        EXPECT_THAT(outcome, IsOk());
        EXPECT_EQ(broken, "");
      } else {
        EXPECT_THAT(outcome, StatusIs(Code::bad_config, ::testing::HasSubstr(row.word)));
        EXPECT_EQ(broken.empty(), row.schema_is_coarser) << broken;
      }
    }
  }

  // Both directions: the schema names what create() asks for, and nothing else. `good` is a set that create() takes.
  void expect_schema_names_all(nlohmann::json good) {
    const nlohmann::json schema = nlohmann::json::parse(settings_schema(backend()));
    std::string known;
    for (const auto &[key, value] : schema["properties"].items()) known += (known.empty() ? "" : ", ") + key;
    good["zzz"] = 1;
    EXPECT_THAT(create_only(backend(), good.dump(), host),
                StatusIs(Code::bad_config, ::testing::EndsWith("this backend knows " + known)));
    EXPECT_EQ(schema["additionalProperties"], false);
    EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  }

  [[nodiscard]] std::string with_canaries(std::string text) const {
    for (const auto &[mark, value] : {std::pair("TOKEN", pod_token), std::pair("PASSWORD", password)}) {
      const std::string_view word = mark;
      for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size())) {
        text.replace(at, word.size(), value);
      }
    }
    return text;
  }

  FakeHost host;
  std::string pod_token = fake_token(pod_claims());
  std::string password = fake_token({{"exp", 1'750'003'600}, {"sub", "password-canary"}});  // lives for an hour
};

}  // namespace regcred::test
