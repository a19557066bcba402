// SPDX-License-Identifier: Apache-2.0
// `regcred check` on hosts in settings below which anybody may have a name (H7: tokens go there).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/process.hpp"

namespace regcred::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CheckHosts : public ::testing::Test {
 protected:
  std::string check(const std::string &backend, const std::string &settings,
                    const std::string &image = "docker.cloudsmith.io") {
    const std::string config =
        "apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n  - name: a\n    matchImages: [" + image +
        "]\n    audience: x\n    backend: " + backend + "\n    settings:\n      " + settings + "\n";
    const ProcessOutput output =
        run_process({{REGCRED_PROGRAM, "check", "--config", directory_.write("config.yaml", config)}, "", {}});
    return output.out + output.err;
  }
  TemporaryDirectory directory_;
};

TEST_F(CheckHosts, H7_a_wildcard_below_which_anybody_may_have_a_name_is_a_warning) {
  for (const char *hosts : {"[\"*.co.uk\"]", "[api.acme.com, \"*.com.au\"]", "[\"*.Co.Nz\"]", "[\"*.org.uk:8443\"]",
                            "[co.uk]", "[\"*.edu.tr:443\"]"}) {
    const std::string seen = check("cloudsmith", std::string("allowedApiHosts: ") + hosts);
    EXPECT_THAT(seen, HasSubstr("[host-wide]")) << hosts;
    EXPECT_THAT(seen, HasSubstr("everybody can register a name below")) << hosts;
  }
  EXPECT_THAT(check("cloudsmith", "allowedApiHosts: [api.acme.com, \"*.com.au\"]"), HasSubstr("config.yaml:9:39: "));
  EXPECT_THAT(check("jfrog", "{ artifactoryHost: co.uk, providerName: k8s }", "a.co.uk"), HasSubstr("[host-wide]"));
  EXPECT_THAT(
      check("oidc", "{ mode: passThrough, username: x, registryHosts: [\"*.co.uk\"], audiences: [zot] }", "zot.co.uk"),
      HasSubstr("[host-wide]"));
}

TEST_F(CheckHosts, H7_a_domain_of_somebody_is_none) {
  for (const char *hosts : {"[\"*.acme.com\", api.acme.co.uk, \"*.acme.co.uk\", \"*.co.com\", localhost]", "[]"}) {
    EXPECT_THAT(check("cloudsmith", std::string("allowedApiHosts: ") + hosts), Not(HasSubstr("host-wide"))) << hosts;
  }
  // Not hosts, and not a setting of this backend.
  EXPECT_THAT(check("cloudsmith", "orgSlug: co.uk"), Not(HasSubstr("host-wide")));
}

}  // namespace
}  // namespace regcred::testing
