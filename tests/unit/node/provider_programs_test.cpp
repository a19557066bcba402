// SPDX-License-Identifier: Apache-2.0
// The programs of the kubelet's bin directory, and the providers of others beside ours.
#include "node/provider_programs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/other_providers.hpp"
#include "node/kubelet_rules.hpp"
#include "unit/node/fake_node.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using testing::FakeNode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string word(const Finding &finding) {
  return (finding.severity == Severity::error     ? "error "
          : finding.severity == Severity::warning ? "warning "
                                                  : "note ") +
         finding.rule;
}

class ProviderPrograms : public ::testing::Test {
 protected:
  ProviderPrograms() {
    node_.write("/usr/local/bin/regcred", "program", 0755);
    node_.make_directory("/usr/local/lib/regcred/backends");
    node_.write("/bin/sh", "", 0755);
  }

  // The findings about one provider of this name; then whether it is regcred.
  std::vector<std::string> judge(const std::string &name, const std::string &directory = "/opt/plugins") {
    KubeletProvider provider;
    provider.name = {name, "kubelet.yaml:3:5"};
    ProviderConfig config{{}, {provider}};
    std::vector<Finding> findings;
    const HostRoot root = node_.root();
    judge_programs(config, {root, directory, node_.here("/usr/local/bin/regcred")}, findings);
    std::vector<std::string> lines;
    text_.clear();
    for (const Finding &finding : findings) {
      lines.push_back(word(finding));
      text_ += finding.what + "; " + finding.cure;
    }
    if (const auto known = config.providers.front().is_regcred) lines.emplace_back(*known ? "regcred" : "another");
    return lines;
  }
  FakeNode node_;
  std::string text_;
};

TEST_F(ProviderPrograms, a_link_to_regcred_is_regcred_whatever_its_name) {
  for (const char *name :
       {"regcred", "regcred-no-token", "our-registry", "cloudsmith-kubernetes-credential-provider"}) {
    node_.link(std::string("/opt/plugins/") + name, "/usr/local/bin/regcred");
    EXPECT_THAT(judge(name), ElementsAre("regcred")) << name;
  }
}

TEST_F(ProviderPrograms, what_the_kubelet_does_not_start_with) {
  EXPECT_THAT(judge("regcred", "/nowhere"), ElementsAre("error bin-directory"));
  node_.make_directory("/opt/plugins");
  EXPECT_THAT(judge("regcred"), ElementsAre("error program-missing"));
  EXPECT_THAT(text_, HasSubstr("put a link to regcred there"));
  node_.link("/opt/plugins/gone", "/usr/bin/gone");
  EXPECT_THAT(judge("gone"), ElementsAre("error program-missing"));
  EXPECT_THAT(text_, HasSubstr("a link to /usr/bin/gone"));
  node_.write("/opt/plugins/plain", "x", 0644);
  EXPECT_THAT(judge("plain"), ElementsAre("error program-mode"));
  EXPECT_THAT(text_, HasSubstr("; chmod 755 " + node_.here("/opt/plugins/plain")));
  node_.make_directory("/opt/plugins/folder");
  EXPECT_THAT(judge("folder"), ElementsAre("error program-mode"));
}

// An ELF file of 64 bits that names this loader.
std::string binary(const std::string &loader) {
  std::string bytes(64 + 56, '\0');
  bytes.replace(0, 5,
                "\x7f"
                "ELF\x02");
  bytes[32] = 64;                                         // e_phoff
  bytes[56] = 1;                                          // e_phnum
  bytes[64] = 3;                                          // PT_INTERP
  bytes[64 + 8] = 120;                                    // p_offset
  bytes[64 + 32] = static_cast<char>(loader.size() + 1);  // p_filesz
  return bytes + loader + '\0';
}

