// SPDX-License-Identifier: Apache-2.0
// What regcred/v1 refuses: where, what and the cure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "config/schema.hpp"
#include "unit/config/schema_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Case {
  std::string text;
  std::string place;  // LINE:COLUMN
  std::string what;   // a part of it
  std::string cure;   // a part of it
};

void expect_findings(std::span<const Case> table) {
  for (const auto &[text, place, what, cure] : table) {
    const Reading reading = read(text);
    ASSERT_EQ(reading.findings.size(), 1U) << text << ::testing::PrintToString(reading.findings);
    const std::string &finding = reading.findings.front();
    EXPECT_THAT(finding, StartsWith(place + ": ")) << text;
    const std::size_t border = finding.find(" | ");
    EXPECT_THAT(finding.substr(0, border), HasSubstr(what)) << text;
    EXPECT_THAT(finding.substr(border), HasSubstr(cure)) << text;
  }
}

TEST(SchemaErrors, the_document) {
  const Case table[] = {
      {"", "1:1", "the file is empty", "apiVersion: regcred/v1"},
      {"# nothing\n", "1:1", "the file is empty", "apiVersion: regcred/v1"},
      {"text", "1:1", "the file holds text, expected a mapping", "its keys are apiVersion, kind"},
      {"[]", "1:1", "the file holds a list, expected a mapping", "registries"},
      {"kind: RegistryConfig", "1:1", "apiVersion is missing", "write apiVersion: regcred/v1"},
      {"apiVersion:\nkind: RegistryConfig", "2:1", "apiVersion is missing", "write apiVersion: regcred/v1"},
      {"apiVersion: regcred/v1", "1:1", "kind is missing", "write kind: RegistryConfig"},
      {"apiVersion: regcred/v2\nkind: RegistryConfig", "1:13", R"(apiVersion is "regcred/v2", expected regcred/v1)",
       ""},
      {"apiVersion: regcred/v1\nkind: Registry", "2:7", R"(kind is "Registry", expected RegistryConfig)", ""},
      {"apiVersion: [x]\nkind: RegistryConfig", "1:13", "apiVersion is a list, expected text", "one value"},
      {head + "registry: []", "3:1", R"(unknown key "registry")", "the keys here are apiVersion, kind"},
      {head + "registrys: []", "3:1", R"(unknown key "registrys")", "did you mean registries?"},
      {head + "Defaults: {}", "3:1", R"(unknown key "Defaults")", "did you mean defaults?"},
      {head + "registries: {}", "3:13", "registries is a mapping, expected a list", "- name: "},
      {head + "registries: a", "3:13", "registries is text, expected a list", "- name: "},
      {head + "registries: [a]", "3:14", "registries[0] holds text, expected a mapping", "name, matchImages"},
      {head + "registries:\n-\n", "5:1", "registries[0] holds nothing, expected a mapping", "name, matchImages"},
      {head + "registries: []\nregistries: []", "4:1", "a second time", "remove one"},
      {head + "---\na: b\n", "3:1", "a second document", ""},
  };
  expect_findings(table);
}

