// SPDX-License-Identifier: Apache-2.0
// `regcred generate kubelet-config|rbac|service-account`: what an operator gets, and that kubelets take it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cluster/provider_config.hpp"
#include "config/yaml_tree.hpp"
#include "support/process.hpp"

namespace regcred::testing {
namespace {

using core::Finding;
using core::KubernetesVersion;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string entries_of(const std::string &list) {
  return "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n" + list;
}
const std::string exchanged =
    "  - { name: exchanged, matchImages: [a.io, \"*.a.io:5000/team/\"], backend: cloudsmith, "
    "audience: \"https://sts.example.com\" }\n";
const std::string passed_on =
    "  - { name: passed-on, matchImages: [b.io], backend: oidc, audience: b.io, settings: "
    "{ mode: passThrough, username: jwt, registryHosts: [b.io] } }\n";
const std::string fixed = "  - { name: fixed, matchImages: [c.io], backend: static }\n";
const std::string nameless = "  - { name: nameless, matchImages: [d.io], backend: cloudsmith }\n";

class Generate : public ::testing::Test {
 protected:
  ProcessOutput generate(std::vector<std::string> arguments, const std::string &list) {
    arguments.insert(arguments.begin(), {REGCRED_PROGRAM, "generate"});
    arguments.insert(arguments.end(), {"--config", directory_.write("config.yaml", entries_of(list))});
    return run_process({std::move(arguments), "", {}});
  }
  ProcessOutput kubelet_config(const std::string &list, const std::string &version = "1.34") {
    return generate({"kubelet-config", "--kubernetes-version", version}, list);
  }
  // Reads `text` as a kubelet of that version does; gives the rules that it breaks.
  std::vector<std::string> broken_rules(const std::string &text, int minor) {
    std::vector<Finding> findings;
    read_ = read_provider_config(directory_.write("kubelet.yaml", text), KubernetesVersion{minor}, findings);
    std::vector<std::string> rules;
    for (const Finding &finding : findings) rules.push_back(finding.rule);
    return rules;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const core::KubeletProvider &provider : read_.providers) all.push_back(provider.name.text);
    return all;
  }

