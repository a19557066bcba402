// SPDX-License-Identifier: Apache-2.0
// `regcred get`: the same exchange by hand.
#include <sys/stat.h>

#include "e2e/fixture.hpp"

namespace regcred::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Get : public EndToEnd {
 protected:
  // regcred get IMAGE --config ... with these options; the image as a person types it.
  ProcessOutput get(std::vector<std::string> options, const std::string &yaml, const Variables &environment = {},
                    const std::string &input = "") {
    options.insert(options.begin(), {REGCRED_PROGRAM, "get", std::string(image) + ":24.04", "--config",
                                     directory_.write("config.yaml", yaml)});
    return run_process({options, input, environment});
  }
  ProcessOutput get(std::vector<std::string> options) { return get(std::move(options), usual_config()); }
  std::string token_file() { return directory_.write("token", token_ + "\n"); }
};

TEST_F(Get, a_table_with_the_password_hidden) {
  const ProcessOutput output = get({"--token-file", token_file()});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, AllOf(HasSubstr(std::string("image        ") + image + "\n"),
                                HasSubstr("answered by  cloudsmith (backend cloudsmith, "),
                                HasSubstr("docker.cloudsmith.io  token     <hidden>\n")));
  EXPECT_EQ(output.err, "");
}

TEST_F(Get, S3_L1_nothing_secret_is_shown_unasked_at_any_level_and_format) {
  const std::string password =
      credential(get({"--token-file", "-", "-o", "kubelet", "--show-secrets"}, usual_config(), {}, token_)).second;
  ASSERT_GT(password.size(), 100U);
  for (const char *format : {"table", "kubelet", "docker-config", "json"}) {
    const ProcessOutput output = get({"--token-file", token_file(), "-o", format, "--log-level", "debug"});
    EXPECT_EQ(output.status, 0) << output.err;
    // The password of this run is another than that of the run above; what both begin with is no secret.
    EXPECT_THAT(output.out + output.err, Not(::testing::ContainsRegex(jwt_start))) << format;
    EXPECT_EQ(regcred::test::find_leak(token_, output.out + output.err), std::nullopt) << format;
  }
}

TEST_F(Get, a_docker_config_that_clients_can_use_when_asked_for) {
  const ProcessOutput output = get({"--token-file", token_file(), "-o", "docker-config", "--show-secrets"});
  EXPECT_THAT(json::parse(output.out)["auths"]["docker.cloudsmith.io"]["auth"].get<std::string>(),
              ::testing::StartsWith("dG9rZW46"));  // "token:"
}

TEST_F(Get, annotations_of_the_command_line_reach_the_backend_and_others_are_noted) {
  const ProcessOutput output = get({"--token-file", token_file(), "--annotation",
                                    "cloudsmith.io/service-slug=purple-team-sa", "--annotation", "other/key=x"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(last_exchange().service_slug, "purple-team-sa");
  EXPECT_THAT(output.err,
              HasSubstr("regcred: note: entry cloudsmith does not let the annotation \"other/key\" through"));
}

TEST_F(Get, a_token_that_may_be_missing_is_asked_for_as_a_person_can_give_it) {
  const std::string entry = "  audience: cloudsmith\n  serviceAccountToken: optional\n";
  const ProcessOutput output = get({}, config("orgSlug: iduffy-demo, serviceSlug: default-v9ty", "", entry));
  EXPECT_EQ(output.status, 6) << output.err;
  EXPECT_THAT(output.err, HasSubstr("regcred: note: no service account token is sent; if entry cloudsmith needs one, "
                                    "give --service-account NAMESPACE/NAME or --token-file FILE"));
}

TEST_F(Get, a_service_account_through_kubectl) {
  directory_.write("token", token_);
  const std::string kubectl = directory_.write("bin/kubectl",
                                               "#!/bin/sh\ncase \"$1\" in\ncreate) cat " + directory_.path() +
                                                   "/token; echo \"$*\" > " + directory_.path() +
                                                   "/asked ;;\nget) echo '{\"metadata\":{\"annotations\":"
                                                   "{\"cloudsmith.io/service-slug\":\"purple-team-sa\"}}}'"
                                                   " ;;\nesac\n",
                                               0700);
  const ProcessOutput output =
      get({"--service-account", "default/my-service-account"},
          config("orgSlug: iduffy-demo, serviceSlug: default-v9ty", "", "  audience: cloudsmith\n"),
          {{"PATH", directory_.path() + "/bin:/usr/bin:/bin"}});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(last_exchange().service_slug, "purple-team-sa");
  std::ifstream asked(directory_.path() + "/asked");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(asked), {}),
            "create token my-service-account --namespace=default --audience=cloudsmith\n");
}

TEST_F(Get, what_is_missing_is_said_in_terms_of_the_command_line) {
  expect_clean_failure(get({}), 2, "needs a service account token; give --token-file FILE or --service-account");
  expect_clean_failure(get({"--token-file", "/nowhere/token"}), 2, "/nowhere/token: cannot be opened");
  expect_clean_failure(get({"--service-account", "a/b"}), 3, "names no `audience`");
  expect_clean_failure(get({"--token-file", token_file(), "--annotation", "nothing"}), 2, "is not KEY=VALUE");
  expect_clean_failure(get({"--token-file", token_file()}, "nonsense: ["), 3, "config.yaml");
  EXPECT_TRUE(cloudsmith_.received().empty());
}

TEST_F(Get, L6_a_refused_exchange_is_a_failure_as_for_the_kubelet) {
  const std::string other = issuer_.token({.audience = "another"});
  expect_clean_failure(get({"--token-file", directory_.write("token", other)}), 6, "does not fit any OIDC setting");
  EXPECT_EQ(cloudsmith_.received().size(), 1U);
}

TEST_F(Get, an_entry_that_needs_no_token_is_asked_without) {
  const std::string yaml =
      "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n- name: internal\n"
      "  matchImages: [docker.cloudsmith.io]\n  backend: static\n"
      "  settings: {username: puller, passwordFile: " +
      directory_.write("password", "fixed-password\n") + "}\n";
  const ProcessOutput output = get({"-o", "json", "--show-secrets"}, yaml);
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(json::parse(output.out)["credentials"][0]["password"], "fixed-password");
}

}  // namespace
}  // namespace regcred::testing
