// SPDX-License-Identifier: Apache-2.0
// What an installation would do on the nodes of each platform, by their processes and files.
#include "node/install_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/node/planned_node.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::entry;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::PlannedNode;
using testing::providers_head;

// What is planned, as lines: the steps' words and paths.
std::string words(const InstallPlan &plan) {
  constexpr const char *kinds[] = {"tree", "current", "registry", "program", "providers", "flags"};
  std::string text = std::string(to_text(plan.mode)) + ": " + plan.reason + '\n';
  for (const InstallStep &step : plan.steps) {
    text += std::string(kinds[static_cast<int>(step.kind)]) + ' ' + step.path +
            (step.is_link ? " -> " + step.content : std::string()) + '\n';
  }
  return text;
}

using InstallPlanTest = PlannedNode;

constexpr const char *program_steps =
    "tree /opt/regcred/versions/0.1.0-0123456789ab\ncurrent /opt/regcred/current -> versions/0.1.0-0123456789ab\n";

TEST_F(InstallPlanTest, kubeadm_on_debian_gets_both_flags_beside_the_operators_arguments) {
  add_kubeadm_unit("/etc/default/kubelet");
  node_.write("/etc/default/kubelet", "# ours\nKUBELET_EXTRA_ARGS=\"--node-ip=10.0.0.1 --v='2'\"\n");
  start("/usr/bin/kubelet", "--kubeconfig=/etc/kubernetes/kubelet.conf --node-ip=10.0.0.1");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(words(*planned), "flags: the kubelet has no provider's configuration yet\n" + std::string(program_steps) +
                                 "program /opt/regcred/kubelet/bin/regcred -> /opt/regcred/current/bin/regcred\n"
                                 "providers /opt/regcred/kubelet/providers.yaml\nflags /etc/default/kubelet\n");
  EXPECT_EQ(planned->steps.back().content,
            "# ours\nKUBELET_EXTRA_ARGS=\"--node-ip=10.0.0.1 --v='2' "
            "--image-credential-provider-config=/opt/regcred/kubelet/providers.yaml "
            "--image-credential-provider-bin-dir=/opt/regcred/kubelet/bin\"\n");
  EXPECT_EQ(outlook(*planned).restart, "the kubelet reads /opt/regcred/kubelet/providers.yaml at its start only");
  EXPECT_THAT(planned->findings, IsEmpty());
}

TEST_F(InstallPlanTest, kubeadm_on_red_hat_without_the_file_gets_it) {
  add_kubeadm_unit("/etc/sysconfig/kubelet");
  node_.write("/etc/systemd/system/kubelet.service.d/20-own.conf",
              "[Service]\nEnvironment=\"KUBELET_EXTRA_ARGS=--v=4 --node-labels=a=b\"\n");
  start("/usr/bin/kubelet", "--kubeconfig=/etc/kubernetes/kubelet.conf --v=4 --node-labels=a=b");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(planned->steps.back().path, "/etc/sysconfig/kubelet");
  EXPECT_THAT(planned->steps.back().content, HasSubstr("KUBELET_EXTRA_ARGS=\"--v=4 --node-labels=a=b --image-"));
}

TEST_F(InstallPlanTest, a_unit_without_a_file_for_arguments_is_refused_with_the_other_way) {
  node_.write(
      "/etc/systemd/system/kubelet.service",
      "[Service]\nEnvironmentFile=/etc/eks/kubelet/environment\nExecStart=/usr/bin/kubelet $NODEADM_KUBELET_ARGS\n");
  node_.write("/etc/eks/kubelet/environment", "NODEADM_KUBELET_ARGS=\"--v=2\"\n");
  start("/usr/bin/kubelet", "--v=2");
  const Result<InstallPlan> planned = plan();
  ASSERT_FALSE(planned);
  EXPECT_THAT(planned.error().what, HasSubstr("made anew by what manages this node"));
  const Result<InstallPlan> files = plan(InstallMode::files);
  ASSERT_TRUE(files) << files.error().what;
  EXPECT_EQ(words(*files), "files: it was asked for\n" + std::string(program_steps) +
                               "program /opt/regcred/kubelet/bin/regcred -> /opt/regcred/current/bin/regcred\n"
                               "providers /opt/regcred/kubelet/providers.yaml\n");
  EXPECT_EQ(outlook(*files).restart, "");
}

