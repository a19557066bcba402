// SPDX-License-Identifier: Apache-2.0
// Which settings Google's backend takes and refuses; create() and the schema agree.
#include "backends/google/fixture.hpp"

namespace regcred::test {
namespace {

using nlohmann::json;

TEST_F(Google, create_takes_and_refuses_settings_as_its_schema_does) {
  expect_settings({
      {with(), nullptr},
      {{{"audience", gke}}, nullptr},
      {{{"audience",
         "identitynamespace:example.com:acme.svc.id.goog:https://gkehub.googleapis.com/projects/a/locations/global/"
         "memberships/m"}},
       nullptr},
      {{{"audience", "//iam.s3nsapis.fr/projects/1/locations/global/workloadIdentityPools/p/providers/q"}}, nullptr},
      {with({{"serviceAccount", "1-compute@developer.gserviceaccount.com"}}), nullptr},
      {with({{"allowedServiceAccounts", {puller}}}), nullptr},
      {with({{"registryHosts", {"*.s3nsregistry.fr"}},
             {"stsEndpoint", "https://a.b"},
             {"iamEndpoint", "https://a.b:1"}}),
       nullptr},
      {{{"identity", "node"}}, nullptr},
      {with({{"identity", "token"}}), nullptr},
      {{{"identity", "node"}, {"serviceAccount", puller}}, nullptr},
      {with({{"identity", "node"}}), "settings.audience: has no effect with identity: node", true},
      {{{"identity", "node"}, {"stsEndpoint", "https://a.b"}}, "settings.stsEndpoint: has no effect", true},
      {with({{"identity", "pod"}}), "settings.identity: \"pod\" is not an identity"},
      {json::object(), "settings.audience: is missing", true},
      {{{"audience", ""}}, "settings.audience"},
      {{{"audience", "//iam.googleapis.com/projects/acme/locations/global/workloadIdentityPools/p/providers/q"}},
       "settings.audience: \"acme\" is not a project number"},
      {{{"audience", "projects/1/locations/global/workloadIdentityPools/p/providers/q"}},
       "is not what Google's STS takes"},
      {{{"audience", "https:" + std::string(pool)}}, "is not what Google's STS takes"},
      {{{"audience", std::string(pool) + "/x"}}, "settings.audience"},
      {{{"audience", "identitynamespace:acme.svc.id.goog:"}}, "settings.audience"},
      {{{"audience", "identitynamespace:acme.svc.id.goog:https://" + std::string(500, 'a')}}, "settings.audience"},
      {{{"audience", 1}}, "settings.audience: must be a string"},
      {with({{"serviceAccount", "puller"}}), "settings.serviceAccount: \"puller\" is not the email address"},
      {with({{"serviceAccount", "a/b@c.d"}}), "settings.serviceAccount"},
      {with({{"serviceAccount", "a@c..d"}}), "settings.serviceAccount", true},
      {with({{"serviceAccount", "a@b"}}), "settings.serviceAccount"},
      {with({{"serviceAccount", "@c.d"}}), "settings.serviceAccount"},
      {with({{"allowedServiceAccounts", {puller, "*@acme.iam.gserviceaccount.com"}}}),
       "settings.allowedServiceAccounts"},
      {with({{"allowedServiceAccounts", std::vector<std::string>(1025, puller)}}), "more than 1024"},
      {with({{"stsEndpoint", "sts.googleapis.com"}}), "settings.stsEndpoint"},
      {with({{"iamEndpoint", "https://a.b/v1"}}), "settings.iamEndpoint"},
      {with({{"registryHosts", {"https://a.b"}}}), "settings.registryHosts"},
      {with({{"audiences", "x"}}), "settings.audiences: unknown setting"},
      {json::array(), "settings must be a mapping"},
  });
  expect_schema_names_all(with());
}

}  // namespace
}  // namespace regcred::test
