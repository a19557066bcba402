// SPDX-License-Identifier: Apache-2.0
// `regcred check --kubelet-config`: both sides of a node together, one row per way in which they do not fit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace regcred::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CheckCluster : public ::testing::Test {
 protected:
  ProcessOutput check(const std::string &ours, const std::string &theirs, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {REGCRED_PROGRAM,    "check",
                                          "--config",         directory_.write("config.yaml", ours),
                                          "--kubelet-config", directory_.write("kubelet.yaml", theirs)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_process({std::move(arguments), "", {}});
  }
  // "FILE:LINE:COLUMN severity rule" of each finding.
  std::vector<std::string> findings(const std::string &ours, const std::string &theirs) {
    const ProcessOutput output = check(ours, theirs, {"-o", "json", "--kubernetes-version", "1.34"});
    const json report = json::parse(output.out, nullptr, false);
    EXPECT_TRUE(report.is_object()) << output.out << output.err;
    std::vector<std::string> lines;
    for (const json &item : report["findings"]) {
      if (item["rule"] == "settings-note") continue;
      const std::string file = item["file"].get<std::string>().substr(directory_.path().size() + 1);
      lines.push_back(file + ':' + std::to_string(item["line"].get<int>()) + ':' +
                      std::to_string(item["column"].get<int>()) + ' ' + item["severity"].get<std::string>() + ' ' +
                      item["rule"].get<std::string>());
    }
    EXPECT_EQ(output.status == 3, report["errors"].get<int>() > 0);
    return lines;
  }

  TemporaryDirectory directory_;
};

std::string ours(const std::string &backend, const std::string &images, const std::string &more = "    audience: a\n") {
  return "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n  - name: e\n    matchImages: [" + images +
         "]\n    backend: " + backend + "\n" + more;
}
std::string cloudsmith(const std::string &images) {
  return ours("cloudsmith", images,
              "    audience: a\n    settings: { registryHosts: [reg.io, b.io, a.reg.io, \"reg.io:5000\"] }\n");
}

std::string theirs(const std::string &images, const std::string &attributes, const std::string &name = "regcred") {
  return "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n  - name: " + name +
         "\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n    matchImages: [" + images +
         "]\n    defaultCacheDuration: 10m\n" + attributes;
}
const std::string all_keys =
    "      optionalServiceAccountAnnotationKeys: [cloudsmith.io/service-slug, cloudsmith.io/org-slug, "
    "cloudsmith.io/api-host]\n";
std::string token(const std::string &audience, const std::string &cache_type = "ServiceAccount") {
  return "    tokenAttributes:\n      serviceAccountTokenAudience: " + audience +
         "\n      requireServiceAccount: true\n      cacheType: " + cache_type + "\n" + all_keys;
}

TEST_F(CheckCluster, both_sides_fit) {
  EXPECT_THAT(findings(cloudsmith("reg.io"), theirs("reg.io", token("a"))), IsEmpty());
  const ProcessOutput output = check(cloudsmith("reg.io"), theirs("reg.io", token("a")));
  EXPECT_EQ(output.status, 0) << output.out;
  EXPECT_THAT(output.out, HasSubstr("kubelet.yaml for Kubernetes 1.37, the newest known"));
}

TEST_F(CheckCluster, images_that_one_side_does_not_know) {
  EXPECT_THAT(findings(cloudsmith("reg.io, b.io"), theirs("reg.io", token("a"))),
              ElementsAre("config.yaml:5:27 warning image-not-asked"));
  EXPECT_THAT(findings(cloudsmith("reg.io"), theirs("reg.io, b.io", token("a"))),
              ElementsAre("kubelet.yaml:6:27 error image-not-answered"));
  EXPECT_THAT(findings(cloudsmith("a.reg.io"), theirs("\"*.reg.io\"", token("a"))),
              ElementsAre("kubelet.yaml:6:19 warning image-not-answered"));
}

TEST_F(CheckCluster, a_port_on_one_side_only) {
  EXPECT_THAT(findings(cloudsmith("\"reg.io:5000\""), theirs("reg.io", token("a"))),
              ElementsAre("config.yaml:5:19 warning image-not-asked", "kubelet.yaml:6:19 error image-not-answered"));
  EXPECT_THAT(check(cloudsmith("\"reg.io:5000\""), theirs("reg.io", token("a"))).out,
              HasSubstr("write the same port on both sides"));
}

TEST_F(CheckCluster, what_the_kubelet_sends_is_not_what_the_entry_takes) {
  EXPECT_THAT(findings(cloudsmith("reg.io"), theirs("reg.io", token("b"))),
              ElementsAre("kubelet.yaml:9:36 error audience-differs"));
  EXPECT_THAT(findings(cloudsmith("reg.io"), theirs("reg.io", "")),
              ElementsAre("kubelet.yaml:4:5 error token-not-sent"));
  std::string without_keys = theirs("reg.io", token("a"));
  without_keys.erase(without_keys.find(all_keys));
  EXPECT_THAT(findings(cloudsmith("reg.io"), without_keys), ElementsAre("kubelet.yaml:9:7 note annotation-not-sent"));
  const std::string secret = directory_.write("password", "x");
  EXPECT_THAT(findings(ours("static", "reg.io", "    settings: { username: u, passwordFile: " + secret + " }\n"),
                       theirs("reg.io", token("a"))),
              ElementsAre("kubelet.yaml:9:7 warning token-not-used"));
}

