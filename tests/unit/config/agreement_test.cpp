// SPDX-License-Identifier: Apache-2.0
// The JSON schema that editors use says the same as the reader, wherever a schema can say it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "backends/json_schema.hpp"
#include "config/config.hpp"
#include "config/settings_json.hpp"
#include "support/process.hpp"
#include "unit/config/schema_fixture.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;

// The checker knows patterns, not `enum`, which editors offer for completion.
json in_words_of_the_checker(json schema) {
  if (schema.is_object() && schema.contains("enum") && schema["enum"].is_array()) {
    std::string choices;
    for (const json &word : schema["enum"]) choices += (choices.empty() ? "" : "|") + word.get<std::string>();
    schema["pattern"] = "^(" + choices + ")$";
    schema.erase("enum");
  }
  if (schema.is_object()) schema.erase("examples");
  if (schema.is_structured()) {
    for (json &part : schema) part = in_words_of_the_checker(std::move(part));
  }
  return schema;
}

class Agreement : public ::testing::Test {
 protected:
  // The rule of the schema that `text` breaks, or "".
  std::string broken_rule(const std::string &text) {
    const Result<YamlNode> root = parse_yaml(text, "f");
    EXPECT_TRUE(root) << text;
    ConfigErrors findings("f");
    const json document = json::parse(to_json(*root, findings).dump());
    return test::broken_schema_rule(schema_, document);
  }
  std::string refusal_of_the_reader(const std::string &text) {
    const std::string file = directory_.write("config.yaml", text);
    return refusal(load_config({file, "regcred", environment_}));
  }

 private:
  testing::TemporaryDirectory directory_;
  Environment environment_;
  json schema_ =
      in_words_of_the_checker(json::parse(std::ifstream(CONFIG_FOLDER "/schema/regcred-config.schema.json")));
};

const std::string entry = "registries:\n- {name: a, matchImages: [reg.io], backend: static}\n";
std::string defaults(const std::string &flow) { return head + "defaults: " + flow + "\n" + entry; }
std::string registry(const std::string &flow) { return head + "registries: [" + flow + "]\n"; }

TEST_F(Agreement, on_what_is_accepted) {
  const std::string table[] = {
      with_entry(""),
      defaults("{}"),
      defaults("{deadline: 30s}"),
      defaults("{deadline: 1.5s}"),
      defaults("{deadline: 45000ms}"),
      defaults("{deadline: 0m30s}"),
      defaults("{caFile: /etc/ca.pem}"),
      defaults("{proxy: environment}"),
      defaults("{proxy: none}"),
      defaults("{proxy: 'http://u:p@proxy:3128'}"),
      defaults("{proxy: 'HTTPS://proxy:3128'}"),
      defaults("{backendDirectories: []}"),
      defaults("{backendDirectories: [/a, /b]}"),
      defaults("{logLevel: off}"),
      defaults("{logLevel: warn}"),
      defaults("{requestLog: journald}"),
      defaults("{requestLog: off, metricsFile: /var/lib/node_exporter/regcred.prom}"),
      defaults("{eventSpool: /run/regcred/events}"),
      defaults("{nodeCache: {}}"),
      defaults("{nodeCache: {directory: /run/a-b/c, requireTmpfs: false, maxEntries: 1, wait: 0s}}"),
      defaults("{nodeCache: {requireTmpfs: true, maxEntries: 65536, wait: 30s}}"),
      defaults("{throttleMemory: on, throttleDirectory: /run/x}"),
      defaults("{throttleMemory: off}"),
      with_entry("cache: {node: off}"),
      with_entry("cache: {node: token}"),
      with_entry("cache: {node: serviceAccount, maxDuration: 1h}"),
      with_entry("backendSha256: " + std::string(64, 'a')),
      with_entry("audience: ''"),
      with_entry("audience: https://a b"),
      with_entry("serviceAccountToken: never"),
      with_entry("annotations: []"),
      with_entry("annotations: [cloudsmith.io/org-slug, Some_key.x]"),
      with_entry("annotations: [" + std::string(63, 'a') + "/" + std::string(63, 'b') + "]"),
      with_entry("credentialHost: ''"),
      with_entry("credentialHost: mirror.example.com:5000"),
      with_entry("credentialHost: mirror.example.com/docker-hub/a_b"),
      with_entry("credentialHost: '[fd00::1]'"),
      with_entry("credentialHost: '[fd00::1]:5000/hub'"),
      with_entry("cache: {}"),
      with_entry("cache: {maxDuration: 1h30m}"),
      with_entry("cache: {maxDuration: '0'}"),
      with_entry("settings: {}"),
      with_entry("settings: {a: 1, b: [x, {c: ~}], d: true, e: 1.5}"),
      registry("{name: a-1, matchImages: ['*.reg.io:5000/x', b], backend: cloudsmith}"),
  };
  for (const std::string &text : table) {
    EXPECT_EQ(broken_rule(text), "") << text;
    EXPECT_EQ(refusal_of_the_reader(text), "accepted") << text;
  }
}

