// SPDX-License-Identifier: Apache-2.0
// `check --kubelet`, and `get` and `doctor --as-kubelet`: a node's files and processes below --host-root.
#include "e2e/fixture.hpp"
#include "unit/node/fake_node.hpp"

namespace regcred::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char *drop_in = "cloudsmith-kubernetes-credential-provider";

class Node : public EndToEnd {
 protected:
  Node() {
    node_.write("/usr/local/bin/regcred", "", 0755);
    node_.make_directory("/usr/local/lib/regcred/backends");
    for (const char *name : {"regcred", drop_in}) {
      node_.link(std::string("/opt/plugins/") + name, "/usr/local/bin/regcred");
    }
  }

  void start_kubelet(const std::vector<std::string> &variables = {}) {
    node_.add({50, 1, "/usr/bin/kubelet",
               "/usr/bin/kubelet --image-credential-provider-config=/etc/kubernetes/p.yaml "
               "--image-credential-provider-bin-dir=/opt/plugins",
               variables});
  }

  static std::string provider(const std::string &name, const std::string &more) {
    return "  - name: " + name +
           "\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n    matchImages: [docker.cloudsmith.io]\n"
           "    defaultCacheDuration: 10m\n" +
           more;
  }
  static std::string attributes(const std::string &keys) {
    return "    tokenAttributes:\n      serviceAccountTokenAudience: cloudsmith\n      requireServiceAccount: true\n"
           "      cacheType: ServiceAccount\n      optionalServiceAccountAnnotationKeys: [" +
           keys + "]\n";
  }
  void configure_kubelet(const std::string &providers) {
    node_.write("/etc/kubernetes/p.yaml",
                "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n" + providers);
    std::filesystem::last_write_time(node_.here("/etc/kubernetes/p.yaml"), {});  // before the kubelet started
  }

  ProcessOutput run(std::vector<std::string> arguments, const Variables &environment = {}) {
    arguments.insert(arguments.begin(), REGCRED_PROGRAM);
    arguments.insert(arguments.end(), {"--host-root", node_.here("")});
    return run_process({std::move(arguments), "", environment});
  }
  std::string token_file() { return directory_.write("token", token_); }

  FakeNode node_;
};

TEST_F(Node, check_judges_the_running_kubelet_with_its_environment) {
  start_kubelet({"HTTPS_PROXY=http://user:pass-word@proxy.example.com:3128", "NO_PROXY=.svc"});
  node_.write("/etc/regcred/config.yaml",
              config("orgSlug: iduffy-demo, serviceSlug: default-v9ty, registryHosts: [images.example.com]", "",
                     "  audience: cloudsmith\n"));
  configure_kubelet(provider("regcred", attributes("cloudsmith.io/service-slug, cloudsmith.io/org-slug, "
                                                   "cloudsmith.io/api-host")) +
                    provider("auth-provider-gcp", ""));
  const ProcessOutput output = run({"check", "--kubelet"});
  EXPECT_EQ(output.status, 3) << output.err;
  EXPECT_THAT(output.out, AllOf(HasSubstr("there is no /opt/plugins/auth-provider-gcp, and the kubelet does not start"),
                                HasSubstr("[provider-overlap]"), HasSubstr("process         50 /usr/bin/kubelet\n"),
                                HasSubstr("asks            regcred, auth-provider-gcp (Google Artifact Registry)\n"),
                                HasSubstr("programs        /opt/plugins\n"),
                                HasSubstr("proxy           http://proxy.example.com:3128, not for .svc\n"),
                                HasSubstr("configuration   1 entry in " + node_.here("/etc/regcred/config.yaml")),
                                Not(HasSubstr("pass-word"))));
  node_.write("/opt/plugins/auth-provider-gcp", "#!/usr/local/bin/regcred\n", 0755);
  const ProcessOutput sound = run({"check", "--kubelet", "--kubernetes-version", "1.34", "-o", "json"});
  const json report = json::parse(sound.out, nullptr, false);
  EXPECT_EQ(report["errors"], 0) << sound.out;
  EXPECT_EQ(report["node"]["process"], "50 /usr/bin/kubelet");
}

TEST_F(Node, check_without_a_kubelet_says_how_to_go_on) {
  const ProcessOutput output = run({"check", "--kubelet"});
  expect_clean_failure(output, 2, "no kubelet runs");
}