TEST_F(CheckCluster, the_pods_own_token_needs_its_own_cache) {
  const std::string passes = ours("oidc", "reg.io",
                                  "    audience: reg.io\n    settings: { mode: passThrough, username: u, "
                                  "registryHosts: [reg.io] }\n");
  EXPECT_THAT(findings(passes, theirs("reg.io", token("reg.io"))),
              ElementsAre("kubelet.yaml:11:18 error cache-type-token"));
  EXPECT_THAT(findings(passes, theirs("reg.io", token("reg.io", "Token"))), IsEmpty());
}

TEST_F(CheckCluster, M4_the_node_cache_keeps_pods_apart_where_the_kubelet_does) {
  const auto entry = [](const std::string &node) {
    return cloudsmith("reg.io") + "    cache: { node: " + node + " }\n";
  };
  const std::string by_token = theirs("reg.io", token("a", "Token"));
  const auto of_cache = [&](const std::string &config, const std::string &kubelet) {
    const json report = json::parse(check(config, kubelet, {"-o", "json"}).out);
    std::vector<int> lines;
    for (const json &item : report["findings"]) {
      if (item["rule"] == "cache-type-node" && item["severity"] == "error") lines.push_back(item["line"]);
    }
    return lines;
  };
  EXPECT_THAT(of_cache(entry("serviceAccount"), by_token), ElementsAre(11));
  EXPECT_THAT(of_cache(entry("token"), by_token), IsEmpty());
  EXPECT_THAT(of_cache(entry("off"), by_token), IsEmpty());
  EXPECT_THAT(of_cache(entry("serviceAccount"), theirs("reg.io", token("a"))), IsEmpty());
}

TEST_F(CheckCluster, patterns_that_meet_under_two_audiences) {
  const auto entry = [](const std::string &name, const std::string &image, const std::string &audience) {
    return "  - { name: " + name + ", matchImages: [" + image + "], backend: cloudsmith, audience: " + audience +
           " }\n";
  };
  const std::string top = "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n";
  const auto generated = [&](const std::string &config) {
    return run_process({{REGCRED_PROGRAM, "generate", "kubelet-config", "--kubernetes-version", "1.34", "--config",
                         directory_.write("config.yaml", config)},
                        "",
                        {}})
        .out;
  };
  const std::string narrow_first =
      top + entry("narrow", "docker.cloudsmith.io/a/", "x") + entry("wide", "docker.cloudsmith.io", "y");
  // The provider of `wide` is called for images of `narrow` as well, which is asked first: one call fails, one works.
  const ProcessOutput met = check(narrow_first, generated(narrow_first), {"--kubernetes-version", "1.34"});
  EXPECT_EQ(met.status, 0) << met.out;
  EXPECT_THAT(met.out, HasSubstr("entry \"narrow\""));
  EXPECT_THAT(met.out, HasSubstr("such a call fails, and the pull goes on with another provider's"));
  EXPECT_THAT(met.out, ::testing::Not(HasSubstr("entry \"wide\" (")));
  EXPECT_EQ(check(narrow_first, generated(narrow_first), {"--strict"}).status, 3);

  const std::string apart = top + entry("one", "reg.io/a/", "x") + entry("two", "reg.io/b/", "y");
  EXPECT_THAT(check(apart, generated(apart)).out, ::testing::Not(HasSubstr("audience-differs")));

  // The right audience for other images of the entry does not help these.
  const std::string one = top + entry("both", "a.io, b.io", "x");
  const std::string kubelet = theirs("a.io", token("x")) +
                              theirs("b.io", token("other"), "regcred-other").substr(theirs("", "").find("  - name"));
  const ProcessOutput lost = check(one, kubelet);
  EXPECT_EQ(lost.status, 3) << lost.out;
  EXPECT_THAT(lost.out, HasSubstr("error: tokens are made for \"other\""));
}

TEST_F(CheckCluster, the_kubelet_knows_programs_by_their_names) {
  EXPECT_THAT(findings(cloudsmith("reg.io"), theirs("reg.io", token("a"), "cloudsmith-provider")),
              ElementsAre("kubelet.yaml:0:0 error no-regcred-provider"));
  EXPECT_THAT(findings(cloudsmith("reg.io"), theirs("reg.io", token("a"), "regcred-cloudsmith")), IsEmpty());
  EXPECT_THAT(findings(cloudsmith("reg.io"), theirs("reg.io", token("b"), "cloudsmith-kubernetes-credential-provider")),
              ElementsAre("kubelet.yaml:4:5 warning audience-missing", "kubelet.yaml:4:5 warning configuration-unread",
                          "kubelet.yaml:6:19 error image-not-answered"))
      << "under that name it reads another configuration";
}