TEST(SchemaErrors, defaults) {
  const std::string d = "defaults.";
  const Case table[] = {
      {with_defaults("[]"), "3:11", "defaults holds a list, expected a mapping", "deadline, caFile"},
      {with_defaults("{dedline: 1s}"), "3:12", R"(unknown key "dedline" in defaults)", "did you mean deadline?"},
      {with_defaults("{caFiles: /x}"), "3:12", R"(unknown key "caFiles")", "did you mean caFile?"},
      {with_defaults("{ca_bundle: /x}"), "3:12", R"(unknown key "ca_bundle")", "the keys here are deadline, caFile"},
      {with_defaults("{deadline: 999ms}"), "3:22", d + R"(deadline is "999ms", expected 1s to 55s)", "60 s"},
      {with_defaults("{deadline: 56s}"), "3:22", d + R"(deadline is "56s", expected 1s to 55s)", "60 s"},
      {with_defaults("{deadline: 0}"), "3:22", "expected 1s to 55s", ""},
      {with_defaults("{deadline: 30}"), "3:22", R"(deadline is "30", expected a duration)", "write 45s"},
      {with_defaults("{deadline: -5s}"), "3:22", R"(deadline is "-5s", expected a duration)", "write 45s"},
      {with_defaults("{deadline: [1s]}"), "3:22", "deadline is a list, expected text", "one value"},
      {with_defaults("{deadline: 1s, deadline: 2s}"), "3:26", "a second time", "remove one"},
      {with_defaults("{caFile: ca.pem}"), "3:20", R"(caFile is "ca.pem", expected an absolute path)",
       "start it with /"},
      {with_defaults("{caFile: ''}"), "3:20", R"(caFile is "")", "start it with /"},
      {with_defaults("{caFile: \"/a\\n\"}"), "3:20", R"(caFile is "/a\n")", ""},
      {with_defaults("{caFile: [/a]}"), "3:20", "caFile is a list, expected text", ""},
      {with_defaults("{backendDirectories: /a}"), "3:32", "backendDirectories is text, expected a list", "[\"first\""},
      {with_defaults("{backendDirectories: [/a, b]}"), "3:32", R"(has "b", expected absolute paths)",
       "start it with /"},
      {with_defaults("{backendDirectories: [/a, []]}"), "3:37", "has a list among its items", "quotes"},
      {with_defaults("{logLevel: warning}"), "3:22",
       R"(logLevel is "warning", expected off, error, warn, info or debug)", ""},
      {with_defaults("{requestLog: journal}"), "3:24", R"(requestLog is "journal")", "did you mean journald?"},
      {with_defaults("{metricsFile: x.prom}"), "3:25", R"(metricsFile is "x.prom", expected an absolute path)",
       "node_exporter"},
      {with_defaults("{eventSpool: events}"), "3:24", R"(eventSpool is "events", expected the absolute path)",
       "/run/regcred/events"},
      {with_defaults("{logLevel: debgu}"), "3:22", R"(logLevel is "debgu")", "did you mean debug?"},
      {with_defaults("{proxy: 'socks5://proxy:1080'}"), "3:19", "expected environment, none or a URL",
       "http://host:port"},
      {with_defaults("{proxy: 'http://'}"), "3:19", "expected environment, none or a URL", "http://host:port"},
      {with_defaults("{proxy: enviroment}"), "3:19", "proxy is none of environment, none and a URL",
       "http://host:port"},
      {with_defaults("{proxy: 'proxy:3128'}"), "3:19", "proxy is none of environment, none and a URL", ""},
      {with_defaults("{proxy: ''}"), "3:19", "proxy is none of environment, none and a URL", ""},
  };
  expect_findings(table);
}

TEST(SchemaErrors, H8_a_refused_proxy_shows_no_credentials) {
  for (const std::string proxy : {"socks5://scott:tiger@proxy:1080", "scott:tiger@proxy:1080", "http://scott:tiger@"}) {
    const Reading reading = read(with_defaults("{proxy: '" + proxy + "'}"));
    ASSERT_EQ(reading.findings.size(), 1U) << proxy;
    EXPECT_THAT(reading.findings[0], StartsWith("3:19: defaults.proxy"));
    EXPECT_THAT(reading.findings[0], Not(HasSubstr("tiger")));
  }
}

