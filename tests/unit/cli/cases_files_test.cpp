// SPDX-License-Identifier: Apache-2.0
// Files that operators gave to regcred: taken as they are meant, or called what they are.
#include "unit/cli/cases_fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(Cases, a_file_that_ends_with_a_document_mark_is_taken) {
  for (const char *end : {"---\n", "---", "---\n# nothing more\n", "...\n", "---\n---\n", "...\n---\n"}) {
    const ProcessOutput output = check(base() + end);
    EXPECT_EQ(output.status, 0) << end << output.out;
  }
  EXPECT_THAT(check(base() + "---\n---\na: b\n").out, HasSubstr("a second document"));
  const ProcessOutput kubelets =
      check_kubelet(base(), kubelet("regcred", "\"registry.example.com:5000\"", "") + "---\n");
  EXPECT_THAT(kubelets.out, Not(HasSubstr("kubelet-file")));
}

TEST_F(Cases, JSON_of_the_kubelet_is_judged_as_its_decoder_does) {
  const std::string provider =
      "{\"apiVersion\":\"kubelet.config.k8s.io/v1\",\"kind\":\"CredentialProviderConfig\",\n\t\"providers\":[{\n"
      "\t\t\"name\":\"regcred\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\",\n"
      "\t\t\"matchImages\":[\"registry.example.com:5000\"],\"defaultCacheDuration\":\"10m\"";
  const std::string config_of_one = config(static_entry("\"registry.example.com:5000\"", one_password()));
  const ProcessOutput good = check_kubelet(config_of_one, provider + "}]}\n");
  EXPECT_EQ(good.status, 0) << good.out;
  const std::pair<std::string, std::string> table[] = {
      {provider + "},\n]}", "kubelet.yaml:5:1: error: is not JSON"},
      {provider + "}] # ours\n}", "kubelet.yaml:4:78: error"},
      {provider + ", // ours\n\"args\":[]}]}", "kubelet.yaml:4:77: error"},
      {provider + ",\"args\":['x']}]}", "is not JSON"},
      {provider + ",args:[]}]}", "is not JSON"},
      {provider + "}]}\n---\n", "is not JSON"},
      {" \n{apiVersion: kubelet.config.k8s.io/v1}", "kubelet.yaml:2:2: error: is not JSON"},
      {provider + "}]", "is not JSON"},
  };
  for (const auto &[text, finding] : table) {
    const ProcessOutput output = check_kubelet(config_of_one, text);
    EXPECT_EQ(output.status, 3) << text;
    EXPECT_THAT(output.out, AllOf(HasSubstr(finding), HasSubstr("[kubelet-file]"))) << text;
  }
}

TEST_F(Cases, words_without_quotes_are_judged_as_the_kubelet_does) {
  const auto with_value = [&](const std::string &value) {
    return check_kubelet(
        config(static_entry("\"registry.example.com:5000\"", one_password())),
        kubelet("regcred", "\"registry.example.com:5000\"", "    env: [{ name: A, value: " + value + " }]\n"));
  };
  for (const char *number : {"0x1F", "0b11", "0o17", "017", "1_000", "+12", ".5", "1e3", "-.inf", ".NaN", "0899", "1.",
                             "18446744073709551615", "yes", "n"}) {
    EXPECT_THAT(with_value(number).out, HasSubstr("[kubelet-field]")) << number;
  }
  for (const char *text : {"2024-01-31", "2024-01-31T10:00:00Z", "1.2.3", "0x", "0xZZ", "1e", "e3", "12:30", "10m",
                           "0x1_G", "-18446744073709551615a", "\"31\"", "1.34.2"}) {
    const ProcessOutput output = with_value(text);
    EXPECT_EQ(output.status, 0) << text << output.out;
  }
}

