// SPDX-License-Identifier: Apache-2.0
// The settings: what create() takes and refuses, and that its JSON Schema says the same.
#include "backends/cloudsmith/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

json many(std::size_t count) {
  json list = json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back("h" + std::to_string(i) + ".example.com");
  return list;
}

json many_slugs(std::size_t count) {
  json list = json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back("s" + std::to_string(i));
  return list;
}

json many_headers(std::size_t count) {
  json map = json::object();
  for (std::size_t i = 0; i < count; ++i) map["X-" + std::to_string(i)] = "v";
  return map;
}

std::vector<Setting> settings_table() {
  return {
      {json::object(), nullptr},
      {{{"orgSlug", "acme"}, {"serviceSlug", "default-v9ty"}}, nullptr},
      {{{"orgSlug", "Acme_1"}}, nullptr},
      {{{"orgSlug", std::string(100, 'a')}}, nullptr},
      {{{"orgSlug", std::string(101, 'a')}}, "settings.orgSlug"},
      {{{"orgSlug", ""}}, "settings.orgSlug"},
      {{{"orgSlug", "a/b"}}, "settings.orgSlug"},
      {{{"orgSlug", "acme\n"}}, "settings.orgSlug"},
      {{{"orgSlug", 7}}, "settings.orgSlug: must be a string"},
      {{{"orgSlug", nullptr}}, "settings.orgSlug: must be a string"},
      {{{"serviceSlug", "a b"}}, "settings.serviceSlug"},
      {{{"serviceSlug", json::array()}}, "settings.serviceSlug: must be a string"},
      {{{"allowedOrgs", {"acme", "initech"}}, {"allowedServices", {"ci-x1"}}}, nullptr},
      {{{"allowedOrgs", json::array()}}, "settings.allowedOrgs: is empty"},
      {{{"allowedServices", json::array()}}, "settings.allowedServices: is empty"},
      {{{"allowedServices", {"a/b"}}}, "settings.allowedServices"},
      {{{"allowedServices", {""}}}, "settings.allowedServices"},
      {{{"allowedServices", "ci-x1"}}, "settings.allowedServices: must be a list of strings"},
      {{{"allowedOrgs", {7}}}, "settings.allowedOrgs: must be a list of strings"},
      {{{"allowedServices", many_slugs(256)}}, nullptr},
      {{{"allowedServices", many_slugs(257)}}, "more than 256"},
      {{{"apiHost", "api.example.com:8443"}}, nullptr},
      {{{"apiHost", "API.example.com"}}, nullptr},
      {{{"apiHost", "127.0.0.1:1"}}, nullptr},
      {{{"apiHost", "https://api.example.com"}}, "without https://"},
      {{{"apiHost", "api.example.com/"}}, "settings.apiHost"},
      {{{"apiHost", "u@api.example.com"}}, "settings.apiHost"},
      {{{"apiHost", "api.example.com:0"}}, "settings.apiHost"},
      {{{"apiHost", "api.example.com:65536"}}, "settings.apiHost", true},
      {{{"apiHost", "api..example.com"}}, "settings.apiHost", true},
      {{{"apiHost", "-api.example.com"}}, "settings.apiHost", true},
      {{{"apiHost", std::string(64, 'a') + ".example.com"}}, "settings.apiHost", true},
      {{{"apiHost", ""}}, "settings.apiHost"},
      {{{"apiHost", false}}, "settings.apiHost: must be a string"},
      {{{"allowedApiHosts", json::array()}}, nullptr},
      {{{"allowedApiHosts", {"a.example.com", "b.example.com:444", "*.example.com", "*.x.example.com:1"}}}, nullptr},
      {{{"allowedApiHosts", {"*"}}}, "settings.allowedApiHosts"},
      {{{"allowedApiHosts", {"*.com"}}}, "settings.allowedApiHosts"},
      {{{"allowedApiHosts", {"a.*.example.com"}}}, "settings.allowedApiHosts"},
      {{{"allowedApiHosts", {"*example.com"}}}, "settings.allowedApiHosts"},
      {{{"allowedApiHosts", {"https://a.example.com"}}}, "settings.allowedApiHosts"},
      {{{"allowedApiHosts", "a.example.com"}}, "settings.allowedApiHosts: must be a list of strings"},
      {{{"allowedApiHosts", {1}}}, "settings.allowedApiHosts: must be a list of strings"},
      {{{"allowedApiHosts", many(64)}}, nullptr},
      {{{"allowedApiHosts", many(65)}}, "more than 64"},
      {{{"username", "OWNER/REPO"}}, nullptr},
      {{{"username", ""}}, "settings.username"},
      {{{"username", "a:b"}}, "settings.username"},
      {{{"username", "a\r\nb"}}, "settings.username"},
      {{{"username", std::string(257, 'u')}}, "settings.username"},
      {{{"username", true}}, "settings.username: must be a string"},
      {{{"headers", {{"X-A", "b"}, {"User-Agent", "us"}}}}, nullptr},
      {{{"headers", json::object()}}, nullptr},
      {{{"headers", {{"Authorization", "Bearer x"}}}}, "\"Authorization\" may not be set", true},
      {{{"headers", {{"HOST", "x"}}}}, "\"HOST\" may not be set", true},
      {{{"headers", {{"content-length", "1"}}}}, "may not be set", true},
      {{{"headers", {{"Content-Type", "x"}}}}, "may not be set", true},
      {{{"headers", {{"Transfer-Encoding", "chunked"}}}}, "may not be set", true},
      {{{"headers", {{"Proxy-Authorization", "x"}}}}, "may not be set", true},
      {{{"headers", {{"Cookie", "x"}}}}, "may not be set", true},
      {{{"headers", {{"X A", "b"}}}}, "is not a header name"},
      {{{"headers", {{"X-A:", "b"}}}}, "is not a header name"},
      {{{"headers", {{"X-A\r\nHost", "b"}}}}, "is not a header name"},
      {{{"headers", {{"", "b"}}}}, "is not a header name"},
      {{{"headers", {{"X-A", "b\r\nHost: x"}}}}, "printable ASCII"},
      {{{"headers", {{"X-A", "b\nc"}}}}, "printable ASCII"},
      {{{"headers", {{"X-A", std::string(1025, 'b')}}}}, "1 KiB"},
      {{{"headers", {{"X-A", 1}}}}, "settings.headers: must be a mapping"},
      {{{"headers", {"X-A"}}}, "settings.headers: must be a mapping"},
      {{{"headers", many_headers(32)}}, nullptr},
      {{{"headers", many_headers(33)}}, "more than 32"},
      {{{"registryHosts", {"docker.example.com", "R.example.com:5000"}}}, nullptr},
      {{{"registryHosts", {"*.example.com"}}}, "settings.registryHosts"},
      {{{"registryHosts", {"docker.example.com/acme"}}}, "settings.registryHosts"},
      {{{"registryHosts", {""}}}, "settings.registryHosts"},
      {{{"registryHosts", {{"a", "b"}}}}, "settings.registryHosts: must be a list of strings"},
      {{{"registryHosts", many(65)}}, "more than 64"},
      {{{"orgslug", "acme"}}, "settings.orgslug: unknown setting"},
      {json::array(), "settings must be a mapping"},
      {nullptr, "settings must be a mapping"},
  };
}

TEST_F(Cloudsmith, create_takes_and_refuses_settings_as_its_schema_does) { expect_settings(settings_table()); }

TEST_F(Cloudsmith, the_schema_names_the_settings_that_create_reads) { expect_schema_names_all(json::object()); }

TEST_F(Cloudsmith, the_schema_tells_the_defaults) {
  const json properties = json::parse(settings_schema(backend()))["properties"];
  EXPECT_EQ(properties["apiHost"]["default"], "api.cloudsmith.io");
  EXPECT_EQ(properties["username"]["default"], "token");
}

TEST_F(Cloudsmith, a_header_value_is_not_shown) {
  const Outcome outcome = create_only(backend(), R"({"headers":{"X-Key":"s3cret-of-the-proxy\n"}})", host);
  EXPECT_THAT(outcome, StatusIs(Code::bad_config, AllOf(HasSubstr("X-Key"))));
  EXPECT_EQ(find_leak("s3cret-of-the-proxy", outcome.text), std::nullopt);
}

}  // namespace
}  // namespace regcred::test
