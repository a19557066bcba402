// SPDX-License-Identifier: Apache-2.0
// Drop-in mode: every key and variable of the existing provider, and what it means.
#include "config/drop_in.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "common/image_reference.hpp"
#include "config/drop_in_keys.hpp"
#include "match/pattern.hpp"
#include "unit/config/drop_in_fixture.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::UnorderedElementsAre;

TEST_F(DropInTest, one_entry_for_cloudsmiths_hosts) {
  const Config config = loaded({{"CLOUDSMITH_ORG_SLUG", "acme"}, {"CLOUDSMITH_SERVICE_SLUG", "ci-9ty"}});
  EXPECT_EQ(config.origin, "environment (drop-in mode)");
  EXPECT_EQ(config.log_level, "off");
  EXPECT_EQ(config.deadline, std::chrono::seconds{45});
  ASSERT_EQ(config.registries.size(), 1U);
  const RegistryEntry &entry = config.registries[0];
  EXPECT_EQ(entry.name, "cloudsmith");
  EXPECT_EQ(entry.backend, "cloudsmith");
  EXPECT_EQ(entry.audience, "");
  EXPECT_EQ(entry.service_account_token, std::nullopt) << "what the backend declares";
  EXPECT_THAT(entry.annotations, Optional(UnorderedElementsAre("cloudsmith.io/service-slug", "cloudsmith.io/org-slug",
                                                               "cloudsmith.io/api-host")));
  EXPECT_EQ(json::parse(entry.settings_json), json::parse(R"({"orgSlug": "acme", "serviceSlug": "ci-9ty"})"));
}

TEST_F(DropInTest, a_variable_without_a_name_is_nobodys) {
  EXPECT_EQ(json::parse(loaded({{"", "evil"}}).registries[0].settings_json), json::object());
}

TEST_F(DropInTest, its_own_proxy_replaces_that_of_the_environment_and_keeps_its_exceptions) {
  const ProxyConfig proxy =
      loaded({{"HTTPS_PROXY", "socks5://unusable"}, {"CLOUDSMITH_API_PROXY", "a:1"}, {"NO_PROXY", "x"}}).http.proxy;
  EXPECT_EQ(proxy.url, "http://a:1");
  EXPECT_EQ(proxy.no_proxy, "x");
}

TEST_F(DropInTest, the_entry_answers_for_cloudsmith_and_nobody_else) {
  const Config config = loaded({});
  const auto matches = [&](const std::string &image) {
    const auto &patterns = config.registries[0].match_images;
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string &pattern) {
      return match_pattern(pattern, ImageReference(image)).matches();
    });
  };
  for (const char *image : {"docker.cloudsmith.io/acme/r/i", "helm.oci.cloudsmith.io/x", "cloudsmith.com/x",
                            "docker.cloudsmith.com/x", "a.b.cloudsmith.com/x"}) {
    EXPECT_TRUE(matches(image)) << image;
  }
  for (const char *image : {"docker.io/x", "cloudsmith.io.evil.com/x", "evilcloudsmith.io/x", "docker.example.com/x"}) {
    EXPECT_FALSE(matches(image)) << image;
  }
}

