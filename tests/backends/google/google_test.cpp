// SPDX-License-Identifier: Apache-2.0
// What Google's backend sends to each of Google's services, and the credential that it makes of their answers.
#include "backends/google/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Google, exchanges_the_token_and_answers_for_the_asked_host_alone) {
  host.expect("POST", sts_url)
      .with_header("Content-Type", "application/x-www-form-urlencoded")
      .with_header("Accept", "application/json")
      .with_form(sts_form())
      .reply(200, access_token(federated));
  const Outcome outcome = ask(with(), image(own_image));
  ASSERT_THAT(outcome, IsOk());
  ASSERT_EQ(outcome.auth.size(), 1U);
  EXPECT_EQ(outcome.auth[0].registry, own_host);
  EXPECT_EQ(outcome.auth[0].username, "oauth2accesstoken");
  EXPECT_EQ(outcome.auth[0].password, federated);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(3599));
  EXPECT_EQ(host.calls().at(0).headers.size(), 2U);  // above all no Authorization: it can make the call fail
  expect_no_leak(outcome, federated);
}

TEST_F(Google, GKE_has_an_audience_of_its_own_form) {
  host.expect("POST", sts_url).with_form(sts_form(gke)).reply(200, access_token(federated));
  EXPECT_THAT(ask({{"audience", gke}}, image("gcr.io/acme/app")), IsOk());
}

TEST_F(Google, M2b_no_part_of_the_path_decides) {
  expect_path_decides_nothing(with(), own_host, "POST", sts_url, access_token(federated));
}

TEST_F(Google, impersonates_with_the_federated_token) {
  host.expect("POST", sts_url).with_form(sts_form()).reply(200, access_token(federated, 600));
  host.expect("POST", iam_url)
      .with_header("Authorization", "Bearer " + federated)
      .with_header("Content-Type", "application/json")
      .with_json({{"scope", {"https://www.googleapis.com/auth/cloud-platform"}},
                  {"lifetime", "3600s"},
                  {"delegates", json::array()}})
      .reply(200, impersonated(access));
  const Outcome outcome = ask(with({{"serviceAccount", puller}}), image(own_image));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "oauth2accesstoken");
  EXPECT_EQ(outcome.auth.at(0).password, access);
  EXPECT_EQ(outcome.scope, Scope::registry);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(3000));  // its own, not the federated token's
  EXPECT_EQ(host.calls().at(1).headers.size(), 3U);
  EXPECT_EQ(host.calls().at(1).body.find(pod_token), std::string::npos);
  expect_no_leak(outcome, federated);
  expect_no_leak(outcome, access);
}

TEST_F(Google, the_annotation_chooses_among_the_allowed_service_accounts) {
  const json settings = with({{"allowedServiceAccounts", {puller, "b@acme.iam.gserviceaccount.com"}}});
  host.expect("POST", sts_url).reply(200, access_token(federated));
  host.expect("POST", iam_url).reply(200, impersonated(access));
  EXPECT_THAT(ask(settings, image(own_image).annotation(account_annotation, puller)), IsOk());
  // Without annotation, or with an empty one, the pool's principal itself.
  for (const FakeRequest &request : {image(own_image), image(own_image).annotation(account_annotation, "")}) {
    host.expect("POST", sts_url).reply(200, access_token(federated));
    const Outcome outcome = ask(settings, request);
    ASSERT_THAT(outcome, IsOk());
    EXPECT_EQ(outcome.auth.at(0).password, federated);
  }
  // Without a list, the setting's own value.
  host.expect("POST", sts_url).reply(200, access_token(federated));
  host.expect("POST", iam_url).reply(200, impersonated(access));
  EXPECT_THAT(ask(with({{"serviceAccount", puller}}), image(own_image).annotation(account_annotation, puller)), IsOk());
}

