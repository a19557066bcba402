// SPDX-License-Identifier: Apache-2.0
// `regcred check` finds a pattern that the backend can never serve with its settings, for every backend that ships.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  std::string backend;
  std::string settings;
  std::string served;
  std::string unserved;
};

const std::vector<Row> &rows() {
  static const std::vector<Row> all = {
      {"quay", "{ robot: acme+ci }", "quay.io", "quay.internal.example.com"},
      {"quay", "{ robot: acme+ci, apiHost: quay.internal.example.com }", "quay.internal.example.com/acme", "quay.io"},
      {"jfrog", "{ artifactoryHost: acme.jfrog.io, providerName: k8s }", "acme.jfrog.io", "docker.example.com"},
      {"jfrog", "{ artifactoryHost: acme.jfrog.io, providerName: k8s, registryHosts: [docker.example.com] }",
       "docker.example.com", "docker.example.com:8443/team"},
      {"chainguard", "{ identity: 0123456789abcdef0123456789abcdef01234567/0123456789abcdef }", "cgr.dev",
       "cgr.example.com"},
      {"acr", "{ tenantId: acme.onmicrosoft.com }", "acmeprod.azurecr.io", "registry.example.com"},
      {"acr", "{ registryHosts: [registry.example.com], authorityHost: login.example.com }", "registry.example.com",
       "acmeprod.westeurope.data.azurecr.io"},
      {"google", "{ audience: //iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q }",
       "europe-docker.pkg.dev/acme", "europe-docker.example.com"},
      {"google", "{ identity: node, registryHosts: [docker.example.com] }", "docker.example.com", "docker.io"},
      {"cloudsmith", "{ orgSlug: acme, allowedOrgs: [acme] }", "docker.cloudsmith.io", "docker.example.com"},
      {"ecr", "{ roleArn: arn:aws:iam::123456789012:role/puller }", "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
       "123456789012.dkr.ecr.cn-north-1.amazonaws.com"},
      {"harbor", "{ registryHosts: [harbor.example.com] }", "harbor.example.com", "registry.example.com"},
      {"oidc", "{ mode: passThrough, username: x, registryHosts: [zot.example.com], audiences: [zot] }",
       "zot.example.com", "registry.example.com"},
      {"vault",
       "{ address: 'https://vault.example.com', role: r, mount: m, path: p, registryHosts: [harbor.example.com] }",
       "harbor.example.com", "registry.example.com"},
  };
  return all;
}

class CheckRegistry : public ::testing::TestWithParam<Row> {
 protected:
  ProcessOutput check(const std::string &pattern, const std::string &more = {}) {
    const std::string config =
        "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n  - name: a\n    matchImages: [\"" + pattern +
        "\"]\n    audience: x\n" + more + "    backend: " + GetParam().backend +
        "\n    settings: " + GetParam().settings + "\n";
    return run_process({{REGCRED_PROGRAM, "check", "--config", directory_.write("config.yaml", config)}, "", {}});
  }
  TemporaryDirectory directory_;
};

TEST_P(CheckRegistry, a_pattern_that_can_never_be_served_is_an_error) {
  const ProcessOutput sound = check(GetParam().served);
  EXPECT_EQ(sound.status, 0) << sound.out << sound.err;
  const ProcessOutput broken = check(GetParam().unserved);
  EXPECT_EQ(broken.status, 3) << broken.out << broken.err;
  EXPECT_THAT(broken.out + broken.err, HasSubstr("[registry-unserved]"));
  EXPECT_THAT(broken.out + broken.err, HasSubstr("config.yaml:5:19"));
}

TEST_P(CheckRegistry, what_cannot_be_known_is_not_judged_and_credentialHost_is_the_name_that_counts) {
  for (const char *pattern : {"*.example.com", "qu?y.example.com", "[a-z]uay.example.com"}) {
    const ProcessOutput output = check(pattern);
    EXPECT_THAT(output.out + output.err, Not(HasSubstr("registry-unserved"))) << pattern;
  }
  const std::string host = GetParam().served.substr(0, GetParam().served.find('/'));
  const ProcessOutput mirror = check("mirror.example.com", "    credentialHost: " + host + "\n");
  EXPECT_THAT(mirror.out + mirror.err, Not(HasSubstr("registry-unserved")));
  const std::string other = GetParam().unserved.substr(0, GetParam().unserved.find('/'));
  const ProcessOutput elsewhere = check(GetParam().served, "    credentialHost: " + other + "\n");
  EXPECT_THAT(elsewhere.out + elsewhere.err, HasSubstr("[registry-unserved]"));
}

INSTANTIATE_TEST_SUITE_P(Backends, CheckRegistry, ::testing::ValuesIn(rows()));

}  // namespace
}  // namespace regcred::testing
