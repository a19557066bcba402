// SPDX-License-Identifier: Apache-2.0
// `regcred doctor`, the real program: each thing that commonly breaks is found at its step, with its cure.
#include "e2e/doctor_fixture.hpp"
#include "emulator/jwt.hpp"

namespace regcred::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Doctor : public DoctorWorld {};

TEST_F(Doctor, all_steps_pass_in_a_sound_world) {
  const ProcessOutput output = run(image() + ":24.04");
  EXPECT_EQ(output.status, 0) << output.out << output.err;
  for (const char *line :
       {"passed   entry                cloudsmith (backend cloudsmith, ", "passed   backend              cloudsmith ",
        "passed   token                service account \"my-service-account\" of namespace \"default\", pod "
        "\"test-pod\"",
        "passed   token-audience       \"cloudsmith\", as entry cloudsmith wants", "passed   token-expiry         ",
        "passed   issuer-discovery     https://localhost:",
        "passed   issuer-key           the issuer has the token's key",
        "passed   token-signature      the signature fits the key",
        "passed   exchange-host        backend cloudsmith asks POST https://localhost:",
        "passed   exchange-tls         TLSv1.3, the certificate is trusted",
        "passed   exchange             entry cloudsmith: a credential for localhost:", "HTTP 201 in ",
        "x-ratelimit-remaining: 1799", "passed   registry-login       localhost:",
        "passed   registry-pull        iduffy-demo/purple-team/ubuntu 24.04: the manifest may be read",
        " passed, 0 failed, 0 skipped\n"}) {
    EXPECT_THAT(output.out, HasSubstr(line));
  }
  EXPECT_THAT(output.out, Not(HasSubstr("\x1b")));
  // The password goes where the registry says, and that is said first.
  EXPECT_THAT(output.err, HasSubstr("regcred: note: registry " + registry() + " lets " + cloudsmith_.api_host() +
                                    " check the password; it is sent there\n"));
  EXPECT_EQ(cloudsmith_.received().size(), 1U);  // the dry run sent nothing
  ASSERT_EQ(cloudsmith_.logins().size(), 1U);
  EXPECT_EQ(cloudsmith_.logins()[0].who, "iduffy-demo/default-v9ty");
  EXPECT_EQ(cloudsmith_.logins()[0].scope, "repository:iduffy-demo/purple-team/ubuntu:pull");
}

TEST_F(Doctor, a_token_for_another_audience) {
  token_ = issuer_.token({.audience = "sts.example.com"});
  auto seen = steps(3);
  EXPECT_EQ(seen["token-audience"].state, "failed");
  EXPECT_THAT(seen["token-audience"].what,
              HasSubstr("is for \"sts.example.com\", and entry cloudsmith wants \"cloudsmith\""));
  EXPECT_THAT(seen["token-audience"].cure,
              HasSubstr("set tokenAttributes.serviceAccountTokenAudience to \"cloudsmith\""));
  EXPECT_EQ(seen["token-signature"].state, "passed");
  EXPECT_EQ(seen["exchange-tls"].state, "passed");
  EXPECT_THAT(seen["exchange"].cure, ::testing::StartsWith("mend token-audience first; "));
  EXPECT_EQ(seen["registry-login"].state, "skipped");
  EXPECT_TRUE(cloudsmith_.received().empty());
}

TEST_F(Doctor, an_expired_token) {
  token_ = issuer_.token({.lifetime = std::chrono::seconds(-7500)});
  auto seen = steps(3);
  EXPECT_THAT(seen["token-expiry"].what, AllOf(HasSubstr("expired since 20"), HasSubstr(", 2 h 5 min ago")));
  EXPECT_THAT(seen["token-expiry"].cure, HasSubstr("kubectl create token"));
  EXPECT_EQ(seen["exchange"].state, "failed");
  EXPECT_THAT(seen["exchange"].details, HasSubstr("HTTP 401 in "));
}

TEST_F(Doctor, an_issuer_that_cannot_be_reached) {
  token_ = emulator::sign_token(emulator::service_account_claims("https://kubernetes.default.svc.cluster.local", {}),
                                issuer_key_);
  auto seen = steps(3, image(), without_dns());
  EXPECT_THAT(seen["issuer-reach"].what, HasSubstr("is known to this network alone"));
  EXPECT_EQ(seen["issuer-discovery"].state, "failed");
  EXPECT_THAT(seen["issuer-discovery"].what, HasSubstr("is not known to DNS"));
  EXPECT_EQ(seen["token-signature"].state, "skipped");
  EXPECT_EQ(seen["exchange"].state, "failed");
}