TEST_F(Google, M4_H7_a_service_account_that_is_not_allowed_sends_nothing) {
  for (const json &settings :
       {with(), with({{"serviceAccount", puller}}),
        with({{"serviceAccount", puller}, {"allowedServiceAccounts", {"b@acme.iam.gserviceaccount.com"}}}),
        json{{"identity", "node"}}, json{{"identity", "node"}, {"serviceAccount", puller}}}) {
    for (const std::string &value :
         {std::string("admin@acme.iam.gserviceaccount.com"), std::string("*"), std::string(puller) + " ",
          std::string(puller) + ":generateIdToken?", std::string("../../x@y"), std::string(9000, 'a')}) {
      FakeHost fake;
      const Outcome outcome =
          run(backend(), settings.dump(), image(own_image).annotation(account_annotation, value), fake);
      EXPECT_THAT(outcome, StatusIs(Code::bad_request, AllOf(HasSubstr(account_annotation), HasSubstr("is not allowed"),
                                                             HasSubstr("settings.allowedServiceAccounts"))));
      EXPECT_TRUE(fake.calls().empty()) << settings << value;
    }
  }
}

TEST_F(Google, takes_endpoints_from_settings) {
  host.expect("POST", "https://sts.s3nsapis.fr/v1/token").reply(200, access_token(federated));
  host.expect("POST", "https://iam.s3nsapis.fr:8443/v1/projects/-/serviceAccounts/a@b.c:generateAccessToken")
      .reply(200, impersonated(access));
  const Outcome outcome = ask(with({{"stsEndpoint", "https://STS.s3nsapis.fr:443"},
                                    {"iamEndpoint", "https://iam.s3nsapis.fr:8443"},
                                    {"serviceAccount", "a@b.c"},
                                    {"registryHosts", {"docker.s3nsregistry.fr"}}}),
                              image("docker.s3nsregistry.fr/acme/app"));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).registry, "docker.s3nsregistry.fr");
}

TEST_F(Google, H7_images_of_foreign_registries_send_nothing) {
  for (const char *name : {"docker.io/library/nginx", "pkg.dev/a/b", "europe-docker.pkg.dev.evil.net/a", "evilgcr.io/a",
                           "gcr.io.evil.net/a", "gcr.io:8443/a", "gcr.io@evil.net/a", "notpkg.dev/a", ""}) {
    for (const json &settings : {with(), json{{"identity", "node"}}}) {
      FakeHost fake;
      EXPECT_THAT(run(backend(), settings.dump(), image(name), fake),
                  StatusIs(Code::bad_config, AllOf(HasSubstr("image host"), HasSubstr("matchImages"))))
          << name;
      EXPECT_TRUE(fake.calls().empty()) << name;
    }
  }
  for (const char *name : {"gcr.io", "eu.gcr.io", "us-central1-docker.pkg.dev", "container.cloud.google.com"}) {
    EXPECT_THAT(serves(backend(), with().dump(), name, host), IsOk()) << name;
  }
}

TEST_F(Google, the_audience_that_is_expected) {
  const auto expected = [this](const json &own) {
    return expected_audiences(backend(), own.dump(), "*.pkg.dev", host);
  };
  const std::string pool = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q";
  EXPECT_THAT(expected({{"audience", pool}}).values, ::testing::ElementsAre("https:" + pool, pool));
  EXPECT_THAT(expected({{"audience", pool}}).accepted_by, HasSubstr("allowed audiences"));
  EXPECT_THAT(
      expected({{"audience", "identitynamespace:acme.svc.id.goog:https://container.googleapis.com/v1/x"}}).values,
      ::testing::ElementsAre("acme.svc.id.goog"));
  EXPECT_THAT(expected({{"identity", "node"}}).values, ::testing::IsEmpty());
}

TEST_F(Google, without_a_token_nothing_is_sent) {
  EXPECT_THAT(ask(with(), FakeRequest(own_image)), StatusIs(Code::bad_request, HasSubstr("tokenAttributes")));
  EXPECT_TRUE(host.calls().empty());
}