TEST_F(InstallPlanTest, eks_with_its_file_gets_our_entry_in_json) {
  node_.write("/etc/eks/image-credential-provider/ecr-credential-provider", "#!/bin/sh\n", 0755);
  node_.write("/bin/sh", "", 0755);
  node_.write("/etc/eks/image-credential-provider/config.json",
              R"({"apiVersion": "kubelet.config.k8s.io/v1", "kind": "CredentialProviderConfig", "providers": [
                 {"name": "ecr-credential-provider", "matchImages": ["*.dkr.ecr.*.amazonaws.com"],
                  "defaultCacheDuration": "12h0m0s", "apiVersion": "credentialprovider.kubelet.k8s.io/v1"}]})");
  start_with("/etc/eks/image-credential-provider/config.json", "/etc/eks/image-credential-provider");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(words(*planned),
            "merge: /etc/eks/image-credential-provider/config.json is a file that the kubelet reads already\n" +
                std::string(program_steps) +
                "program /etc/eks/image-credential-provider/regcred -> /opt/regcred/current/bin/regcred\n"
                "providers /etc/eks/image-credential-provider/config.json\n");
  EXPECT_THAT(planned->steps.back().content, AllOf(HasSubstr("\"12h0m0s\""), HasSubstr("\"regcred\"")));
  EXPECT_EQ(first_refusal(planned->findings), nullptr);
}

TEST_F(InstallPlanTest, user_data_of_eks_with_a_directory_gets_a_file_of_our_own) {
  node_.write("/etc/regcred/kubelet.d/10-eks.json", R"({"apiVersion": "kubelet.config.k8s.io/v1",
      "kind": "CredentialProviderConfig", "providers": []})");
  start_with("/etc/regcred/kubelet.d", "/etc/eks/image-credential-provider");
  node_.make_directory("/etc/eks/image-credential-provider");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(planned->mode, InstallMode::directory);
  EXPECT_EQ(planned->steps.back().path, "/etc/regcred/kubelet.d/50-regcred.yaml");
  EXPECT_EQ(planned->steps.back().content, own_.providers);
  EXPECT_EQ(planned->kubelet_files.size(), 2);
  EXPECT_EQ(first_refusal(planned->findings), nullptr);
}

TEST_F(InstallPlanTest, container_optimized_os_has_other_places) {
  node_.write("/etc/os-release", "NAME=\"Container-Optimized OS\"\nID=cos\n");
  node_.write("/etc/srv/kubernetes/cri_auth_config.yaml", providers_head + entry("auth-provider-gcp", "*.pkg.dev"));
  node_.write("/home/kubernetes/bin/auth-provider-gcp", "x", 0755);
  start("/home/kubernetes/bin/kubelet",
        "--image-credential-provider-config=/etc/srv/kubernetes/cri_auth_config.yaml "
        "--image-credential-provider-bin-dir=/home/kubernetes/bin");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(planned->places.arguments, "/home/kubernetes/regcred/config");
  EXPECT_THAT(words(*planned), HasSubstr("current /home/kubernetes/regcred/current -> versions/0.1.0-0123456789ab\n"
                                         "program /home/kubernetes/bin/regcred -> "
                                         "/home/kubernetes/regcred/current/bin/regcred\n"));
}

TEST_F(InstallPlanTest, k3s_and_rke2_get_the_files_that_they_take_without_a_flag) {
  node_.add({820, 1, "/usr/local/bin/k3s", "/usr/local/bin/k3s server "});
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(words(*planned), "flags: the kubelet has no provider's configuration yet\n" + std::string(program_steps) +
                                 "program /var/lib/rancher/credentialprovider/bin/regcred -> "
                                 "/opt/regcred/current/bin/regcred\n"
                                 "providers /var/lib/rancher/credentialprovider/config.yaml\n");
}

TEST_F(InstallPlanTest, rke2_with_flags_gets_our_entry_in_its_file) {
  node_.add({700, 1, "/usr/local/bin/rke2", "/usr/local/bin/rke2 agent"});
  node_.add({820, 700, "/var/lib/rancher/rke2/data/v1.34.1-rke2r1-0123456789ab/bin/kubelet",
             "kubelet --image-credential-provider-config=/etc/rancher/rke2/p.yaml "
             "--image-credential-provider-bin-dir=/usr/libexec/providers"});
  node_.write("/etc/rancher/rke2/p.yaml", providers_head + entry("theirs", "a.example.com"));
  node_.write("/usr/libexec/providers/theirs", "x", 0755);
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(words(*planned), "merge: /etc/rancher/rke2/p.yaml is a file that the kubelet reads already\n" +
                                 std::string(program_steps) +
                                 "program /usr/libexec/providers/regcred -> /opt/regcred/current/bin/regcred\n"
                                 "providers /etc/rancher/rke2/p.yaml\n");
}

