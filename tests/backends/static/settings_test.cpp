// SPDX-License-Identifier: Apache-2.0
// The settings: what create() takes and refuses, and that its JSON Schema says the same.
#include "backends/static/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::vector<Setting> simple_table() {
  return {
      {{{"username", "u"}, {"passwordFile", "/p"}}, nullptr},
      {{{"usernameFile", "u"}, {"passwordFile", "p"}, {"registries", {"a.example.com", "b.example.com:5000"}}},
       nullptr},
      {json::object(), "settings.credentials: is missing"},
      {{{"username", "u"}}, "settings.passwordFile: is missing"},
      {{{"passwordFile", "/p"}}, "exactly one"},
      {{{"username", "u"}, {"usernameFile", "u"}, {"passwordFile", "/p"}}, "exactly one"},
      {{{"username", ""}, {"passwordFile", "/p"}}, "settings.username:"},
      {{{"username", "a:b"}, {"passwordFile", "/p"}}, "settings.username:"},
      {{{"username", "a\nb"}, {"passwordFile", "/p"}}, "settings.username:"},
      {{{"username", 1}, {"passwordFile", "/p"}}, "settings.username: must be a string"},
      {{{"usernameFile", ""}, {"passwordFile", "/p"}}, "settings.usernameFile"},
      {{{"username", "u"}, {"passwordFile", ""}}, "settings.passwordFile"},
      {{{"username", "u"}, {"passwordFile", nullptr}}, "settings.passwordFile: must be a string"},
      {{{"username", "u"}, {"passwordFile", std::string(4097, 'p')}}, "settings.passwordFile"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"password", "x"}}, "settings.password: unknown setting"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", json::array()}}, "settings.registries"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", {"*.example.com"}}}, "settings.registries"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", {"a.example.com/team"}}}, "use settings.credentials"},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", {"a..b"}}}, "settings.registries", true},
      {{{"username", "u"}, {"passwordFile", "/p"}, {"registries", "a"}}, "settings.registries: must be a list"},
      {json::array(), "settings must be a mapping"},
  };
}

json item(const char *registry, const json &more = json::object()) {
  json one = {{"registry", registry}, {"username", "u"}, {"passwordFile", "/p"}};
  one.merge_patch(more);  // null removes a key
  return one;
}

json list(std::vector<json> items) { return {{"credentials", std::move(items)}}; }

json many(std::size_t count) {
  std::vector<json> items;
  for (std::size_t i = 0; i < count; ++i) items.push_back(item(("h" + std::to_string(i) + ".example.com").c_str()));
  return list(std::move(items));
}

