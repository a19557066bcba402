// SPDX-License-Identifier: Apache-2.0
// The providers of a CredentialProviderConfig, judged with the args and env that the kubelet gives to regcred.
#include "unit/cli/cases_fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Providers : public Cases {
 protected:
  [[nodiscard]] std::string ours() const {
    return config(static_entry("\"registry.example.com:5000\"", one_password()));
  }
  [[nodiscard]] static std::string with_args(const std::string &args) {
    return kubelet("regcred", "\"registry.example.com:5000\"", "    args: " + args + "\n");
  }
};

TEST_F(Providers, args_that_regcred_refuses_are_found) {
  const std::pair<std::string, std::string> table[] = {
      {"[get-credentials, --v=3]", "there is no command \"get-credentials\""},
      {"[\"--config /etc/regcred/config.yaml\"]", "two arguments"},
      {"[--verbose]", "--verbose"},
      {"[--log-level, loud]", "loud"},
      {"[--config]", "--config"},
      {"[check]", "instead of reading a request"},
      {"[--help]", "instead of reading a request"},
      {"[--version]", "instead of reading a request"},
      {"[get, nginx]", "instead of reading a request"},
  };
  for (const auto &[args, found] : table) {
    const ProcessOutput output = check_kubelet(ours(), with_args(args));
    EXPECT_EQ(output.status, 3) << args;
    EXPECT_THAT(output.out,
                AllOf(HasSubstr("kubelet.yaml:8:11: error: "), HasSubstr("[provider-args]"), HasSubstr(found)))
        << args;
    EXPECT_THAT(output.out, HasSubstr("found           1 error\n")) << args;
  }
  for (const std::string &args :
       {std::string("[]"), std::string("[--log-level, debug]"), "[--config, " + path("config.yaml") + "]",
        "[\"--config=" + path("config.yaml") + "\"]"}) {
    const ProcessOutput output = check_kubelet(ours(), with_args(args));
    EXPECT_THAT(output.out, HasSubstr("found           nothing")) << args;
  }
  EXPECT_THAT(check_kubelet(ours(), with_args("[--in-process]")).out, HasSubstr("warning: with --in-process"));
  const std::string foreign =
      kubelet("ecr-credential-provider", "\"*.amazonaws.com\"", "    args: [get-credentials]\n") +
      "  - name: regcred\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n"
      "    matchImages: [\"registry.example.com:5000\"]\n    defaultCacheDuration: 10m\n";
  EXPECT_EQ(check_kubelet(ours(), foreign).status, 0);
}

TEST_F(Providers, the_configuration_that_args_name_is_the_one_that_is_judged) {
  const ProcessOutput missing = check_kubelet(ours(), with_args("[--config, /nonexistent.yaml]"));
  EXPECT_EQ(missing.status, 3);
  EXPECT_THAT(missing.out, AllOf(HasSubstr("/nonexistent.yaml: error: "), HasSubstr("[configuration-unread]")));

  const std::string other = write("other.yaml", config(static_entry("b.io", one_password())));
  const ProcessOutput output = check_kubelet(ours(), with_args("[--config, " + other + "]"));
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.out, AllOf(HasSubstr("[image-not-answered]"), HasSubstr("[configuration-unread]"),
                                HasSubstr(path("other.yaml:5:19: warning: the kubelet never asks"))));
}

TEST_F(Providers, explain_does_not_call_an_image_answered_whose_provider_has_wrong_args) {
  const ProcessOutput output =
      run({REGCRED_PROGRAM, "--config", write("c.yaml", ours()), "explain", "registry.example.com:5000/a",
           "--kubelet-config", write("k.yaml", with_args("[get-credentials, --v=3]"))});
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.err, HasSubstr("regcred refuses its args"));
}

TEST_F(Providers, a_pull_with_wrong_args_says_where_they_stand) {
  const std::string asks = request("a.io/b");
  for (const Words &args : {Words{"get-credentials", "--v=3"},
                            {"--config /etc/regcred/config.yaml"},
                            {"--v=3"},
                            {"--config", "/nonexistent.yaml"}}) {
    Words argv = args;
    argv.insert(argv.begin(), REGCRED_PROGRAM);
    const ProcessOutput output = run(argv, {}, asks);
    EXPECT_NE(output.status, 0);
    EXPECT_THAT(output.err, AllOf(HasSubstr("`args`"), HasSubstr("CredentialProviderConfig"))) << output.err;
  }
}

TEST_F(Providers, drop_in_name_is_judged_with_the_env_of_its_provider) {
  const std::string env =
      "    env:\n      - { name: CLOUDSMITH_REGISTRY_HOSTS, value: docker.example.com }\n"
      "      - { name: CLOUDSMITH_OIDC_AUDIENCE, value: cs }\n"
      "      - { name: CLOUDSMITH_ORG_SLUG, value: acme }\n"
      "      - { name: CLOUDSMITH_SERVICE_SLUG, value: sa }\n"
      "      - { name: CLOUDSMITH_ALLOWED_ORG_SLUGS, value: acme }\n"
      "      - { name: CLOUDSMITH_ALLOWED_SERVICE_SLUGS, value: sa }\n";
  const std::string token =
      "    tokenAttributes:\n      serviceAccountTokenAudience: cs\n      cacheType: Token\n"
      "      requireServiceAccount: true\n      optionalServiceAccountAnnotationKeys: "
      "[cloudsmith.io/service-slug, cloudsmith.io/org-slug, cloudsmith.io/api-host]\n";
  const auto judged = [&](const std::string &program, const std::string &more) {
    return run({program, "check", "--kubelet-config",
                write("k.yaml", kubelet(replaced_name, "docker.example.com", more + token)), "--kubernetes-version",
                "1.34"});
  };
  const ProcessOutput output = judged(link(replaced_name), env);
  EXPECT_THAT(output.out, HasSubstr("found           nothing")) << output.out << output.err;
  EXPECT_EQ(output.status, 0);
  EXPECT_THAT(judged(link(replaced_name), "").out, HasSubstr("[image-not-answered]"));
  EXPECT_THAT(judged(link(replaced_name), env + "    args: [--config, /none.yaml]\n").out,
              HasSubstr("/none.yaml: error"));
  const ProcessOutput damaged =
      judged(link(replaced_name), env + "      - { name: CLOUDSMITH_HTTP_TIMEOUT, value: soon }\n");
  EXPECT_THAT(damaged.out, AllOf(HasSubstr("k.yaml:4:5: error: CLOUDSMITH_HTTP_TIMEOUT")));

  // Beside a configuration of our own the replaced provider's name is judged, too.
  const std::string both = kubelet("regcred", "\"registry.example.com:5000\"", "") + "  - name: " + replaced_name +
                           "\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n"
                           "    matchImages: [docker.example.com]\n    defaultCacheDuration: 10m\n";
  const ProcessOutput good = check_kubelet(ours(), both + env + token);
  EXPECT_THAT(good.out, HasSubstr("found           nothing"));
  EXPECT_THAT(check_kubelet(ours(), both + token).out, HasSubstr("[image-not-answered]"));
}

}  // namespace
}  // namespace regcred::testing