TEST_F(InstallPlanTest, aks_gets_our_entry_and_keeps_its_flags) {
  node_.write("/var/lib/kubelet/credential-provider-config.yaml",
              providers_head + entry("acr-credential-provider", "*.azurecr.io"));
  node_.write("/var/lib/kubelet/credential-provider/acr-credential-provider", "x", 0755);
  node_.write("/etc/default/kubelet", "KUBELET_FLAGS=\"--v=2\"\n");
  start("/opt/bin/kubelet",
        "--v=2 --image-credential-provider-config=/var/lib/kubelet/credential-provider-config.yaml "
        "--image-credential-provider-bin-dir=/var/lib/kubelet/credential-provider");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(words(*planned),
            "merge: /var/lib/kubelet/credential-provider-config.yaml is a file that the kubelet reads already\n" +
                std::string(program_steps) +
                "program /var/lib/kubelet/credential-provider/regcred -> /opt/regcred/current/bin/regcred\n"
                "providers /var/lib/kubelet/credential-provider-config.yaml\n");
}

TEST_F(InstallPlanTest, openshift_has_its_programs_below_var) {
  node_.write("/etc/os-release", "ID=\"rhcos\"\nVARIANT_ID=coreos\n");
  node_.write("/etc/kubernetes/credential-providers/ecr-credential-provider.yaml",
              providers_head + entry("ecr-credential-provider", "*.amazonaws.com"));
  node_.write("/usr/libexec/kubelet-image-credential-provider-plugins/ecr-credential-provider", "x", 0755);
  start_with("/etc/kubernetes/credential-providers/ecr-credential-provider.yaml",
             "/usr/libexec/kubelet-image-credential-provider-plugins");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_THAT(words(*planned), HasSubstr("program /usr/libexec/kubelet-image-credential-provider-plugins/regcred -> "
                                         "/var/lib/regcred/current/bin/regcred\n"));
}

TEST_F(InstallPlanTest, N3_a_file_of_k3s_that_is_not_in_use_yet_keeps_its_entries) {
  node_.add({820, 1, "/usr/local/bin/k3s", "/usr/local/bin/k3s server "});
  facts_ = facts();
  const Result<NodePlaces> places = places_of(facts_);
  facts_.own_file = ProviderText{places->provider_file, providers_head + entry("theirs", "a.example.com")};
  const Result<InstallPlan> planned = plan_install(facts_, *places, own_, InstallMode::automatic);
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_THAT(planned->steps.back().content, AllOf(HasSubstr("name: theirs"), HasSubstr("\"regcred\"")));
}

TEST_F(InstallPlanTest, systems_that_take_no_provider_are_named) {
  for (const char *id : {"bottlerocket", "talos"}) {
    node_.write("/etc/os-release", std::string("ID=") + id + "\n");
    if (id == std::string("bottlerocket")) start("/usr/bin/kubelet", "");
    EXPECT_FALSE(plan()) << id;
  }
}

TEST_F(InstallPlanTest, N4_after_an_installation_there_is_nothing_to_do_and_new_settings_restart_nothing) {
  own_.registries = {{"config.yaml", "one\n", 0644}};
  node_.write("/etc/p.yaml", providers_head + entry("theirs", "a.example.com"));
  node_.write("/opt/plugins/theirs", "x", 0755);
  start_with("/etc/p.yaml", "/opt/plugins");
  Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_FALSE(outlook(*planned).is_up_to_date());
  carry_out(*planned);
  planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_TRUE(outlook(*planned).is_up_to_date());
  own_.registries = {{"config.yaml", "two\n", 0644}};
  own_.tree_id = "0.1.1-000000000000";
  planned = plan();
  const InstallOutlook changed = outlook(*planned);
  EXPECT_THAT(changed.is_done, ElementsAre(false, false, false, true, true));
  EXPECT_EQ(changed.restart, "");
  EXPECT_THAT(changed.findings, IsEmpty());
}

TEST_F(InstallPlanTest, N4_a_kubelet_that_has_not_read_its_configuration_is_restarted_once) {
  node_.write("/etc/p.yaml", providers_head + entry("theirs", "a.example.com"));
  node_.write("/opt/plugins/theirs", "x", 0755);
  start_with("/etc/p.yaml", "/opt/plugins");
  Result<InstallPlan> planned = plan();
  carry_out(*planned);
  facts_ = facts();
  facts_.state.unread_by = process_identity(facts_.kubelet->process);
  EXPECT_EQ(outlook(*planned).restart, "it was not restarted since its configuration changed");
  facts_.state.unread_by = "7@1";
  EXPECT_EQ(outlook(*planned).restart, "");
}