TEST_F(Node, check_of_a_bin_directory_finds_a_missing_link_and_knows_ours_under_another_name) {
  const std::string yaml =
      config("orgSlug: a, serviceSlug: b, registryHosts: [images.example.com]", "", "  audience: cloudsmith\n");
  node_.write("/etc/regcred/config.yaml", yaml);
  configure_kubelet(provider("our-own-name", attributes("")));
  const auto check = [&] {
    return run({"check", "--kubelet-config", "/etc/kubernetes/p.yaml", "--bin-dir", "/opt/plugins",
                "--kubernetes-version", "1.34"});
  };
  EXPECT_THAT(check().out, HasSubstr("there is no /opt/plugins/our-own-name, and the kubelet does not start"));
  node_.link("/opt/plugins/our-own-name", "/usr/local/bin/regcred");
  const ProcessOutput output = check();
  EXPECT_EQ(output.status, 0) << output.out << output.err;
  EXPECT_THAT(output.out, Not(HasSubstr("[no-regcred-provider]")));
}

TEST_F(Node, the_cure_of_a_missing_link_works_as_it_is_printed) {
  const std::string plugins = directory_.path() + "/plugins";
  const std::string theirs = directory_.write(
      "theirs.yaml", "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n" +
                         provider("regcred-a", attributes("")));
  std::filesystem::create_directory(plugins);
  const auto check = [&] {
    return run_process({{REGCRED_PROGRAM, "check", "--config", directory_.write("ours.yaml", usual_config()),
                         "--kubelet-config", theirs, "--bin-dir", plugins}});
  };
  const std::string cure = std::string("ln -s ") + REGCRED_PROGRAM + ' ' + plugins + "/regcred-a";
  EXPECT_THAT(check().out, HasSubstr("there is no " + plugins + "/regcred-a, and the kubelet does not start; " + cure));
  EXPECT_EQ(run_process({{"/bin/sh", "-c", cure}}).status, 0);
  EXPECT_THAT(check().out, Not(HasSubstr("[program-missing]")));
}