TEST_F(ProviderPrograms, an_interpreter_that_is_not_there) {
  node_.write("/opt/plugins/script", "#! /bin/sh -e\necho\n", 0755);
  EXPECT_THAT(judge("script"), IsEmpty());
  node_.write("/opt/plugins/python", "#!/usr/bin/python3\n", 0755);
  EXPECT_THAT(judge("python"), ElementsAre("error program-interpreter"));
  node_.write("/opt/plugins/windows", "#!/bin/sh\r\necho\r\n", 0755);
  EXPECT_THAT(judge("windows"), ElementsAre("error program-interpreter"));
  EXPECT_THAT(text_, HasSubstr("lines that end in CR LF"));
  node_.write("/opt/plugins/musl", binary("/lib/ld-musl-x86_64.so.1"), 0755);
  EXPECT_THAT(judge("musl"), ElementsAre("error program-interpreter"));
  EXPECT_THAT(text_, HasSubstr("/lib/ld-musl-x86_64.so.1"));
  node_.write("/lib/ld-musl-x86_64.so.1", "", 0755);
  EXPECT_THAT(judge("musl"), ElementsAre("another"));
}

TEST_F(ProviderPrograms, H5_hostile_binaries_are_not_judged) {
  for (std::size_t at : {32U, 33U, 39U, 56U, 57U, 72U, 79U, 96U, 103U}) {
    std::string bytes = binary("/lib/nowhere");
    bytes[at] = static_cast<char>(0xff);
    node_.write("/opt/plugins/x", bytes, 0755);
    EXPECT_LE(judge("x").size(), 1U) << at;
  }
  for (std::size_t bytes = 0; bytes < 120; bytes += 7) {
    node_.write("/opt/plugins/x", binary("/lib/nowhere").substr(0, bytes), 0755);
    EXPECT_THAT(judge("x"), ElementsAre("another")) << bytes;
  }
  node_.write("/opt/plugins/x", "#!", 0755);
  EXPECT_THAT(judge("x"), IsEmpty());
}

TEST_F(ProviderPrograms, a_copy_and_another_program_under_our_name) {
  node_.write("/opt/plugins/regcred", "program", 0755);
  EXPECT_THAT(judge("regcred"), ElementsAre("error program-copy", "regcred"));
  node_.write("/opt/plugins/regcred-a", "PROGRAM", 0755);
  EXPECT_THAT(judge("regcred-a"), ElementsAre("error program-other", "another"));
  node_.write("/opt/plugins/cloudsmith-kubernetes-credential-provider", "the provider that regcred replaces", 0755);
  EXPECT_THAT(judge("cloudsmith-kubernetes-credential-provider"), ElementsAre("another"));
}

TEST_F(ProviderPrograms, F1_what_others_may_replace) {
  node_.write("/opt/plugins/ecr-credential-provider", "x", 0777);
  EXPECT_THAT(judge("ecr-credential-provider"), ElementsAre("warning program-trust", "another"));
}

const char *providers = R"(apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: regcred
    matchImages: ["*.dkr.ecr.eu-west-1.amazonaws.com", reg.io]
    defaultCacheDuration: 10m
    apiVersion: credentialprovider.kubelet.k8s.io/v1
  - name: ecr-credential-provider
    matchImages: ["*.dkr.ecr.*.amazonaws.com"]
    defaultCacheDuration: 12h
    apiVersion: credentialprovider.kubelet.k8s.io/v1
  - name: acr-credential-provider
    matchImages: ["*.azurecr.io"]
    defaultCacheDuration: 10m
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    args: [/etc/kubernetes/azure.json, --ib-sni-name=x.example]
  - name: auth-provider-gcp
    matchImages: [gcr.io, "*.pkg.dev"]
    defaultCacheDuration: 1m
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    args: [get-credentials, --v=3]
    env: [{name: A, value: b}]
)";