TEST(SchemaErrors, what_every_entry_needs) {
  const std::string r = head + "registries:\n- ";
  const Case table[] = {
      {r + "{matchImages: [x], backend: b}", "4:3", "registries[0].name is missing", "a name of its own"},
      {r + "{name: , matchImages: [x], backend: b}", "4:10", "registries[0].name is missing", "a name of its own"},
      {r + "{name: a, backend: b}", "4:3", "registries[0].matchImages is missing", "list the images"},
      {r + "{name: a, matchImages: [], backend: b}", "4:26", "matchImages is empty", "list the images"},
      {r + "{name: a, matchImages: [x]}", "4:3", "registries[0].backend is missing", "not a path"},
      {r + "{name: A, matchImages: [x], backend: b}", "4:10", R"(name is "A", expected a name)", "a name of its own"},
      {r + "{name: 1a, matchImages: [x], backend: b}", "4:10", R"(name is "1a", expected a name)", ""},
      {r + "{name: '', matchImages: [x], backend: b}", "4:10", R"(name is "", expected a name)", ""},
      {r + "{name: a_b, matchImages: [x], backend: b}", "4:10", R"(name is "a_b", expected a name)", ""},
      {r + "{name: " + std::string(64, 'a') + ", matchImages: [x], backend: b}", "4:10", "at most 63", ""},
      {r + "{name: a, matchImages: [x], backend: ./b.so}", "4:40", R"(backend is "./b.so", expected a name)",
       "not a path"},
      {r + "{name: a, matchImages: [x], backend: ../b}", "4:40", R"(backend is "../b", expected a name)", "not a path"},
      {r + "{name: [a], matchImages: [x], backend: b}", "4:10", "name is a list, expected text", ""},
      {r + "{name: a, matchImages: x, backend: b}", "4:26", "matchImages is text, expected a list", ""},
      {r + "{name: a, matchImages: [x, [y]], backend: b}", "4:30", "has a list among its items, expected text",
       "quotes"},
      {r + "{name: a, matchImages: [~], backend: b}", "4:27", "has nothing among its items, expected text", "quotes"},
  };
  expect_findings(table);
  EXPECT_EQ(read(r + "{}").findings.size(), 3U) << "all that is missing is told at once";
}

TEST(SchemaErrors, patterns_that_the_kubelet_refuses) {
  const auto with_pattern = [](const std::string &pattern) {
    return head + "registries: [{name: a, backend: b, matchImages: [x, " + pattern + "]}]";
  };
  const Case table[] = {
      {with_pattern("'re g.io'"), "3:53", R"(registries[0].matchImages has "re g.io": )", ""},
      {with_pattern("'reg.io:*'"), "3:53", "port", ""},
      {with_pattern("'[a-z]eg.io'"), "3:53", "brackets", ""},
      {with_pattern("'{reg,gcr}.io'"), "3:53", "character", ""},
      {with_pattern("'reg.io/%zz'"), "3:53", "percent sign", ""},
      {with_pattern(R"("reg.io\n")"), "3:53", R"(has "reg.io\n": )", ""},
  };
  expect_findings(table);
  EXPECT_THAT(read(with_pattern("y" + repeated(", y", 4095))).findings,
              ElementsAre(HasSubstr("matchImages has more than 4096 patterns")));
}