TEST_F(Cases, a_version_that_is_newer_than_what_is_known_is_said_to_be) {
  const std::string file = write("kubelet.yaml", kubelet("regcred", "\"registry.example.com:5000\"", ""));
  const std::string ours = config(static_entry("\"registry.example.com:5000\"", one_password()));
  EXPECT_THAT(check(ours, {"--kubelet-config", file, "--kubernetes-version", "1.38"}).out,
              HasSubstr("for Kubernetes 1.38, newer than what is known (1.37)"));
  EXPECT_THAT(check(ours, {"--kubelet-config", file, "--kubernetes-version", "1.37"}).out,
              Not(HasSubstr("newer than")));
}

TEST_F(Cases, a_link_to_a_directory_among_the_kubelets_files_stops_it_by_its_ending_alone) {
  const std::string ours = config(static_entry("\"registry.example.com:5000\"", one_password()));
  static_cast<void>(write("conf/10.yaml", kubelet("regcred", "\"registry.example.com:5000\"", "")));
  std::filesystem::create_directory(path("elsewhere"));
  std::filesystem::create_directory_symlink(path("elsewhere"), path("conf/plain"));
  std::filesystem::create_directory(path("conf/a.yaml"));
  const Words arguments = {"--kubelet-config", path("conf"), "--kubernetes-version", "1.34"};
  EXPECT_EQ(check(ours, arguments).status, 0);
  std::filesystem::create_directory_symlink(path("elsewhere"), path("conf/20.yaml"));
  const ProcessOutput output = check(ours, arguments);
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.out, HasSubstr("conf/20.yaml: error: "));
  EXPECT_THAT(output.out, HasSubstr("directory"));
}

TEST_F(Cases, a_file_of_another_kind_is_called_what_it_is) {
  const std::string talos = "apiVersion: v1alpha1\nkind: KubeCredentialProviderConfig\nproviders: []\n";
  const std::string kubelets = kubelet("regcred", "a.io", "");
  struct Case {
    std::string file;
    std::string name;
  };
  const Case as_kubelets[] = {{talos, "a document of Talos"},
                              {base(), "regcred's own configuration"},
                              {"org_slug: acme\n", "a configuration of cloudsmith-kubernetes-credential-provider"},
                              {"apiVersion: v1\nkind: ConfigMap\n", "a Kubernetes object of kind \"ConfigMap\""},
                              {"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
                               "the kubelet's KubeletConfiguration"}};
  for (const auto &[file, name] : as_kubelets) {
    const ProcessOutput output = check_kubelet(base(), file);
    EXPECT_EQ(output.status, 3);
    EXPECT_THAT(output.out, AllOf(HasSubstr("the file is " + name), HasSubstr("leave this file as it is"),
                                  HasSubstr("found           1 error")));
  }
  const Case as_ours[] = {{talos, "a document of Talos"}, {kubelets, "the kubelet's CredentialProviderConfig"}};
  for (const auto &[file, name] : as_ours) {
    const ProcessOutput output = check(file);
    EXPECT_THAT(output.out, AllOf(HasSubstr("the file is " + name), HasSubstr("found           1 error")));
  }
  const Case as_replaced[] = {{base(), "regcred's own configuration"},
                              {kubelets, "the kubelet's CredentialProviderConfig"}};
  for (const auto &[file, name] : as_replaced) {
    const ProcessOutput output = run({link(replaced_name), "--config", write("f.yaml", file), "check"});
    EXPECT_THAT(output.out, AllOf(HasSubstr("the file is " + name), HasSubstr("leave this file as it is")));
  }
}

TEST_F(Cases, a_pattern_with_any_scheme_is_told_that_it_has_one) {
  for (const char *scheme : {"oci", "docker", "https", "OCI", "docker-archive"}) {
    const std::string pattern = std::string("\"") + scheme + "://docker.cloudsmith.io/acme\"";
    const ProcessOutput output = check(config(static_entry(pattern, one_password())));
    EXPECT_THAT(output.out, AllOf(HasSubstr("has a scheme"), HasSubstr("write \"docker.cloudsmith.io/acme\"")));
    EXPECT_THAT(output.out, Not(HasSubstr("docker.io/")));
  }
}

