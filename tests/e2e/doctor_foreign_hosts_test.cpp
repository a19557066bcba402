// SPDX-License-Identifier: Apache-2.0
// `regcred doctor`, the real program: what a registry or an issuer names is asked only where it may be.
#include "e2e/doctor_fixture.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DoctorForeignHosts : public DoctorWorld {
 protected:
  [[nodiscard]] std::string realm_at(const std::string &host) const {
    const std::string own = cloudsmith_.api_host();
    return "https://" + host + own.substr(own.find(':')) + "/token";
  }
};

TEST_F(DoctorForeignHosts, H7b_a_realm_of_another_domain_gets_no_credential_unless_it_is_allowed) {
  name_realm(realm_at("127.0.0.1"));
  const ProcessOutput output = run(image());
  EXPECT_EQ(output.status, 6) << output.out << output.err;
  EXPECT_THAT(cloudsmith_.logins(), IsEmpty());
  EXPECT_THAT(output.out, HasSubstr("failed   registry-challenge   " + registry() + " sends logins to \"" + realm() +
                                    "\", which is not of its own domain: the credential was not sent there\n"));
  EXPECT_THAT(output.out, HasSubstr(" may have the credential: regcred doctor " + image() + " --token-file " +
                                    directory_.write("token", token_) + " --follow-realm 127.0.0.1 --config " +
                                    config_file_ + "\n"));
  // The command works as it is printed.
  const std::size_t at = output.out.find("regcred doctor ");
  ASSERT_NE(at, std::string::npos);
  const std::string command = output.out.substr(at, output.out.find('\n', at) - at);
  const std::string programs = std::string(REGCRED_PROGRAM).substr(0, std::string(REGCRED_PROGRAM).rfind('/'));
  const ProcessOutput followed = run_process({{"/bin/sh", "-c", command}, "", {{"PATH", programs}}});
  EXPECT_EQ(followed.status, 0) << command << '\n' << followed.out << followed.err;
  EXPECT_EQ(cloudsmith_.logins().size(), 1U);
}

TEST_F(DoctorForeignHosts, H7b_nothing_lets_a_registry_name_a_metadata_endpoint) {
  name_realm("https://169.254.169.254/token");
  const ProcessOutput output = run(image(), {"--follow-realm", "169.254.169.254"});
  EXPECT_EQ(output.status, 6);
  EXPECT_THAT(output.out, HasSubstr("failed   registry-login       169.254.169.254 is at 169.254.169.254, a "
                                    "link-local or metadata address: nothing was sent there\n"));
}

TEST_F(DoctorForeignHosts, H7b_keys_on_a_network_that_the_issuer_is_not_in_are_not_asked_for) {
  emulator::Published published = issuer_.published();
  published.jwks_uri = "https://192.168.254.254/openid/v1/jwks";
  issuer_.publish(published);
  auto seen = steps(3);
  EXPECT_EQ(seen["issuer-keys"].state, "failed");
  EXPECT_THAT(seen["issuer-keys"].what, HasSubstr("192.168.254.254 is at 192.168.254.254, an address of a private "
                                                  "network: nothing was asked there"));
  EXPECT_THAT(seen["issuer-keys"].cure, AllOf(HasSubstr("publish the keys beside the discovery document"),
                                              HasSubstr(" --follow-realm 192.168.254.254 ")));
}

}  // namespace
}  // namespace regcred::testing