TEST(SchemaErrors, the_other_keys_of_an_entry) {
  const std::string e = "registries[0].";
  const std::string hex(64, 'A');
  const Case table[] = {
      {with_entry("backendSHA256: x"), "7:3", R"(unknown key "backendSHA256" in registries[0])", "mean backendSha256?"},
      {with_entry("matchImage: x"), "7:3", R"(unknown key "matchImage" in registries[0])", "mean matchImages?"},
      {with_entry("setings: {}"), "7:3", R"(unknown key "setings")", "mean settings?"},
      {with_entry("deadline: 1s"), "7:3", R"(unknown key "deadline" in registries[0])", "the keys here are name"},
      {with_entry("name: b"), "7:3", R"(the key "name" stands here a second time)", "remove one"},
      {with_entry("backendSha256: " + hex), "7:18", "expected 64 lower-case hexadecimal digits", "sha256sum"},
      {with_entry("backendSha256: abc"), "7:18", e + R"(backendSha256 is "abc", expected 64)", "sha256sum"},
      {with_entry("backendSha256: ''"), "7:18", e + R"(backendSha256 is "")", "sha256sum"},
      {with_entry(R"(audience: "a\nb")"), "7:13", e + "audience has control characters", "audience"},
      {with_entry("audience: " + std::string(4097, 'a')), "7:13", "more than 4096 bytes", ""},
      {with_entry("audience: [a]"), "7:13", e + "audience is a list, expected text", ""},
      {with_entry("serviceAccountToken: true"), "7:24", R"(is "true", expected required, optional or never)", "one of"},
      {with_entry("serviceAccountToken: requird"), "7:24", R"(is "requird")", "did you mean required?"},
      {with_entry("annotations: a/b"), "7:16", e + "annotations is text, expected a list", "[\"first\""},
      {with_entry("annotations: {a/b: c}"), "7:16", e + "annotations is a mapping, expected a list", ""},
      {with_entry("annotations: [a/b, '']"), "7:22", e + R"(annotations has "", which is not an annotation key)",
       "write it as in example.com/name"},
      {with_entry(R"(annotations: ["a\u001b"])"), "7:17", R"(has "a\x1b", which is not)", "example.com/name"},
      {with_entry("annotations: [" + std::string(64, 'a') + "]"), "7:17", "which is not an annotation key", ""},
      {with_entry("annotations: [a/b, org slug]"), "7:22", R"(has "org slug", which is not)", ""},
      {with_entry("annotations: [cloudsmith.io/]"), "7:17", R"(has "cloudsmith.io/", which is not)", ""},
      {with_entry("annotations: [a/b/c]"), "7:17", R"(has "a/b/c", which is not)", ""},
      {with_entry("annotations: [-a]"), "7:17", R"(has "-a", which is not)", ""},
      {with_entry("credentialHost: https://x.io"), "7:19", R"(credentialHost is "https://x.io", expected host)",
       "https://"},
      {with_entry("credentialHost: x.io/path/"), "7:19", "expected host or host:port", "leave out"},
      {with_entry("credentialHost: x.io:0"), "7:19", "expected host or host:port", ""},
      {with_entry("credentialHost: '*.x.io'"), "7:19", "expected host or host:port", ""},
      {with_entry("credentialHost: u@x.io"), "7:19", "expected host or host:port", ""},
      {with_entry("cache: 1h"), "7:10", e + "cache holds text, expected a mapping", "maxDuration"},
      {with_entry("cache: {maxDuratio: 1h}"), "7:11", R"(unknown key "maxDuratio" in registries[0].cache)",
       "maxDuration?"},
      {with_entry("cache: {maxDuration: 1 h}"), "7:24", e + R"(cache.maxDuration is "1 h", expected a duration)",
       "45s"},
      {with_entry("cache: {maxDuration: -1h}"), "7:24", "expected a duration", ""},
      {with_entry("settings: []"), "7:13", e + "settings is a list, expected a mapping", "key: value"},
      {with_entry("settings: text"), "7:13", e + "settings is text, expected a mapping", "key: value"},
      {with_entry("settings: {a: .inf}"), "7:17", "infinity", "quotes"},
      {with_entry("settings: {a: 1, a: 2}"), "7:20", "a second time", "remove one"},
      {with_entry("settings: {a: {b: 99999999999999999999}}"), "7:21", "beyond 64 bits", "quotes"},
  };
  expect_findings(table);
}

TEST(SchemaErrors, all_findings_of_a_file_are_noted_in_its_order) {
  const Reading reading =
      read(head + "defaults: {deadline: 1, logLevel: x}\nregistries: [{name: A, matchImages: [], backend: B}]");
  EXPECT_THAT(reading.findings, ElementsAre(HasSubstr("deadline"), HasSubstr("logLevel"), HasSubstr("name"),
                                            HasSubstr("matchImages"), HasSubstr("backend")));
}

TEST(SchemaErrors, a_file_of_the_existing_provider_gets_the_cure) {
  for (const std::string text : {"org_slug: acme\nservice_slug: x\n", "api_host: api.cloudsmith.io\n",
                                 "header_x_example: y\n", "log_level: info\nother: 1\n"}) {
    const Reading reading = read(text);
    ASSERT_EQ(reading.findings.size(), 1U) << text;
    EXPECT_THAT(reading.findings[0],
                StartsWith("1:1: the file is a configuration of cloudsmith-kubernetes-credential-provider, expected"));
    EXPECT_THAT(
        reading.findings[0],
        HasSubstr(
            "start regcred by a link called cloudsmith-kubernetes-credential-provider, or write a file of apiVersion"));
  }
}

TEST(SchemaErrors, hostile_text_is_shown_printable_and_short) {
  const Reading reading = read(head + "\"a\\u001b[31m" + std::string(500, 'x') + "\": 1");
  ASSERT_EQ(reading.findings.size(), 1U);
  EXPECT_EQ(reading.findings[0].find('\x1b'), std::string::npos);
  EXPECT_LT(reading.findings[0].size(), 250U);
}

}  // namespace
}  // namespace regcred::core
