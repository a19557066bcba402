// SPDX-License-Identifier: Apache-2.0
// What regcred/v1 accepts, and what it means.
#include "config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/schema_fixture.hpp"

namespace regcred::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

Config defaults_of(const std::string &flow) {
  const Reading reading = read(with_defaults(flow));
  EXPECT_THAT(reading.findings, IsEmpty()) << flow;
  return reading.part.defaults;
}

RegistryEntry entry_of(const std::string &more) {
  const Reading reading = read(with_entry(more));
  EXPECT_THAT(reading.findings, IsEmpty()) << more;
  return reading.part.registries.empty() ? RegistryEntry{} : reading.part.registries.front();
}

TEST(Schema, the_whole_of_it) {
  const Reading reading = read(R"(
apiVersion: regcred/v1
kind: RegistryConfig
defaults:
  deadline: 30s
  caFile: /etc/regcred/internal-ca.pem
  proxy: http://proxy.example.com:3128
  backendDirectories: [/opt/one, "/opt/two"]
  logLevel: debug
registries:
  - name: cloudsmith
    matchImages: ["docker.cloudsmith.io", "*.cloudsmith.com"]
    backend: cloudsmith
    backendSha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    audience: cloudsmith
    serviceAccountToken: required
    annotations: ["cloudsmith.io/service-slug"]
    credentialHost: Docker.Cloudsmith.IO:443
    cache: {maxDuration: 1h30m}
    settings: {orgSlug: acme, retries: 3, on: yes, quoted: "3"}
  - name: second
    matchImages: [reg.io]
    backend: static
)");
  ASSERT_THAT(reading.findings, IsEmpty());
  const ConfigPart &part = reading.part;
  EXPECT_EQ(part.defaults_origin, "f:5:3");
  EXPECT_FALSE(part.proxy_from_environment);
  EXPECT_EQ(part.defaults.deadline, 30s);
  EXPECT_THAT(part.defaults.http.ca_files, ElementsAre("/etc/regcred/internal-ca.pem"));
  EXPECT_EQ(part.defaults.http.proxy.url, "http://proxy.example.com:3128");
  EXPECT_EQ(part.defaults.http.proxy.no_proxy, "");
  EXPECT_THAT(part.defaults.backend_directories, ElementsAre("/opt/one", "/opt/two"));
  EXPECT_EQ(part.defaults.log_level, "debug");

  ASSERT_EQ(part.registries.size(), 2U);
  const RegistryEntry &entry = part.registries[0];
  EXPECT_EQ(entry.name, "cloudsmith");
  EXPECT_THAT(entry.match_images, ElementsAre("docker.cloudsmith.io", "*.cloudsmith.com"));
  EXPECT_EQ(entry.backend, "cloudsmith");
  EXPECT_EQ(entry.backend_sha256, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  EXPECT_EQ(entry.audience, "cloudsmith");
  EXPECT_EQ(entry.service_account_token, TokenUse::required);
  EXPECT_THAT(entry.annotations, Optional(ElementsAre("cloudsmith.io/service-slug")));
  EXPECT_EQ(entry.credential_host, "docker.cloudsmith.io:443");
  EXPECT_EQ(entry.cache_max, 5400s);
  EXPECT_EQ(entry.settings_json, R"({"orgSlug":"acme","retries":3,"on":"yes","quoted":"3"})");
  EXPECT_EQ(entry.origin, "f:11:5");
  EXPECT_EQ(part.registries[1].origin, "f:21:5");
}

TEST(Schema, what_is_left_out_has_its_default) {
  const Reading reading = read(with_entry(""));
  ASSERT_THAT(reading.findings, IsEmpty());
  EXPECT_EQ(reading.part.defaults_origin, std::nullopt);
  EXPECT_TRUE(reading.part.proxy_from_environment);
  EXPECT_EQ(reading.part.defaults.deadline, 45s);
  EXPECT_EQ(reading.part.defaults.log_level, "off");
  EXPECT_EQ(reading.part.defaults.http.attempts_max, 4);
  EXPECT_EQ(reading.part.defaults.http.system_ca_file, "");
  const RegistryEntry &entry = reading.part.registries.at(0);
  EXPECT_EQ(entry.backend_sha256, "");
  EXPECT_EQ(entry.audience, "");
  EXPECT_EQ(entry.service_account_token, std::nullopt);
  EXPECT_EQ(entry.annotations, std::nullopt);
  EXPECT_EQ(entry.credential_host, "");
  EXPECT_EQ(entry.cache_max, std::nullopt);
  EXPECT_EQ(entry.settings_json, "{}");
}

TEST(Schema, a_key_without_a_value_is_as_if_left_out) {
  for (const std::string key :
       {"backendSha256", "audience", "serviceAccountToken", "annotations", "credentialHost", "cache", "settings"}) {
    const RegistryEntry entry = entry_of(key + ":");
    EXPECT_EQ(entry.settings_json, "{}");
    EXPECT_EQ(entry.annotations, std::nullopt);
  }
  for (const std::string key :
       {"deadline", "caFile", "proxy", "backendDirectories", "logLevel", "requestLog", "metricsFile", "eventSpool"}) {
    EXPECT_EQ(defaults_of("{" + key + ": }").deadline, 45s);
  }
  EXPECT_THAT(read(head + "defaults:\nregistries:\n").findings, IsEmpty());
}

TEST(Schema, deadline) {
  EXPECT_EQ(defaults_of("{deadline: 1s}").deadline, 1s);
  EXPECT_EQ(defaults_of("{deadline: 55s}").deadline, 55s);
  EXPECT_EQ(defaults_of("{deadline: 1500ms}").deadline, 1500ms);
  EXPECT_EQ(defaults_of("{deadline: 0.5m}").deadline, 30s);
}

TEST(Schema, proxy) {
  struct Case {
    std::string value;
    bool from_environment;
    std::string url;
  };
  const Case table[] = {
      {"environment", true, ""},
      {"none", false, ""},
      {"http://proxy:3128", false, "http://proxy:3128"},
      {"https://u:p@proxy:3128/", false, "https://u:p@proxy:3128"},
  };
  for (const auto &[value, from_environment, url] : table) {
    const Reading reading = read(with_defaults("{proxy: \"" + value + "\"}"));
    ASSERT_THAT(reading.findings, IsEmpty()) << value;
    EXPECT_EQ(reading.part.proxy_from_environment, from_environment) << value;
    EXPECT_EQ(reading.part.defaults.http.proxy.url, url);
  }
}

TEST(Schema, what_requests_leave_behind) {
  EXPECT_EQ(defaults_of("{}").record.request_log, RequestLog::unanswered);
  EXPECT_EQ(defaults_of("{requestLog: journald}").record.request_log, RequestLog::journald);
  EXPECT_EQ(defaults_of("{requestLog: syslog}").record.request_log, RequestLog::syslog);
  EXPECT_FALSE(defaults_of("{requestLog: off}").record.wanted());
  EXPECT_EQ(defaults_of("{metricsFile: /var/lib/x.prom}").record.metrics_file, "/var/lib/x.prom");
  EXPECT_EQ(defaults_of("{eventSpool: /run/regcred/events}").record.event_spool, "/run/regcred/events");
}

TEST(Schema, what_the_node_remembers) {
  const Config usual = defaults_of("{}");
  EXPECT_EQ(usual.node_cache.directory, "/run/regcred/cache");
  EXPECT_TRUE(usual.node_cache.require_tmpfs);
  EXPECT_EQ(usual.node_cache.entries_max, 4096U);
  EXPECT_EQ(usual.node_cache.wait, 15s);
  EXPECT_TRUE(usual.throttle.enabled);
  EXPECT_EQ(usual.throttle.directory, "/run/regcred/throttle");
  const Config other = defaults_of(
      "{nodeCache: {directory: /var/x, requireTmpfs: false, maxEntries: 7, wait: 2s}, throttleMemory: off, "
      "throttleDirectory: /var/y}");
  EXPECT_EQ(other.node_cache.directory, "/var/x");
  EXPECT_FALSE(other.node_cache.require_tmpfs);
  EXPECT_EQ(other.node_cache.entries_max, 7U);
  EXPECT_EQ(other.node_cache.wait, 2s);
  EXPECT_FALSE(other.throttle.enabled);
  EXPECT_EQ(other.throttle.directory, "/var/y");
  EXPECT_EQ(entry_of("").cache_node, NodeCacheMode::off);
  EXPECT_EQ(entry_of("cache: {node: token}").cache_node, NodeCacheMode::token);
  EXPECT_EQ(entry_of("cache: {node: serviceAccount}").cache_node, NodeCacheMode::service_account);
}

TEST(Schema, words) {
  for (const std::string level : {"off", "error", "warn", "info", "debug"}) {
    EXPECT_EQ(defaults_of("{logLevel: " + level + "}").log_level, level);
  }
  EXPECT_EQ(entry_of("serviceAccountToken: required").service_account_token, TokenUse::required);
  EXPECT_EQ(entry_of("serviceAccountToken: optional").service_account_token, TokenUse::optional);
  EXPECT_EQ(entry_of("serviceAccountToken: never").service_account_token, TokenUse::never);
}

TEST(Schema, an_empty_list_of_annotations_is_not_the_backends_own) {
  EXPECT_THAT(entry_of("annotations: []").annotations, Optional(IsEmpty()));
}

TEST(Schema, cache_counts_whole_seconds) {
  EXPECT_EQ(entry_of("cache: {}").cache_max, std::nullopt);
  EXPECT_EQ(entry_of("cache: {maxDuration: 0}").cache_max, 0s);
  EXPECT_EQ(entry_of("cache: {maxDuration: 1999ms}").cache_max, 1s);
  EXPECT_EQ(entry_of("cache: {maxDuration: 12h}").cache_max, 43'200s);
}

TEST(Schema, names) {
  for (const std::string &name : {std::string("a"), std::string("a-1-"), std::string(63, 'z')}) {
    const Reading reading = read(head + "registries: [{name: " + name + ", matchImages: [x], backend: " + name + "}]");
    ASSERT_THAT(reading.findings, IsEmpty()) << name;
    EXPECT_EQ(reading.part.registries[0].name, name);
    EXPECT_EQ(reading.part.registries[0].backend, name);
  }
}

TEST(Schema, json_is_yaml) {
  const Reading reading = read(
      R"({"apiVersion": "regcred/v1", "kind": "RegistryConfig", "registries": [
          {"name": "a", "matchImages": ["reg.io"], "backend": "static", "settings": {"n": 1, "s": "1", "b": false}}]})");
  ASSERT_THAT(reading.findings, IsEmpty());
  EXPECT_EQ(reading.part.registries.at(0).settings_json, R"({"n":1,"s":"1","b":false})");
}

TEST(Schema, an_anchor_may_name_what_two_entries_share) {
  const Reading reading = read(head + R"(
registries:
  - {name: a, matchImages: [a.io], backend: static, settings: &shared {passwordFile: /p}}
  - {name: b, matchImages: [b.io], backend: static, settings: *shared}
)");
  ASSERT_THAT(reading.findings, IsEmpty());
  EXPECT_EQ(reading.part.registries.at(1).settings_json, R"({"passwordFile":"/p"})");
}

}  // namespace
}  // namespace regcred::core
