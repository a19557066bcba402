// SPDX-License-Identifier: Apache-2.0
// What create() takes and refuses, as its schema does; and which requests send nothing.
#include "backends/vault/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

class VaultSettings : public Vault {};

TEST_F(VaultSettings, create_takes_and_refuses_them_as_its_schema_does) {
  expect_settings({
      {settings(), nullptr},
      {settings({{"path", "a/{registry}/{namespace}-x/{serviceAccount}"}, {"namespace", "/a/b/"}}), nullptr},
      {settings({{"engine", "dynamic"}, {"path", "creds/pull"}, {"username", "u"}, {"passwordField", "t"}}), nullptr},
      {settings({{"dockerConfigField", ".dockerconfigjson"}, {"scope", "registry"}, {"login", "inline"}}), nullptr},
      {settings({{"registryHosts", {"harbor.example.com", "*.harbor.example.com"}}, {"authMount", "jwt/c1"}}), nullptr},
      {settings({{"address", nullptr}}), "settings.address: is missing"},
      {settings({{"role", nullptr}}), "settings.role: is missing"},
      {settings({{"mount", nullptr}}), "settings.mount: is missing"},
      {settings({{"path", nullptr}}), "settings.path: is missing"},
      {settings({{"address", "http://vault.example.com:8200"}}), "settings.address"},
      {settings({{"address", "https://vault.example.com:8200/v1"}}), "settings.address"},
      {settings({{"address", "https://a..b"}}), "settings.address", true},
      {settings({{"namespace", ""}}), "settings.namespace"},
      {settings({{"namespace", "a//b"}}), "settings.namespace"},
      {settings({{"namespace", "a\r\nX: y"}}), "settings.namespace"},
      {settings({{"authMethod", "userpass"}}), "settings.authMethod: \"userpass\" is none of its values"},
      {settings({{"authMount", "jwt/../sys"}}), "settings.authMount", true},
      {settings({{"authMount", "a?b"}}), "settings.authMount"},
      {settings({{"role", "a b"}}), "settings.role"},
      {settings({{"role", "a\""}}), "settings.role"},
      {settings({{"role", std::string(257, 'a')}}), "settings.role"},
      {settings({{"login", "batch"}}), "settings.login"},
      {settings({{"engine", "kv"}}), "write kv2 or kv1 or dynamic"},
      {settings({{"mount", "secret%2f"}}), "settings.mount"},
      {settings({{"path", ""}}), "settings.path"},
      {settings({{"path", "/a"}}), "settings.path"},
      {settings({{"path", "a/"}}), "settings.path"},
      {settings({{"path", "a/../b"}}), "none of which ends with a dot", true},
      {settings({{"path", "a."}}), "none of which ends with a dot", true},
      {settings({{"path", "a?version=1"}}), "settings.path"},
      {settings({{"path", "{image}"}}), "holds \"{image}\"", true},
      {settings({{"path", "{namespace}-{serviceAccount}"}}), "could be the same for two pods", true},
      {settings({{"path", "a/{registry}{namespace}"}}), "could be the same for two pods", true},
      {settings({{"path", "{serviceAccount}.x.{namespace}"}}), "could be the same for two pods", true},
      {settings({{"path", "{namespace}_{serviceAccount}"}}), nullptr},
      {settings({{"path", "{namespace"}}), "holds \"{namespace\"", true},
      {settings({{"path", std::string(513, 'a')}}), "settings.path"},
      {settings({{"username", "a:b"}}), "settings.username"},
      {settings({{"username", "u"}, {"usernameField", "f"}}), "settings.usernameField: does not go with"},
      {settings({{"passwordField", "a b"}}), "settings.passwordField"},
      {settings({{"passwordField", ""}}), "settings.passwordField"},
      {settings({{"dockerConfigField", "c"}, {"passwordField", "p"}}), "settings.passwordField: does not go with"},
      {settings({{"dockerConfigField", "c"}, {"usernameField", "p"}}), "settings.usernameField: does not go with"},
      {settings({{"dockerConfigField", "c"}, {"username", "p"}}), "settings.username: does not go with"},
      {settings({{"dockerConfigField", "c"}, {"engine", "dynamic"}}), "settings.dockerConfigField: does not go with"},
      {settings({{"login", "inline"}, {"engine", "dynamic"}}), "settings.login: inline does not go with"},
      {settings({{"scope", "host"}}), "settings.scope"},
      {settings({{"registryHosts", json::array()}}), "settings.registryHosts"},
      {settings({{"registryHosts", {"https://a"}}}), "settings.registryHosts"},
      {settings({{"path", 1}}), "settings.path"},
      {settings({{"token", "x"}}), "settings.token: unknown setting"},
      {json::array(), "settings must be a mapping"},
  });
  expect_schema_names_all(settings());
}

TEST_F(VaultSettings, data_in_front_of_a_path_is_worth_a_note) {
  EXPECT_THAT(create_only(backend(), settings({{"path", "data/registries/harbor"}}).dump(), host), IsOk());
  ASSERT_EQ(host.log().size(), 1U);
  EXPECT_THAT(host.log()[0].text, HasSubstr("settings.path: begins with data/"));
  FakeHost other;
  EXPECT_THAT(create_only(backend(), settings({{"path", "data/x"}, {"engine", "kv1"}}).dump(), other), IsOk());
  EXPECT_TRUE(other.log().empty());
}

TEST_F(VaultSettings, H7_images_of_other_registries_send_nothing) {
  const json own = settings({{"registryHosts", {"harbor.example.com"}}});
  for (const char *name :
       {"docker.io/library/nginx", "harbor.example.com.evil.net/app", "harbor.example.com:8443/app"}) {
    EXPECT_THAT(ask(own, image(name)), StatusIs(Code::bad_config, HasSubstr("settings.registryHosts"))) << name;
  }
  EXPECT_TRUE(host.calls().empty());
}

TEST_F(VaultSettings, without_a_token_nothing_is_sent) {
  EXPECT_THAT(ask(settings(), FakeRequest(own_image)), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
  EXPECT_TRUE(host.calls().empty());
}

}  // namespace
}  // namespace regcred::test