TEST_F(Node, get_runs_with_args_and_annotations_of_the_kubelets_provider) {
  start_kubelet();
  node_.write("/etc/regcred/other.yaml", usual_config());
  configure_kubelet(provider(
      "regcred", "    args: [--config, /etc/regcred/other.yaml]\n" + attributes("cloudsmith.io/service-slug")));
  const ProcessOutput output =
      run({"get", image, "--as-kubelet", "--token-file", token_file(), "--annotation",
           "cloudsmith.io/service-slug=purple-team-sa", "--annotation", "cloudsmith.io/org-slug=x", "--annotation",
           "kubectl.kubernetes.io/last-applied-configuration={}"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(last_exchange().service_slug, "purple-team-sa");
  EXPECT_THAT(output.err, AllOf(HasSubstr("kubelet (process 50) asks regcred"),
                                HasSubstr("the kubelet does not pass on to regcred: cloudsmith.io/org-slug\n")));
}

TEST_F(Node, a_token_is_made_for_the_providers_audience_by_this_shells_kubectl) {
  start_kubelet({"PATH=/nowhere"});
  node_.write("/etc/regcred/config.yaml",
              config("orgSlug: iduffy-demo, serviceSlug: default-v9ty, registryHosts: [images.example.com]", "",
                     "  audience: another\n"));
  configure_kubelet(provider("regcred", attributes("")));
  const std::string asked = directory_.path() + "/asked";
  directory_.write("bin/kubectl",
                   "#!/bin/sh\necho \"$*\" >> " + asked + "\ncase $1 in create) cat " + token_file() +
                       " ;; *) echo '{\"metadata\":{}}' ;; esac\n",
                   0700);
  const ProcessOutput output = run({"doctor", image, "--as-kubelet", "--service-account", "default/x"},
                                   {{"PATH", directory_.path() + "/bin:/usr/bin:/bin"}});
  std::ifstream file(asked);
  const std::string words{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(words, HasSubstr("create token x --namespace=default --audience=cloudsmith\n")) << output.out;
  EXPECT_EQ(output.status, 3) << output.out;  // the entry takes tokens for another audience
}

TEST_F(Node, the_kubelets_variables_and_the_providers_env_decide_in_drop_in_mode) {
  start_kubelet({"SSL_CERT_FILE=" + ca_file_, "CLOUDSMITH_ORG_SLUG=from-the-kubelet"});
  configure_kubelet(provider(drop_in, attributes("cloudsmith.io/service-slug") +
                                          "    env:\n      - {name: CLOUDSMITH_API_HOST, value: '" +
                                          cloudsmith_.api_host() +
                                          "'}\n      - {name: CLOUDSMITH_ORG_SLUG, value: iduffy-demo}\n"
                                          "      - {name: CLOUDSMITH_SERVICE_SLUG, value: default-v9ty}\n"));
  const ProcessOutput output = run({"get", image, "--as-kubelet", "--token-file", token_file()},
                                   {{"CLOUDSMITH_ORG_SLUG", "from-the-shell"}, {"HTTPS_PROXY", "http://127.0.0.1:1"}});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(last_exchange().service_slug, "default-v9ty");
}

TEST_F(Node, L1_doctor_uses_the_kubelets_proxy_and_does_not_show_its_password) {
  start_kubelet({"HTTPS_PROXY=http://user:pass-word@127.0.0.1:1"});
  std::string yaml = usual_config();
  yaml.replace(yaml.find("proxy: none"), 11, "proxy: environment");
  node_.write("/etc/regcred/config.yaml", yaml);
  configure_kubelet(provider("regcred", attributes("")));
  const ProcessOutput output = run({"doctor", image, "--as-kubelet", "--token-file", token_file()});
  EXPECT_NE(output.status, 0);
  EXPECT_THAT(output.out, AllOf(HasSubstr("kubelet (process 50) asks regcred"), HasSubstr("127.0.0.1:1"),
                                Not(HasSubstr("pass-word"))));
  EXPECT_THAT(output.err, Not(HasSubstr("pass-word")));
}

// In a PID namespace of its own, where this shell is process 1.
TEST_F(Node, a_process_of_this_system_with_its_environment_and_version) {
  const std::string ours = directory_.write("ours.yaml", usual_config());
  const std::string plugins = directory_.path() + "/plugins";
  std::filesystem::create_directory(plugins);
  std::filesystem::create_symlink(REGCRED_PROGRAM, plugins + "/regcred");
  const std::string theirs = directory_.write(
      "theirs.yaml", "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n" +
                         provider("regcred", "    args: [--config, " + ours + "]\n" + attributes("")));
  const std::string script = directory_.write(
      "script", "export NO_PROXY=.svc HTTPS_PROXY=http://user:pass-word@proxy.example.com:3128\n" +
                    std::string(KUBELET_STAND_IN) + " --image-credential-provider-config=" + theirs +
                    " --image-credential-provider-bin-dir " + plugins +
                    " &\nunset HTTPS_PROXY\nuntil [ \"$(readlink /proc/$!/exe)\" = " + KUBELET_STAND_IN +
                    " ]; do :; done\n" + REGCRED_PROGRAM + " check --kubelet --config " + ours + "\n" +
                    REGCRED_PROGRAM + " get " + image + " --as-kubelet --token-file " + token_file() + "\nkill %1\n");
  const ProcessOutput output = run_process(
      {{"/usr/bin/unshare", "--pid", "--fork", "--mount-proc", "/bin/bash", script}, "", {{"PATH", "/usr/bin:/bin"}}});
  EXPECT_THAT(output.out, AllOf(HasSubstr(theirs + " for Kubernetes 1.34\n"), HasSubstr("asks            regcred\n"),
                                HasSubstr("proxy           http://proxy.example.com:3128, not for .svc\n"),
                                HasSubstr("answered by  cloudsmith"), Not(HasSubstr("[kubelet-restart]")),
                                Not(HasSubstr("pass-word"))))
      << output.err;
}

TEST_F(Node, an_image_that_the_kubelet_does_not_ask_for) {
  start_kubelet();
  configure_kubelet(provider("regcred", attributes("")));
  expect_clean_failure(run({"get", "registry.example.com/a", "--as-kubelet"}), 4, "asks no provider that runs regcred");
  expect_clean_failure(run({"get", image, "--as-kubelet", "--config", "/x"}), 2, "leave --config away");
}

}  // namespace
}  // namespace regcred::testing