  TemporaryDirectory directory_;
  core::ProviderConfig read_;
};

TEST_F(Generate, every_version_that_sends_tokens_takes_all_entries) {
  for (int minor = 33; minor <= 37; ++minor) {
    const ProcessOutput output = kubelet_config(exchanged + passed_on + fixed, "v1." + std::to_string(minor) + ".2");
    ASSERT_EQ(output.status, 0) << output.err;
    // The one thing to be said: in 1.33 the feature gate is off by default.
    if (minor == 33) {
      EXPECT_THAT(broken_rules(output.out, minor), ElementsAre("token-version", "token-version"));
      EXPECT_THAT(output.out, HasSubstr("KubeletServiceAccountTokenForCredentialProviders=true"));
    } else {
      EXPECT_THAT(broken_rules(output.out, minor), IsEmpty()) << output.out;
    }
    EXPECT_THAT(names(), ElementsAre("regcred", "regcred-b-io", "regcred-no-token"));
    EXPECT_EQ(read_.providers[0].match_images[1].text, "*.a.io:5000/team/");
    EXPECT_EQ(read_.providers[0].audience.text, "https://sts.example.com");
    EXPECT_TRUE(read_.providers[0].require_service_account);
    EXPECT_EQ(read_.providers[0].optional_annotations.size(), 3U);
    EXPECT_EQ(read_.providers[0].cache_type.text, minor == 33 ? "" : "ServiceAccount");
    EXPECT_EQ(read_.providers[1].cache_type.text, minor == 33 ? "" : "Token");
    EXPECT_FALSE(read_.providers[2].sends_token);
  }
}

TEST_F(Generate, versions_without_tokens_get_the_entries_that_need_none) {
  for (int minor = 26; minor <= 32; ++minor) {
    const ProcessOutput output = kubelet_config(exchanged + fixed, "1." + std::to_string(minor));
    EXPECT_EQ(output.status, 3);
    EXPECT_THAT(output.err, AllOf(HasSubstr("registry \"exchanged\""), HasSubstr("Kubernetes before 1.33")));
    EXPECT_THAT(output.out, HasSubstr("# - exchanged: it needs a service account token"));
    EXPECT_THAT(broken_rules(output.out, minor), IsEmpty()) << output.out;
    EXPECT_THAT(names(), ElementsAre("regcred"));
    EXPECT_EQ(read_.providers[0].match_images[0].text, "c.io");
    EXPECT_EQ(kubelet_config(fixed, "1." + std::to_string(minor)).status, 0);
  }
}

TEST_F(Generate, an_entry_without_audience_gets_what_its_backend_expects) {
  const std::string ecr =
      "  - { name: cloud, matchImages: [\"*.dkr.ecr.*.amazonaws.com\"], backend: ecr, settings: { roleArn: "
      "\"arn:aws:iam::123456789012:role/a\" } }\n";
  const std::string node =
      "  - { name: node, matchImages: [\"*.dkr.ecr.*.amazonaws.com\"], backend: ecr, settings: { identity: node } }\n";
  const ProcessOutput output = kubelet_config(exchanged + ecr);
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(broken_rules(output.out, 34), IsEmpty()) << output.out;
  EXPECT_THAT(names(), ElementsAre("regcred", "regcred-sts-amazonaws-com"));
  EXPECT_EQ(read_.providers[1].audience.text, "sts.amazonaws.com");
  EXPECT_THAT(output.out, HasSubstr("# - cloud: \"sts.amazonaws.com\"; set `audience` at "));
  EXPECT_THAT(generate({"rbac"}, ecr).out, HasSubstr("- \"sts.amazonaws.com\""));
  const ProcessOutput without = kubelet_config(node);
  EXPECT_EQ(without.status, 0) << without.err;
  EXPECT_THAT(without.out, Not(HasSubstr("serviceAccountTokenAudience")));
}

TEST_F(Generate, what_cannot_be_written_is_named_and_nothing_half_done_comes_out) {
  const ProcessOutput alone = kubelet_config(nameless);
  EXPECT_EQ(alone.status, 3);
  EXPECT_EQ(alone.out, "");
  EXPECT_THAT(alone.err, AllOf(HasSubstr("registry \"nameless\""), HasSubstr("set `audience` at ")));
  const ProcessOutput two =
      kubelet_config(nameless + fixed + "  - { name: gone, matchImages: [e.io], backend: gone }\n");
  EXPECT_EQ(two.status, 3);
  EXPECT_THAT(two.err, HasSubstr("left out: nameless, gone"));
  EXPECT_THAT(two.out, HasSubstr("# - gone: its backend gone cannot be asked"));
  EXPECT_EQ(kubelet_config("  - { name: gone, matchImages: [e.io], backend: gone }\n").status, 5);
}

TEST_F(Generate, versions_that_are_not_known) {
  EXPECT_EQ(kubelet_config(fixed, "1.25").status, 2);
  EXPECT_THAT(kubelet_config(fixed, "1.25").err, HasSubstr("is older than 1.26"));
  EXPECT_EQ(kubelet_config(fixed, "stable").status, 2);
  const ProcessOutput newer = kubelet_config(exchanged, "1.41");
  EXPECT_EQ(newer.status, 0);
  EXPECT_THAT(newer.out, HasSubstr("regcred knows the rules up to 1.37"));
  EXPECT_EQ(generate({"kubelet-config"}, exchanged).out, kubelet_config(exchanged, "1.37").out) << "the default";
}

TEST_F(Generate, the_kubelet_gets_a_path_that_holds_anywhere) {
  directory_.write("config.yaml", entries_of(fixed));
  directory_.write("sub/file", "");
  const ProcessOutput output = run_process(
      {{REGCRED_PROGRAM, "generate", "kubelet-config", "--config", directory_.path() + "/sub/../config.yaml"}, "", {}});
  ASSERT_THAT(broken_rules(output.out, 37), IsEmpty()) << output.err;
  EXPECT_THAT(read_.providers[0].arguments, ElementsAre("--config", directory_.path() + "/config.yaml"));
}

TEST_F(Generate, F3_the_configuration_that_was_judged_is_the_one_that_the_kubelet_gets) {
  const std::string root = directory_.path();
  const std::string judged = directory_.write("real/config.yaml", entries_of(exchanged));
  directory_.write("real/deep/file", "");
  directory_.write("config.yaml", entries_of(exchanged));
  std::filesystem::create_directory_symlink("real/deep", root + "/link");
  const ProcessOutput output =
      run_process({{REGCRED_PROGRAM, "generate", "kubelet-config", "--config", root + "/link/../config.yaml"}, "", {}});
  EXPECT_THAT(output.out, HasSubstr("--config")) << output.err;
  EXPECT_THAT(output.out, HasSubstr(judged));
}

TEST_F(Generate, drop_in_mode_hands_its_variables_on_but_no_secret) {
  const ProcessOutput output = run_process({{REGCRED_PROGRAM, "generate", "kubelet-config"},
                                            "",
                                            {{"CLOUDSMITH_ORG_SLUG", "acme"},
                                             {"CLOUDSMITH_OIDC_AUDIENCE", "cloudsmith"},
                                             {"CLOUDSMITH_API_PROXY", "http://user:s3cret@proxy.example.com:3128"},
                                             {"CLOUDSMITH_API_HEADERS", "x-key=s3cret"}}});
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(broken_rules(output.out, 37), IsEmpty());
  EXPECT_THAT(output.out, HasSubstr("- name: \"CLOUDSMITH_ORG_SLUG\"\n        value: \"acme\"\n"));
  EXPECT_THAT(output.out, Not(HasSubstr("s3cret")));
}

TEST_F(Generate, one_pattern_for_two_audiences_is_explained_where_it_stands) {
  const std::string twice =
      "  - { name: one, matchImages: [a.io], backend: cloudsmith, audience: x }\n"
      "  - { name: two, matchImages: [a.io], backend: cloudsmith, audience: y }\n";
  const std::string written = kubelet_config(twice).out;
  EXPECT_THAT(written, HasSubstr("# \"a.io\" stands under regcred too: the kubelet calls both in the order of this"));
  EXPECT_LT(written.find("- name: regcred\n"), written.find("stands under regcred too"));
  EXPECT_THAT(broken_rules(written, 34), IsEmpty());
}

// What config/kubernetes/machine shows is what the program writes.
TEST_F(Generate, machine_configuration_of_every_platform_as_it_is_shipped) {
  const std::string shipped = KUBERNETES_FILES;
  for (const char *platform : {"kubeadm", "k3s", "eks-nodeconfig", "talos"}) {
    const ProcessOutput output = run_process({{REGCRED_PROGRAM, "generate", "kubelet-config", "--kubernetes-version",
                                               "1.34", "--for", platform, "--config", shipped + "/config.yaml"},
                                              "",
                                              {}});
    EXPECT_EQ(output.status, 0) << output.err;
    const std::string path =
        shipped + "/machine/" + platform + (std::string(platform) == "eks-nodeconfig" ? ".mime" : ".yaml");
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_EQ(output.out, text.str()) << "compare with " << path;
  }
}

TEST_F(Generate, machine_configuration_is_read_back_as_what_was_put_in) {
  const auto generated =
      generate({"kubelet-config", "--for", "talos", "--kubernetes-version", "1.34"}, exchanged + fixed);
  const auto tree = core::parse_yaml(generated.out, "f");
  ASSERT_TRUE(tree) << generated.out;
  const core::YamlNode *const machine = tree->find("machine");
  EXPECT_EQ(machine->find("files")->items[0].find("content")->text, entries_of(exchanged + fixed));
  EXPECT_EQ(machine->find("files")->items[0].find("path")->text, "/var/lib/kubelet/regcred/config.yaml");
  const core::YamlNode *const providers = machine->find("kubelet")->find("credentialProviderConfig")->find("providers");
  EXPECT_EQ(providers->items[1].find("name")->text, "regcred-no-token");
  EXPECT_EQ(providers->items[1].find("args")->items[1].text, "/var/lib/kubelet/regcred");
  EXPECT_THAT(generated.out, HasSubstr("the names"));
}

TEST_F(Generate, user_data_whose_script_writes_the_files_and_nothing_else) {
  const std::string odd = exchanged + "# END-OF-REGCRED\n# $(touch /tmp/regcred-was-run) 'x\n";
  const auto generated = generate({"kubelet-config", "--for", "eks-nodeconfig", "--kubernetes-version", "1.34"}, odd);
  ASSERT_EQ(generated.status, 0) << generated.err;
  EXPECT_THAT(generated.out, AllOf(HasSubstr("boundary=\"END-OF-REGCRED-\""), HasSubstr("\n--END-OF-REGCRED---\n"),
                                   HasSubstr("<<'END-OF-REGCRED-'\n" + entries_of(odd) + "END-OF-REGCRED-\n")));
  // The vendor's part is there before anything of ours can fail.
  EXPECT_LT(generated.out.find("10-eks.json"), generated.out.find("regcred check"));
  EXPECT_LT(generated.out.find("regcred install-links"),
            generated.out.find("> '/etc/regcred/kubelet.d/50-regcred.yaml'"));
}

TEST_F(Generate, machine_configuration_that_would_be_wrong_is_not_written) {
  const std::tuple<std::string, std::string, std::string> table[] = {
      {"kubeadm", "1.30", "kubeadm has from 1.31 on"},
      {"eks-nodeconfig", "1.33", "give --kubernetes-version 1.34 or later"},
      {"bottlerocket", "1.34", "--for"}};
  for (const auto &[platform, version, words] : table) {
    const auto output = generate({"kubelet-config", "--for", platform, "--kubernetes-version", version}, fixed);
    EXPECT_EQ(output.status, 2) << platform;
    EXPECT_EQ(output.out, "");
    EXPECT_THAT(output.err, HasSubstr(words));
  }
  const ProcessOutput drop_in = run_process(
      {{REGCRED_PROGRAM, "generate", "kubelet-config", "--for", "k3s"}, "", {{"CLOUDSMITH_ORG_SLUG", "acme"}}});
  EXPECT_EQ(drop_in.status, 3);
  EXPECT_THAT(drop_in.err, HasSubstr("drop-in mode"));
}

TEST_F(Generate, texts_of_the_configuration_stay_texts) {
  const ProcessOutput output = kubelet_config(
      "  - { name: a, matchImages: [\"a.io/'x/\"], backend: cloudsmith, audience: \"x\\\": [y] # \\u00e4 \\U0001F433\" "
      "}\n");
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(broken_rules(output.out, 34), IsEmpty());
  EXPECT_EQ(read_.providers[0].match_images[0].text, "a.io/'x/");
  EXPECT_EQ(read_.providers[0].audience.text, "x\": [y] # \xc3\xa4 \xf0\x9f\x90\xb3");
}

TEST_F(Generate, rbac_for_the_cluster_and_for_one_namespace) {
  const ProcessOutput cluster = generate({"rbac"}, exchanged + passed_on + fixed);
  ASSERT_EQ(cluster.status, 0) << cluster.err;
  EXPECT_THAT(cluster.out, AllOf(HasSubstr("kind: ClusterRole\n"), HasSubstr("kind: ClusterRoleBinding\n"),
                                 HasSubstr("      - \"https://sts.example.com\"\n      - \"b.io\"\n"),
                                 HasSubstr("verbs: [\"request-serviceaccounts-token-audience\"]"),
                                 HasSubstr("name: \"system:nodes\""), Not(HasSubstr("\"*\""))));
  const ProcessOutput namespaced = generate({"rbac", "--namespace", "team-a"}, exchanged);
  EXPECT_THAT(namespaced.out, AllOf(HasSubstr("kind: Role\n"), HasSubstr("kind: RoleBinding\n"),
                                    HasSubstr("namespace: \"team-a\""), Not(HasSubstr("ClusterRole"))));
  for (const std::string &document : {cluster.out, namespaced.out}) {
    for (std::size_t at = 0; at < document.size();) {  // each document is YAML of its own
      const std::size_t end = std::min(document.find("---\n", at), document.size());
      EXPECT_TRUE(core::parse_yaml(document.substr(at, end - at), "f")) << document;
      at = end + 4;
    }
  }
}

TEST_F(Generate, rbac_that_would_be_wrong_is_not_written) {
  const std::string every = "  - { name: all, matchImages: [a.io], backend: cloudsmith, audience: \"*\" }\n";
  const std::tuple<std::vector<std::string>, std::string, int, std::string> table[] = {
      {{"rbac"}, fixed, 3, "no entry has an `audience`"},
      {{"rbac"}, every, 3, "would let the nodes ask for any audience"},
      {{"rbac"}, nameless, 3, "registry \"nameless\""},
      {{"rbac", "--namespace", "Team A"}, exchanged, 2, "is not a name of a namespace"}};
  for (const auto &[arguments, list, status, words] : table) {
    const ProcessOutput output = generate(arguments, list);
    EXPECT_EQ(output.status, status) << words;
    EXPECT_EQ(output.out, "");
    EXPECT_THAT(output.err, AllOf(StartsWith("regcred: "), HasSubstr(words)));
  }
}

TEST_F(Generate, a_service_account_with_the_annotations_that_are_read) {
  const ProcessOutput output =
      generate({"service-account", "builder", "--namespace", "team-a", "--annotation", "cloudsmith.io/org-slug=a=\"b"},
               exchanged);
  ASSERT_EQ(output.status, 0) << output.err;
  const auto tree = core::parse_yaml(output.out, "f");
  ASSERT_TRUE(tree) << output.out;
  const core::YamlNode *const metadata = tree->find("metadata");
  EXPECT_EQ(tree->find("kind")->text, "ServiceAccount");
  EXPECT_EQ(metadata->find("name")->text, "builder");
  EXPECT_EQ(metadata->find("namespace")->text, "team-a");
  EXPECT_EQ(metadata->find("annotations")->find("cloudsmith.io/org-slug")->text, "a=\"b");
  EXPECT_THAT(output.out, HasSubstr("  #   \"cloudsmith.io/service-slug\": \"\"\n"));
  EXPECT_THAT(generate({"service-account", "plain"}, exchanged).out,
              AllOf(HasSubstr("namespace: \"default\""), Not(HasSubstr("\n  annotations:"))));
}

TEST_F(Generate, a_service_account_that_would_be_wrong_is_not_written) {
  const std::pair<std::vector<std::string>, std::string> table[] = {
      {{"Builder"}, "is not a name that Kubernetes accepts"},
      {{"builder", "--namespace", "a.b"}, "is not a name of a namespace"},
      {{"builder", "--annotation", "cloudsmith.io/org-slug"}, "is not KEY=VALUE"},
      {{"builder", "--annotation", "=x"}, "is not KEY=VALUE"},
      {{"builder", "--annotation", "cloudsmith.io/org-slgu=x"}, "did you mean cloudsmith.io/org-slug?"},
      {{"builder", "--annotation", "cloudsmith.io/org-slug=a", "--annotation", "cloudsmith.io/org-slug=b"}, "twice"}};
  for (const auto &[more, words] : table) {
    std::vector<std::string> arguments = {"service-account"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessOutput output = generate(arguments, exchanged);
    EXPECT_EQ(output.status, 2) << words;
    EXPECT_EQ(output.out, "");
    EXPECT_THAT(output.err, HasSubstr(words));
  }
}

}  // namespace
}  // namespace regcred::testing