TEST_F(CheckCluster, errors_of_one_side_are_told_before_both_are_compared) {
  EXPECT_THAT(findings(cloudsmith("b.io"), theirs("reg.io", token("a", "Pod"))),
              ElementsAre("kubelet.yaml:11:18 error cache-type"));
  EXPECT_THAT(findings("kind: [", theirs("reg.io", token("a", "Pod"))),
              ElementsAre("config.yaml:1:1 error config-file", "kubelet.yaml:11:18 error cache-type"));
}

TEST_F(CheckCluster, a_version_that_is_none) {
  const ProcessOutput output =
      check(cloudsmith("reg.io"), theirs("reg.io", token("a")), {"--kubernetes-version", "latest"});
  EXPECT_EQ(output.status, 2);
  EXPECT_THAT(output.err, HasSubstr("write it like 1.34"));
}

// What `generate` writes is what `check` asks for, whatever the version.
TEST_F(CheckCluster, a_generated_configuration_has_nothing_to_be_said_about) {
  for (const char *version : {"1.33", "1.34", "1.35", "1.36", "1.37"}) {
    const std::string config = directory_.write("config.yaml", cloudsmith("reg.io, \"*.example.com:5000\""));
    const ProcessOutput generated = run_process(
        {{REGCRED_PROGRAM, "generate", "kubelet-config", "--kubernetes-version", version, "--config", config}, "", {}});
    ASSERT_EQ(generated.status, 0) << generated.err;
    const ProcessOutput output = check(cloudsmith("reg.io, \"*.example.com:5000\""), generated.out,
                                       {"--kubernetes-version", version, "-o", "json"});
    EXPECT_EQ(output.status, 0) << output.out;
    EXPECT_EQ(json::parse(output.out)["errors"], 0);
    EXPECT_EQ(json::parse(output.out)["warnings"], std::string(version) == "1.33" ? 1 : 0) << output.out;
  }
}

TEST_F(CheckCluster, a_file_of_a_kubelets_directory_that_links_to_itself_is_named) {
  const std::string directory = directory_.path() + "/kubelet.d";
  std::filesystem::create_directory(directory);
  std::filesystem::create_symlink("loop.yaml", directory + "/loop.yaml");
  for (const char *command : {"check", "explain"}) {
    std::vector<std::string> arguments = {REGCRED_PROGRAM,    command,
                                          "--config",         directory_.write("config.yaml", cloudsmith("reg.io")),
                                          "--kubelet-config", directory};
    if (command == std::string("explain")) arguments.emplace_back("reg.io/a");
    const ProcessOutput output = run_process({std::move(arguments), "", {}});
    EXPECT_EQ(output.status, 3) << command;
    EXPECT_THAT(output.out + output.err, HasSubstr(directory + "/loop.yaml: "));
  }
}

// `explain --kubelet-config`: the same two files, for one image.
class ExplainKubelet : public CheckCluster {
 protected:
  ProcessOutput explain(const std::string &image, const std::string &theirs, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {REGCRED_PROGRAM,
                                          "explain",
                                          image,
                                          "--config",
                                          directory_.write("config.yaml", cloudsmith("reg.io, b.io")),
                                          "--kubelet-config",
                                          directory_.write("kubelet.yaml", theirs)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_process({std::move(arguments), "", {}});
  }
};

TEST_F(ExplainKubelet, what_a_call_brings_along) {
  const ProcessOutput output = explain("reg.io/x", theirs("a.io, reg.io", token("aud")));
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("answered by  e (backend cloudsmith"));
  EXPECT_THAT(output.out, HasSubstr("regcred        called: matches reg.io"));
  EXPECT_THAT(output.out, HasSubstr("token        for aud, kept by ServiceAccount"));
  EXPECT_THAT(output.out, HasSubstr("cloudsmith.io/service-slug"));
  const json report = json::parse(explain("reg.io/x", theirs("reg.io", ""), {"-o", "json"}).out)["kubelet"];
  EXPECT_EQ(report["callsRegcred"], true);
  EXPECT_TRUE(report["providers"][0]["audience"].is_null());
}

TEST_F(ExplainKubelet, an_image_that_the_kubelet_does_not_ask_for) {
  const ProcessOutput output = explain("b.io/x", theirs("reg.io, \"c.io:5000\"", token("aud")));
  EXPECT_EQ(output.status, 4);
  EXPECT_THAT(output.out, HasSubstr("not called: reg.io: host label 1: \"b\" is not \"reg\" (nor 1 more)"));
  EXPECT_THAT(output.err, HasSubstr("the kubelet does not call regcred for it"));
  EXPECT_EQ(explain("reg.io/x", theirs("reg.io", token("aud"), "ecr-provider")).status, 4);
}

TEST_F(ExplainKubelet, a_configuration_with_which_no_kubelet_starts) {
  const ProcessOutput output = explain("reg.io/x", theirs("reg.io", token("aud", "Pod")));
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.err, HasSubstr("kubelet.yaml:11:18"));
}

}  // namespace
}  // namespace regcred::testing