TEST_F(DropInTest, defaults_are_those_of_the_existing_provider_but_for_the_jitter) {
  const HttpConfig http = loaded({}).http;
  EXPECT_EQ(http.attempts_max, 3);
  EXPECT_EQ(http.backoff_base_ms, 1000);
  EXPECT_EQ(http.backoff_factor, 2.0);
  EXPECT_EQ(http.backoff_jitter, 1.0);
  EXPECT_EQ(http.backoff_cap_ms, 30'000);
  EXPECT_EQ(http.attempt_ms_max, 30'000);
  EXPECT_EQ(http.user_agent, "");
  EXPECT_EQ(http.proxy.url, "");
}

// What a value does, as text, so that one table holds all keys.
using Effect = std::function<std::string(const Config &)>;

std::string setting(const Config &config, const std::string &key) {
  return json::parse(config.registries.at(0).settings_json).value(key, json()).dump();
}
Effect in_settings(const std::string &key) {
  return [key](const Config &config) { return setting(config, key); };
}

struct Key {
  std::string key;
  std::string value;
  Effect effect;
  std::string expected;
};

const std::vector<Key> keys = {
    {"api_host", "api.example.com", in_settings("apiHost"), R"("api.example.com")"},
    {"org_slug", "acme", in_settings("orgSlug"), R"("acme")"},
    {"service_slug", "ci_9ty", in_settings("serviceSlug"), R"("ci_9ty")"},
    {"log_level", "warning", [](const Config &config) { return config.log_level; }, "warn"},
    {"insecure_skip_verify", "false", [](const Config &) { return "no effect"; }, "no effect"},
    {"headers", "{X-A: b}", in_settings("headers"), R"({"X-A":"b"})"},
    {"http_timeout", "7s", [](const Config &config) { return std::to_string(config.http.attempt_ms_max); }, "7000"},
    {"max_idle_conns", "5", [](const Config &) { return "no effect"; }, "no effect"},
    {"idle_conn_timeout", "5s", [](const Config &) { return "no effect"; }, "no effect"},
    {"max_retry_attempts", "9", [](const Config &config) { return std::to_string(config.http.attempts_max); }, "9"},
    {"retry_backoff_duration", "250ms",
     [](const Config &config) { return std::to_string(config.http.backoff_base_ms); }, "250"},
    {"retry_backoff_factor", "1.5", [](const Config &config) { return json(config.http.backoff_factor).dump(); },
     "1.5"},
    {"retry_backoff_jitter", "0.5", [](const Config &config) { return json(config.http.backoff_jitter).dump(); },
     "0.5"},
    {"retry_backoff_cap", "1m", [](const Config &config) { return std::to_string(config.http.backoff_cap_ms); },
     "60000"},
    {"api_headers", "X-A=b", in_settings("headers"), R"({"X-A":"b"})"},
    {"api_proxy", "proxy:3128", [](const Config &config) { return config.http.proxy.url; }, "http://proxy:3128"},
    {"api_user_agent", "acme/1.0 (node)", [](const Config &config) { return config.http.user_agent; },
     "acme/1.0 (node)"},
    {"oidc_audience", "cloudsmith", [](const Config &config) { return config.registries.at(0).audience; },
     "cloudsmith"},
    {"allowed_api_host_suffixes", ".example.com", in_settings("allowedApiHosts"), R"(["example.com","*.example.com"])"},
    {"allowed_org_slugs", "acme,initech", in_settings("allowedOrgs"), R"(["acme","initech"])"},
    {"allowed_service_slugs", "ci-x1 ro", in_settings("allowedServices"), R"(["ci-x1","ro"])"},
    {"registry_hosts", "docker.example.com", in_settings("registryHosts"), R"(["docker.example.com"])"},
};

TEST_F(DropInTest, every_key_and_every_variable_has_its_effect) {
  std::set<std::string> tested;
  for (const auto &[key, value, effect, expected] : keys) {
    EXPECT_EQ(effect(loaded({}, key + ": " + value + "\n")), expected) << key;
    tested.insert(key);
    for (const DropInKey &known : drop_in_keys) {
      if (known.key != key) continue;
      for (const std::string_view variable : known.variables) {
        if (variable.empty()) continue;
        EXPECT_EQ(effect(loaded({{std::string(variable), value}})), expected) << variable;
      }
    }
  }
  for (const DropInKey &known : drop_in_keys) EXPECT_EQ(tested.count(std::string(known.key)), 1U) << known.key;
}

TEST_F(DropInTest, a_variable_comes_before_the_file_and_the_file_before_the_default) {
  const std::string file = "org_slug: from-file\nmax_retry_attempts: 5\n";
  EXPECT_EQ(settings({}, file)["orgSlug"], "from-file");
  EXPECT_EQ(settings({{"CLOUDSMITH_ORG_SLUG", "from-env"}}, file)["orgSlug"], "from-env");
  EXPECT_EQ(settings({{"CLOUDSMITH_ORG_SLUG", ""}}, file)["orgSlug"], "from-file") << "set to nothing is not set";
  EXPECT_EQ(settings({}, "org_slug:\nservice_slug: ''\n"), json::object());
  EXPECT_EQ(loaded({{"CLOUDSMITH_MAX_RETRY_ATTEMPTS", "7"}}, file).http.attempts_max, 7);
  EXPECT_EQ(loaded({}, "org_slug: a").http.attempts_max, 3);
}

TEST_F(DropInTest, the_first_of_several_variables_counts) {
  const Variables all = {{"CLOUDSMITH_ORGANIZATION", "c"}, {"CLOUDSMITH_ORG", "b"}, {"CLOUDSMITH_ORG_SLUG", "a"}};
  EXPECT_EQ(settings(all)["orgSlug"], "a");
  EXPECT_EQ(settings({all[0], all[1]})["orgSlug"], "b");
  EXPECT_EQ(settings({all[0]})["orgSlug"], "c");
}

TEST_F(DropInTest, keys_know_no_letter_case) {
  EXPECT_EQ(settings({}, "Org_Slug: acme\nHEADERS: {x-a: b}\nHeader_X_B: c\n"),
            json::parse(R"({"orgSlug": "acme", "headers": {"x-a": "b", "X-B": "c"}})"));
}

TEST_F(DropInTest, the_default_file_is_read_when_it_is_there) {
  directory_.write("default.yaml", "org_slug: acme\n");
  const Config config = loaded({});
  EXPECT_EQ(config.origin, "environment and " + default_file() + " (drop-in mode)");
  EXPECT_THAT(config.registries.at(0).settings_json, HasSubstr("acme"));
  EXPECT_EQ(settings({}, "org_slug: other\n")["orgSlug"], "other") << "a named file replaces it";
}

TEST_F(DropInTest, the_file_may_be_json_and_may_be_empty) {
  EXPECT_EQ(settings({}, R"({"org_slug": "acme", "headers": {"X-A": "b"}})"),
            json::parse(R"({"orgSlug": "acme", "headers": {"X-A": "b"}})"));
  EXPECT_EQ(settings({}, "# nothing\n"), json::object());
}

TEST_F(DropInTest, the_api_host_may_have_a_scheme_and_a_slash) {
  for (const std::string host : {"API.Example.com:8443", "https://api.example.com:8443",
                                 "https://api.example.com:8443/", "api.example.com:8443/"}) {
    EXPECT_EQ(settings({{"CLOUDSMITH_API_HOST", host}})["apiHost"], "api.example.com:8443") << host;
  }
}

TEST_F(DropInTest, allowed_suffixes_stand_for_the_domain_and_all_below) {
  const json both = json::parse(R"(["a.example.com", "*.a.example.com", "b.org", "*.b.org"])");
  for (const std::string text : {".a.example.com,.b.org", "*.a.example.com, b.org", " a.example.com  B.org "}) {
    EXPECT_EQ(settings({{"CLOUDSMITH_ALLOWED_API_HOST_SUFFIXES", text}})["allowedApiHosts"], both) << text;
  }
  EXPECT_EQ(settings({}, "allowed_api_host_suffixes: [.a.example.com, .b.org]")["allowedApiHosts"], both);
}

TEST_F(DropInTest, registry_hosts_are_matched_and_told_to_the_backend) {
  const Config config = loaded({{"CLOUDSMITH_REGISTRY_HOSTS", "docker.example.com, Registry.Example.org:5000"}});
  const auto &patterns = config.registries.at(0).match_images;
  ASSERT_GE(patterns.size(), 2U);
  EXPECT_EQ(patterns[patterns.size() - 2], "docker.example.com");
  EXPECT_EQ(patterns.back(), "registry.example.org:5000");
  EXPECT_EQ(setting(config, "registryHosts"), R"(["docker.example.com","registry.example.org:5000"])");
}

TEST_F(DropInTest, headers_in_every_form) {
  struct Case {
    Variables variables;
    std::string file;
    std::string headers;
  };
  const Case table[] = {
      {{}, "headers: {X-A: b, x-c: '1'}", R"({"X-A":"b","x-c":"1"})"},
      {{}, "headers: {X-A: 5}", R"({"X-A":"5"})"},
      {{}, "header_x_example: v", R"({"X-Example":"v"})"},
      {{}, "header_API-key: v", R"({"Api-Key":"v"})"},
      {{}, "api_headers: 'X-A=b, X-C=d=e'", R"({"X-A":"b","X-C":"d=e"})"},
      {{}, "api_headers: ['X-A=b', 'X-C=with space']", R"({"X-A":"b","X-C":"with space"})"},
      {{{"CLOUDSMITH_HEADERS", R"({"X-A": "b"})"}}, "", R"({"X-A":"b"})"},
      {{{"CLOUDSMITH_API_HEADERS", "X-A=b"}}, "", R"({"X-A":"b"})"},
      {{{"CLOUDSMITH_HEADER_X_EXAMPLE", "v w"}}, "", R"({"X-Example":"v w"})"},
      {{{"CLOUDSMITH_HEADER_X_EXAMPLE", ""}}, "header_x_example: file", R"({"X-Example":"file"})"},
      {{{"CLOUDSMITH_API_HEADERS", "X-A=env"}}, "api_headers: X-A=file", R"({"X-A":"env"})"},
      {{{"CLOUDSMITH_HEADER_X_A", "5"}, {"CLOUDSMITH_HEADERS", R"({"x-a": "4"})"}, {"CLOUDSMITH_API_HEADERS", "x-A=3"}},
       "header_x_a: 2\nheaders: {X-a: 1, X-B: kept}",
       R"({"X-A":"5","X-B":"kept"})"},
      {{{"CLOUDSMITH_HEADERS", R"({"x-a": "4"})"}, {"CLOUDSMITH_API_HEADERS", "X-A=3"}}, "", R"({"x-a":"4"})"},
      {{{"CLOUDSMITH_API_HEADERS", "x-A=3"}}, "header_x_a: 2\nheaders: {X-a: 1}", R"({"x-A":"3"})"},
      {{}, "header_x_a: 2\nheaders: {X-a: 1}", R"({"X-A":"2"})"},
      {{}, "headers:\n", "null"},
      {{}, "headers: {}", "null"},
  };
  for (const auto &[variables, file, headers] : table) {
    EXPECT_EQ(setting(loaded(variables, file), "headers"), headers) << file;
  }
}

TEST_F(DropInTest, trust_and_proxy_come_from_the_usual_variables) {
  const HttpConfig http = loaded({{"SSL_CERT_FILE", "/ca.pem"},
                                  {"SSL_CERT_DIR", "/certs:/more"},
                                  {"HTTPS_PROXY", "http://one:1"},
                                  {"NO_PROXY", "x.io"}})
                              .http;
  EXPECT_EQ(http.system_ca_file, "/ca.pem");
  EXPECT_EQ(http.system_ca_directories, "/certs:/more");
  EXPECT_EQ(http.proxy.url, "http://one:1");
  EXPECT_EQ(http.proxy.no_proxy, "x.io");
  const HttpConfig own =
      loaded({{"HTTPS_PROXY", "one:1"}, {"NO_PROXY", "x.io"}, {"CLOUDSMITH_API_PROXY", "two:2"}}).http;
  EXPECT_EQ(own.proxy.url, "http://two:2");
  EXPECT_EQ(own.proxy.no_proxy, "x.io");
}

TEST_F(DropInTest, flags_are_those_of_the_existing_provider) {
  for (const std::string no : {"0", "f", "F", "false", "FALSE", "False", ""}) {
    EXPECT_TRUE(load({{"CLOUDSMITH_INSECURE_SKIP_VERIFY", no}})) << no;
  }
}

TEST_F(DropInTest, log_levels_are_taken_in_any_letter_case_and_unknown_ones_count_as_info) {
  const std::pair<const char *, const char *> known[] = {{"INFO", "info"}, {"Debug", "debug"}, {"WARNING", "warn"},
                                                         {"Warn", "warn"}, {"ERROR", "error"}, {"", "off"}};
  for (const auto &[written, level] : known) {
    const Config config = loaded({{"CLOUDSMITH_LOG_LEVEL", written}});
    EXPECT_EQ(config.log_level, level) << written;
    EXPECT_TRUE(config.notes.empty()) << written;
  }
  for (const char *unknown : {"trace", "verbose", "5", "off", "in fo"}) {
    const Config config = loaded({{"CLOUDSMITH_LOG_LEVEL", unknown}});
    EXPECT_EQ(config.log_level, "info") << unknown;
    ASSERT_EQ(config.notes.size(), 1U) << unknown;
    EXPECT_EQ(config.notes[0].severity, Severity::note);
    EXPECT_EQ(config.notes[0].where, "environment: CLOUDSMITH_LOG_LEVEL");
  }
}

TEST(DropInVariables, any_of_them_counts) {
  EXPECT_TRUE(has_drop_in_variable(Environment({{"PATH", "/bin"}, {"CLOUDSMITH_ORG", "a"}})));
  EXPECT_FALSE(
      has_drop_in_variable(Environment({{"CLOUDSMITH_ORG", ""}, {"XCLOUDSMITH_ORG", "a"}, {"CLOUDSMITH", "a"}})));
}

}  // namespace
}  // namespace regcred::core