TEST_F(Agreement, on_what_is_refused) {
  const std::string table[] = {
      "[]",
      "text",
      "kind: RegistryConfig\n" + entry,
      "apiVersion: regcred/v1\n" + entry,
      "apiVersion: regcred/v2\nkind: RegistryConfig\n" + entry,
      "apiVersion: regcred/v1\nkind: Other\n" + entry,
      head + entry + "extra: 1\n",
      head + "registries: {}\n",
      head + "registries: [text]\n",
      defaults("[]"),
      defaults("{extra: 1}"),
      defaults("{deadline: 30}"),
      defaults("{deadline: -5s}"),
      defaults("{deadline: 5 s}"),
      defaults("{nodeCache: on}"),
      defaults("{nodeCache: {extra: 1}}"),
      defaults("{nodeCache: {directory: run}}"),
      defaults("{nodeCache: {directory: /}}"),
      defaults("{nodeCache: {directory: /run/}}"),
      defaults("{nodeCache: {directory: /run//x}}"),
      defaults("{nodeCache: {requireTmpfs: 'true'}}"),
      defaults("{nodeCache: {requireTmpfs: yes}}"),
      defaults("{nodeCache: {maxEntries: 0}}"),
      defaults("{nodeCache: {maxEntries: 65537}}"),
      defaults("{nodeCache: {maxEntries: -1}}"),
      defaults("{nodeCache: {maxEntries: '1'}}"),
      defaults("{nodeCache: {maxEntries: 1.5}}"),
      defaults("{nodeCache: {wait: 15}}"),
      defaults("{throttleMemory: true}"),
      defaults("{throttleDirectory: x}"),
      with_entry("cache: {node: on}"),
      with_entry("cache: {node: serviceaccount}"),
      defaults("{deadline: 5d}"),
      defaults("{deadline: [5s]}"),
      defaults("{caFile: ca.pem}"),
      defaults("{caFile: [/a]}"),
      defaults("{proxy: system}"),
      defaults("{proxy: 'proxy:3128'}"),
      defaults("{proxy: 'socks5://proxy:3128'}"),
      defaults("{backendDirectories: /a}"),
      defaults("{backendDirectories: [a]}"),
      defaults("{logLevel: warning}"),
      defaults("{requestLog: stderr}"),
      defaults("{metricsFile: regcred.prom}"),
      defaults("{metricsFile: /var/lib/metrics.txt}"),
      defaults("{metricsFile: /var/lib/.prom}"),
      defaults("{eventSpool: events}"),
      defaults("{eventSpool: /}"),
      defaults("{eventSpool: [/run/events]}"),
      registry("{}"),
      registry("{matchImages: [x], backend: b}"),
      registry("{name: a, backend: b}"),
      registry("{name: a, matchImages: [x]}"),
      registry("{name: A, matchImages: [x], backend: b}"),
      registry("{name: a, matchImages: [], backend: b}"),
      registry("{name: a, matchImages: x, backend: b}"),
      registry("{name: a, matchImages: [[x]], backend: b}"),
      registry("{name: a, matchImages: [x], backend: ./b.so}"),
      registry("{name: " + std::string(64, 'a') + ", matchImages: [x], backend: b}"),
      with_entry("extra: 1"),
      with_entry("backendSha256: abc"),
      with_entry("backendSha256: " + std::string(64, 'A')),
      with_entry("audience: [a]"),
      with_entry("audience: \"a\\nb\""),
      with_entry("serviceAccountToken: always"),
      with_entry("annotations: a/b"),
      with_entry("annotations: ['']"),
      with_entry("annotations: [" + std::string(64, 'a') + "]"),
      with_entry("annotations: [org slug]"),
      with_entry("annotations: [cloudsmith.io/]"),
      with_entry("annotations: [a_b.io/c]"),
      with_entry("annotations: [a/b/c]"),
      with_entry("credentialHost: https://x.io"),
      with_entry("credentialHost: x.io/Path"),
      with_entry("credentialHost: x.io/"),
      with_entry("credentialHost: x.io/a//b"),
      with_entry("credentialHost: x.io/path:1"),
      with_entry("credentialHost: 'fd00::1'"),
      with_entry("credentialHost: 'x.io:0'"),
      with_entry("cache: 1h"),
      with_entry("cache: {extra: 1}"),
      with_entry("cache: {maxDuration: 1 h}"),
      with_entry("settings: []"),
      with_entry("settings: text"),
  };
  for (const std::string &text : table) {
    EXPECT_NE(broken_rule(text), "") << text;
    EXPECT_NE(refusal_of_the_reader(text), "accepted") << text;
  }
}

TEST_F(Agreement, only_the_reader_sees_ranges_patterns_and_several_entries) {
  const std::string table[] = {
      defaults("{deadline: 2m}"),
      head,
      registry("{name: a, matchImages: ['reg.io:*'], backend: b}"),
      registry("{name: a, matchImages: [x], backend: b}, {name: a, matchImages: [y], backend: b}"),
  };
  for (const std::string &text : table) {
    EXPECT_EQ(broken_rule(text), "") << text;
    EXPECT_NE(refusal_of_the_reader(text), "accepted") << text;
  }
}

TEST_F(Agreement, the_schema_wants_quotes_and_values_where_the_reader_does_not) {
  for (const std::string &text : {with_entry("audience: 123"), with_entry("audience:")}) {
    EXPECT_NE(broken_rule(text), "") << text;
    EXPECT_EQ(refusal_of_the_reader(text), "accepted") << text;
  }
}

}  // namespace
}  // namespace regcred::core