std::vector<Setting> list_table() {
  const std::string long_path = "a.example.com/" + std::string(256, 'p');
  const json with_more = {{"credentials", {item("a.example.com")}}, {"username", "u"}, {"passwordFile", "/p"}};
  return {
      {list({item("a.example.com")}), nullptr},
      {list({item("A.example.com:5000/team/my-app_1.x"), item("a.example.com:5000/team"), item("a.example.com")}),
       nullptr},
      {list({item("docker.io/library", {{"username", nullptr}, {"usernameFile", "u"}})}), nullptr},
      {list({item("a.example.com/v1"), item("a.example.com/v2x/team")}), nullptr},
      {many(256), nullptr},
      {many(257), "1 to 256"},
      {list({}), "1 to 256"},
      {{{"credentials", "a"}}, "settings.credentials: must be a list of mappings"},
      {{{"credentials", nullptr}}, "settings.credentials: must be a list of mappings"},
      {list({item("a.example.com"), "b.example.com"}), "settings.credentials: must be a list of mappings"},
      {list({item("a.example.com", {{"registry", nullptr}})}), "settings.credentials[0].registry: is missing"},
      {list({item("")}), "settings.credentials[0].registry"},
      {list({item("*.example.com")}), "[0].registry: \"*.example.com\" does not start with a host"},
      {list({item("https://a.example.com")}), "no scheme"},
      {list({item("a.example.com:0/team")}), "does not start with a host"},
      {list({item("a.example.com:65536")}), "does not start with a host", true},
      {list({item("a..example.com")}), "does not start with a host", true},
      {list({item("/team")}), "does not start with a host"},
      {list({item("a.example.com/")}), "has a path that no image has"},
      {list({item("a.example.com/team/")}), "has a path that no image has"},
      {list({item("a.example.com//team")}), "has a path that no image has"},
      {list({item("a.example.com/Team")}), "has a path that no image has"},
      {list({item("a.example.com/team/*")}), "has a path that no image has"},
      {list({item("a.example.com/team:1.2")}), "has a path that no image has"},
      {list({item("a.example.com/../team")}), "has a path that no image has"},
      {list({item("a.example.com/team.")}), "has a path that no image has"},
      {list({item("a.example.com/te am")}), "has a path that no image has"},
      {list({item(long_path.c_str())}), "has a path that no image has", true},
      {list({item("[fd00::1]:5000/team"), item("[fd00::1]")}), nullptr},
      {list({item("[fd00::1]:5000"), item("[FD00:0::1]:5000")}), "is that of settings.credentials[0]", true},
      {list({item("[fd00::1")}), "does not start with a host"},
      {list({item("fd00::1/team")}), "does not start with a host"},
      {list({item("[fd00::1]:0")}), "does not start with a host"},
      {list({item("[fd00::1]5000")}), "does not start with a host"},
      {list({item("[fd00::zz]")}), "does not start with a host"},
      {list({item("[fd00::1::2]")}), "does not start with a host", true},
      {list({item("a.example.com/v1/team")}), "the kubelet drops", true},
      {list({item("a.example.com/v2/team")}), "the kubelet drops", true},
      {list({item("a.example.com/x"), item("b.example.com/x"), item("A.example.com/x")}),
       "settings.credentials[2].registry: \"A.example.com/x\" is that of settings.credentials[0]", true},
      {list({item("a.example.com", {{"username", nullptr}})}),
       "settings.credentials[0].username, settings.credentials[0].usernameFile: set exactly one"},
      {list({item("a.example.com", {{"usernameFile", "f"}})}), "set exactly one"},
      {list({item("a.example.com", {{"username", "a:b"}})}), "settings.credentials[0].username"},
      {list({item("a.example.com", {{"username", 1}})}), "settings.credentials[0].username: must be a string"},
      {list({item("a.example.com", {{"passwordFile", nullptr}})}), "settings.credentials[0].passwordFile: is missing"},
      {list({item("a.example.com", {{"passwordFile", ""}})}), "settings.credentials[0].passwordFile: is missing"},
      {list({item("a.example.com", {{"password", "x"}})}), "settings.credentials[0].password: unknown setting"},
      {with_more, "settings.username: does not go with settings.credentials"},
      {{{"credentials", {item("a.example.com")}}, {"passwordFile", "/p"}}, "settings.passwordFile: does not go with"},
      {{{"credentials", {item("a.example.com")}}, {"registries", {"a"}}}, "settings.registries: does not go with"},
  };
}

TEST_F(Static, create_takes_and_refuses_settings_as_its_schema_does) {
  expect_settings(simple_table());
  expect_settings(list_table());
}

std::string keys_of(const json &properties) {
  std::string keys;
  for (const auto &[key, value] : properties.items()) keys += (keys.empty() ? "" : ", ") + key;
  return keys;
}

// Both directions: the schema names what create() asks for, and nothing else.
TEST_F(Static, the_schema_names_the_settings_that_create_reads) {
  const json properties = json::parse(settings_schema(backend()))["properties"];
  EXPECT_THAT(create_only(backend(), R"({"username":"u","passwordFile":"/p","zzz":1})", host),
              StatusIs(Code::bad_config, EndsWith("this backend knows " + keys_of(properties))));
  EXPECT_THAT(create_only(backend(), list({item("a.example.com", {{"zzz", 1}})}).dump(), host),
              StatusIs(Code::bad_config,
                       EndsWith("this backend knows " + keys_of(properties["credentials"]["items"]["properties"]))));
}

}  // namespace
}  // namespace regcred::test