TEST_F(Cases, every_number_that_must_be_text_gets_the_cure) {
  const ProcessOutput output =
      check(config(cloudsmith_entry("{ orgSlug: 2024, serviceSlug: 0123, headers: { X-A: true, X-B: 1.5 } }")));
  EXPECT_THAT(output.out, HasSubstr("found           4 errors"));
  std::size_t cures = 0;
  for (std::size_t at = output.out.find("quotes"); at != std::string::npos; at = output.out.find("quotes", at + 1))
    ++cures;
  EXPECT_EQ(cures, 4U) << output.out;
  const ProcessOutput plain = check(config(static_entry("a.io", "{ username: 12, passwordFile: /x }")));
  EXPECT_THAT(plain.out, AllOf(HasSubstr("settings.username"), HasSubstr("put it into quotes")));
}

TEST_F(Cases, files_of_a_directory_that_are_not_read_are_named) {
  static_cast<void>(write("etc/10.yaml", base()));
  for (const char *name : {"20-team.yml", "30.YAML", "40.json", ".50.yaml", "60.yaml.bak", "below/x.yaml", ".swp"}) {
    static_cast<void>(write(std::string("etc/") + name, "registries: []\n"));
  }
  const ProcessOutput output = run({REGCRED_PROGRAM, "--config", path("etc"), "check"});
  EXPECT_EQ(output.status, 0) << output.out;
  for (const char *name : {"20-team.yml", "30.YAML", "40.json", ".50.yaml", "60.yaml.bak", "below"}) {
    EXPECT_THAT(output.out, HasSubstr(path("etc/") + name + ": warning: is not read"));
  }
  EXPECT_THAT(output.out, HasSubstr("found           6 warnings"));
  EXPECT_EQ(run({REGCRED_PROGRAM, "--config", path("etc"), "check", "--strict"}).status, 3);

  const ProcessOutput pull = run({REGCRED_PROGRAM, "--config", path("etc")}, {}, request("nowhere.example.com/a"));
  EXPECT_EQ(pull.status, 4);
  EXPECT_THAT(pull.err, AllOf(HasSubstr("not read"), HasSubstr("20-team.yml")));
  const ProcessOutput explained = run({REGCRED_PROGRAM, "--config", path("etc"), "explain", "nowhere.example.com/a"});
  EXPECT_THAT(explained.err, HasSubstr("20-team.yml"));

  static_cast<void>(write("only/20-team.yml", base()));
  EXPECT_THAT(run({REGCRED_PROGRAM, "--config", path("only"), "explain", "a.io/b"}).err, HasSubstr("20-team.yml"));
}

TEST_F(Cases, a_file_that_the_configuration_names_is_no_finding) {
  const std::string password = write("etc/build.password", "x");
  static_cast<void>(
      write("etc/10.yaml", config(static_entry("a.io", "{ username: u, passwordFile: " + password + " }"))));
  EXPECT_THAT(run({REGCRED_PROGRAM, "--config", path("etc"), "check"}).out, HasSubstr("found           nothing"));
}

TEST_F(Cases, a_copy_of_the_program_says_that_it_is_one) {
  std::filesystem::create_directory(path("bin"));
  for (const char *name : {"regcred", "regcred-vendor", replaced_name}) {
    std::filesystem::copy_file(REGCRED_PROGRAM, path("bin/") + name);
  }
  const ProcessOutput pull =
      run({path("bin/regcred"), "--config", write("c.yaml", base())}, {}, request("registry.example.com:5000/a"));
  EXPECT_EQ(pull.status, 5);
  EXPECT_THAT(pull.err, AllOf(HasSubstr("is a copy outside its installation"),
                              HasSubstr("regcred install-links " + path("bin"))));
  const ProcessOutput vendor = run({path("bin/regcred-vendor"), "--config", path("c.yaml"), "check"});
  EXPECT_THAT(vendor.out, HasSubstr("is a copy outside its installation"));
  const ProcessOutput replaced = run({path(std::string("bin/") + replaced_name)}, {{"CLOUDSMITH_ORG_SLUG", "acme"}},
                                     request("docker.cloudsmith.io/a/b"));
  EXPECT_THAT(replaced.err, Not(HasSubstr("install-links")));
}

}  // namespace
}  // namespace regcred::testing