TEST_F(Google, says_what_it_is) {
  EXPECT_EQ(regcred::test::backend_name(backend()), "google");
  EXPECT_EQ(backend().token_use, REGCRED_TOKEN_OPTIONAL);
  EXPECT_THAT(annotation_keys(backend()), ElementsAre(account_annotation));
}

// ---- identity: node ----

class GoogleNode : public Google {
 protected:
  ScriptedCall &expect_metadata(const std::string &body, const HttpHeaders &headers = {{"Metadata-Flavor", "Google"}}) {
    return host.expect("GET", metadata_url).with_header("Metadata-Flavor", "Google").reply(200, body, headers);
  }
  json node = {{"identity", "node"}};
};

TEST_F(GoogleNode, asks_the_metadata_server_and_needs_no_token) {
  expect_metadata(access_token(access, 1200));
  const Outcome outcome = ask(node, FakeRequest(own_image));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).username, "oauth2accesstoken");
  EXPECT_EQ(outcome.auth.at(0).password, access);
  EXPECT_EQ(outcome.lifetime, std::chrono::seconds(1200));
  EXPECT_EQ(host.calls().at(0).flags, REGCRED_HTTP_METADATA);
  EXPECT_EQ(host.calls().at(0).timeout, std::chrono::seconds(1));
  EXPECT_EQ(host.calls().at(0).headers.size(), 1U);
  expect_no_leak(outcome, access);
}

TEST_F(GoogleNode, the_pods_token_is_not_sent) {
  expect_metadata(access_token(access));
  EXPECT_THAT(ask(node, image(own_image)), IsOk());
  for (const auto &[name, value] : host.calls().at(0).headers) EXPECT_EQ(value.find(pod_token), std::string::npos);
}

TEST_F(GoogleNode, the_nodes_account_may_impersonate_another) {
  expect_metadata(access_token(federated));
  host.expect("POST", iam_url).with_header("Authorization", "Bearer " + federated).reply(200, impersonated(access));
  node["serviceAccount"] = puller;
  const Outcome outcome = ask(node, FakeRequest(own_image));
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome.auth.at(0).password, access);
  host.expect("GET", metadata_url).reply(200, access_token(federated), {{"Metadata-Flavor", "Google"}});
  host.expect("POST", iam_url).reply(403, R"({"error":{"code":403,"status":"PERMISSION_DENIED"}})");
  EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(Code::denied, AllOf(HasSubstr("serviceAccountTokenCreator"),
                                                                              HasSubstr("by the node's account"))));
}

TEST_F(GoogleNode, another_server_at_that_address_is_not_believed) {
  for (const HttpHeaders &headers : {HttpHeaders{}, HttpHeaders{{"Metadata-Flavor", "Amazon"}}}) {
    expect_metadata(access_token(access), headers);
    EXPECT_THAT(ask(node, FakeRequest(own_image)),
                StatusIs(Code::bad_upstream, AllOf(HasSubstr("is not Google's"), HasSubstr("\"169.254.169.254\""))));
  }
  expect_metadata(R"({"metadata-flavor":"Google","access_token":"x","expires_in":5})", {});
  EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(Code::bad_upstream, HasSubstr("is not Google's")));
}

TEST_F(GoogleNode, what_can_fail_is_named) {
  host.expect("GET", metadata_url).takes(std::chrono::seconds(3));
  EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(Code::unavailable, HasSubstr("the node's service account")));
  host.expect("GET", metadata_url).reply(404, "<html>", {{"Metadata-Flavor", "Google"}});
  EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(Code::bad_upstream, HasSubstr("settings.identity")));
  host.expect("GET", metadata_url).reply(404, "not found\n", {{"Metadata-Flavor", "Google"}});
  EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(Code::bad_config, HasSubstr("has no service account")));
  host.expect("GET", metadata_url).reply(403, "", {});
  EXPECT_THAT(ask(node, FakeRequest(own_image)), StatusIs(Code::denied, HasSubstr("gives this node's programs no")));
}

}  // namespace
}  // namespace regcred::test