TEST(OtherProviders, vendors_are_known_and_overlaps_say_who_is_first) {
  FakeNode node;
  node.write("/etc/p.yaml", providers);
  for (const int minor : {34, 32}) {
    std::vector<Finding> none;
    const HostRoot root = node.root();
    const ProviderConfig config = read_provider_config("/etc/p.yaml", KubernetesVersion{minor}, none, {}, root);
    EXPECT_THAT(none, IsEmpty());
    std::vector<std::string> words;
    for (const KubeletProvider &provider : config.providers) words.push_back(provider_words(provider));
    EXPECT_THAT(words, ElementsAre("regcred", "ecr-credential-provider (Amazon ECR)",
                                   "acr-credential-provider (Azure ACR with identity bindings)",
                                   "auth-provider-gcp (Google Artifact Registry)"));
    EXPECT_THAT(config.providers.back().environment, ElementsAre(std::pair("A", "b")));
    const std::vector<Finding> findings = check_other_providers(config, KubernetesVersion{minor});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(word(findings[0]), "note provider-overlap");
    EXPECT_EQ(findings[0].where, node.here("/etc/p.yaml:5:19"));
    EXPECT_THAT(findings[0].what, HasSubstr(minor == 34 ? "that of regcred first, which stands first"
                                                        : "that of ecr-credential-provider (Amazon ECR) first, whose"));
  }
}

// As AKS writes it with serviceAccountImagePullProfile.
TEST(OtherProviders, the_entry_of_AKS_with_identity_bindings_is_known_and_who_is_first) {
  for (const bool we_are_first : {true, false}) {
    const std::string ours = R"(
  - name: regcred
    matchImages: [acmeprod.azurecr.io, "*.*.geo.azurecr.io"]
    defaultCacheDuration: 10m
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    tokenAttributes: {serviceAccountTokenAudience: "api://AzureADTokenExchange", cacheType: ServiceAccount, requireServiceAccount: true})";
    const std::string of_aks = R"(
  - name: acr-credential-provider
    matchImages: ["*.azurecr.*", "*.*.geo.azurecr.*"]
    defaultCacheDuration: 10m
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    args: [/etc/kubernetes/azure.json]
    tokenAttributes: {serviceAccountTokenAudience: "api://AKSIdentityBinding", cacheType: ServiceAccount, requireServiceAccount: false,
      optionalServiceAccountAnnotationKeys: [kubernetes.azure.com/acr-client-id]})";
    FakeNode node;
    node.write("/etc/p.yaml", "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:" +
                                  (we_are_first ? ours + of_aks : of_aks + ours) + "\n");
    std::vector<Finding> none;
    const HostRoot root = node.root();
    const ProviderConfig config = read_provider_config("/etc/p.yaml", {34}, none, {}, root);
    EXPECT_THAT(none, IsEmpty());
    const std::vector<Finding> findings = check_other_providers(config, {34});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_THAT(findings[0].what, HasSubstr("acr-credential-provider (Azure ACR with identity bindings), too"));
    EXPECT_THAT(findings[0].what, HasSubstr(we_are_first ? "that of regcred first, which stands first"
                                                         : "that of acr-credential-provider (Azure ACR with identity "
                                                           "bindings) first, which stands first"));
  }
}

TEST(OtherProviders, what_the_nodes_vendor_meant_to_be_there) {
  FakeNode node;
  node.write("/etc/eks/image-credential-provider/config.json", R"({"apiVersion":"kubelet.config.k8s.io/v1",
"kind":"CredentialProviderConfig","providers":[{"name":"ecr-credential-provider","matchImages":["a.b"],
"defaultCacheDuration":"1h","apiVersion":"credentialprovider.kubelet.k8s.io/v1"}]})");
  node.write("/etc/regcred/kubelet.d/50-regcred.yaml", "");
  RunningKubelet kubelet;
  kubelet.config_path = "/etc/regcred/kubelet.d";
  const HostRoot root = node.root();
  const auto left = [&] {
    std::vector<Finding> ignored;
    return check_vendor_file(kubelet, root, read_provider_config(kubelet.config_path, {34}, ignored, {}, root), {34});
  };
  ASSERT_EQ(left().size(), 1U);
  EXPECT_THAT(left()[0].what, StartsWith("the node came with \"ecr-credential-provider\""));
  node.link("/etc/regcred/kubelet.d/10-eks.json", "/etc/eks/image-credential-provider/config.json");
  EXPECT_THAT(left(), IsEmpty());
}

}  // namespace
}  // namespace regcred::core