TEST_F(Doctor, an_issuer_without_https) {
  const emulator::Issuer plain(issuer_key_);
  token_ = plain.token();
  auto seen = steps(3);
  EXPECT_EQ(seen["issuer-reach"].state, "failed");
  EXPECT_THAT(seen["issuer-reach"].cure, HasSubstr("--service-account-issuer"));
  EXPECT_EQ(seen["issuer-discovery"].state, "skipped");
}

TEST_F(Doctor, a_discovery_document_of_another_issuer) {
  emulator::Published published = issuer_.published();
  published.issuer += "/";
  issuer_.publish(published);
  auto seen = steps(3);
  EXPECT_EQ(seen["issuer-identity"].state, "failed");
  EXPECT_THAT(seen["issuer-identity"].cure, HasSubstr("to the last slash"));
  EXPECT_EQ(seen["issuer-key"].state, "passed");
  EXPECT_EQ(seen["exchange"].state, "failed");
}

TEST_F(Doctor, a_key_that_the_issuer_does_not_publish) {
  const auto other = emulator::make_key(emulator::KeyKind::rsa_2048);
  emulator::Published published = issuer_.published();
  published.keys = {{"keys", {emulator::to_jwk(other.get())}}};
  issuer_.publish(published);
  auto seen = steps(3);
  EXPECT_EQ(seen["issuer-key"].state, "failed");
  EXPECT_THAT(seen["issuer-key"].cure, HasSubstr("kubectl get --raw /openid/v1/jwks"));
  EXPECT_EQ(seen["token-signature"].state, "skipped");
}

TEST_F(Doctor, a_key_of_that_id_that_is_another) {
  const auto other = emulator::make_key(emulator::KeyKind::rsa_2048);
  emulator::Published published = issuer_.published();
  nlohmann::json key = emulator::to_jwk(other.get());
  key["kid"] = published.keys["keys"][0]["kid"];
  published.keys = {{"keys", {key}}};
  issuer_.publish(published);
  EXPECT_EQ(steps(3)["token-signature"].state, "failed");
}

TEST_F(Doctor, keys_on_another_host) {
  emulator::Published published = issuer_.published();
  published.jwks_uri = "https://kubernetes.default.svc/openid/v1/jwks";
  issuer_.publish(published);
  auto seen = steps(3, image(), without_dns());
  EXPECT_EQ(seen["issuer-keys"].state, "failed");
  EXPECT_THAT(seen["issuer-keys"].cure, AllOf(HasSubstr("publish the keys beside the discovery document"),
                                              HasSubstr("it names another host, kubernetes.default.svc")));
  // Reachable, but elsewhere: a hint.
  emulator::Issuer other(issuer_key_, issuer_ca_.issue({"localhost"}));
  published.jwks_uri = other.url() + "/openid/v1/jwks";
  issuer_.publish(published);
  seen = steps(0);
  EXPECT_EQ(seen["issuer-keys"].state, "passed");
  EXPECT_THAT(seen["issuer-keys"].cure, HasSubstr("names another host than the issuer's"));
}

TEST_F(Doctor, no_token_at_all_and_no_readable_one) {
  const ProcessOutput without = run_process({{REGCRED_PROGRAM, "doctor", image(), "--config", config_file_}, "", {}});
  EXPECT_EQ(without.status, 2);
  EXPECT_THAT(without.out, HasSubstr("failed   token                backend cloudsmith needs one, and none was given"));
  token_ = "canary-no-jwt";
  auto seen = steps(2);
  EXPECT_EQ(seen["token"].what, "is not a JSON Web Token");
  EXPECT_EQ(seen["exchange"].state, "skipped");
}

TEST_F(Doctor, a_configuration_that_does_not_load_and_an_image_that_nobody_answers) {
  auto seen = steps(4, "ghcr.io/owner/app");
  EXPECT_EQ(seen["entry"].state, "failed");
  EXPECT_EQ(seen["token"].state, "passed");
  EXPECT_EQ(seen["issuer-discovery"].state, "skipped");
  directory_.write("config.yaml", "kind: [");
  seen = steps(3);
  EXPECT_EQ(seen["configuration"].state, "failed");
  EXPECT_EQ(seen["exchange"].state, "skipped");
}

TEST_F(Doctor, a_backend_that_is_not_there_and_settings_that_it_does_not_take) {
  std::string yaml = config();
  directory_.write("config.yaml", yaml.replace(yaml.find("backend: cloudsmith"), 19, "backend: cloudsmiht"));
  auto seen = steps(5);
  EXPECT_EQ(seen["backend"].state, "failed");
  EXPECT_EQ(seen["settings"].state, "skipped");
  configure({.service = "'not a slug'"});
  seen = steps(3);
  EXPECT_EQ(seen["backend"].state, "passed");
  EXPECT_EQ(seen["settings"].state, "failed");
  EXPECT_EQ(seen["exchange-host"].state, "skipped");
}

}  // namespace
}  // namespace regcred::testing