TEST_F(InstallPlanTest, N2_content_that_a_kubelet_did_not_come_up_with_is_not_tried_again) {
  node_.write("/etc/p.yaml", providers_head + entry("theirs", "a.example.com"));
  node_.write("/opt/plugins/theirs", "x", 0755);
  start_with("/etc/p.yaml", "/opt/plugins");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned);
  InstalledState state;
  state.rejected.push_back({planned->digest, "exit status 1"});
  node_.write(installed_state_path, installed_state_text(state));
  EXPECT_THAT(plan()->findings, Contains(Field(&Finding::rule, "rejected-before")));
  version_ = {35};  // another kubelet
  EXPECT_THAT(plan()->findings, Not(Contains(Field(&Finding::rule, "rejected-before"))));
}

TEST_F(InstallPlanTest, N3_an_entry_or_program_of_others_under_our_name_is_refused) {
  node_.write("/etc/p.yaml", providers_head + entry("regcred", "a.example.com"));
  node_.write("/opt/plugins/regcred", "another program", 0755);
  start_with("/etc/p.yaml", "/opt/plugins");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_THAT(planned->findings, Contains(Field(&Finding::rule, "foreign-entry")));
  EXPECT_THAT(outlook(*planned).findings, Contains(Field(&Finding::rule, "foreign-file")));
}

TEST_F(InstallPlanTest, N1_a_program_of_others_that_is_missing_is_refused_before_anything_is_done) {
  node_.write("/etc/p.yaml", providers_head + entry("theirs", "a.example.com"));
  node_.make_directory("/opt/plugins");
  start_with("/etc/p.yaml", "/opt/plugins");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_THAT(planned->findings, Contains(Field(&Finding::rule, "program-missing")));
}

TEST_F(InstallPlanTest, N1_what_the_kubelet_of_this_version_refuses_is_found) {
  own_.providers = providers_head + entry("regcred", "registry.example.com") +
                   "    tokenAttributes:\n      serviceAccountTokenAudience: \"x\"\n      requireServiceAccount: true\n"
                   "      cacheType: ServiceAccount\n";
  version_ = {33};
  add_kubeadm_unit("/etc/default/kubelet");
  start("/usr/bin/kubelet", "--v=2");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_THAT(planned->findings, Contains(Field(&Finding::rule, "cache-type-unknown")));
}

TEST_F(InstallPlanTest, N3_a_configuration_of_the_operator_is_not_replaced) {
  own_.registries = {{"config.yaml", "ours\n", 0644}};
  node_.write("/etc/regcred/config.yaml", "theirs\n");
  add_kubeadm_unit("/etc/default/kubelet");
  start("/usr/bin/kubelet", "--v=2");
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_THAT(outlook(*planned).findings, ElementsAre(Field(&Finding::rule, "foreign-file")));
}

TEST_F(InstallPlanTest, F2_a_directory_that_others_may_write_to_is_refused) {
  add_kubeadm_unit("/etc/default/kubelet");
  start("/usr/bin/kubelet", "--v=2");
  node_.make_directory("/opt");
  std::filesystem::permissions(node_.here("/opt"), std::filesystem::perms::all);
  const Result<InstallPlan> planned = plan();
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_THAT(outlook(*planned).findings, Contains(Field(&Finding::rule, "node-place")));
}

TEST_F(InstallPlanTest, F2_a_state_that_others_may_write_is_not_read) {
  node_.write(installed_state_path, installed_state_text({}));
  EXPECT_TRUE(read_installed_state(node_.root()));
  std::filesystem::permissions(node_.here(installed_state_directory), std::filesystem::perms::all);
  EXPECT_FALSE(read_installed_state(node_.root()));
}

TEST_F(InstallPlanTest, an_impossible_mode_names_the_possible_one) {
  node_.write("/etc/p.yaml", providers_head + entry("theirs", "a.example.com"));
  start_with("/etc/p.yaml", "/opt/plugins");
  const Result<InstallPlan> planned = plan(InstallMode::directory);
  ASSERT_FALSE(planned);
  EXPECT_EQ(planned.error().cure, "use --mode merge or auto");
}

}  // namespace
}  // namespace regcred::core
