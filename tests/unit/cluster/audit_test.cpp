// SPDX-License-Identifier: Apache-2.0
// Who gives the credentials for an image: one row per pod, account and provider.
#include "cluster/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/provider_config.hpp"
#include "config/drop_in_keys.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

RegistryEntry entry(const std::string &name, const std::string &pattern, const std::string &audience = "aud",
                    const std::string &backend = "tokens") {
  RegistryEntry entry;
  entry.name = name;
  entry.match_images = {pattern};
  entry.audience = audience;
  entry.backend = backend;
  return entry;
}

SurveyedBackend backend(const std::string &name, TokenUse use, const std::string &schema = "{}") {
  SurveyedBackend backend;
  backend.name = name;
  backend.token_use = use;
  backend.settings_schema = schema;
  return backend;
}

// A provider whose calls have a token, but for those of pods without a service account.
KubeletProvider provider(const std::string &name, const std::string &pattern, const std::string &audience = "aud") {
  KubeletProvider provider;
  provider.name.text = name;
  provider.match_images = {{pattern, ""}};
  provider.sends_token = !audience.empty();
  provider.audience.text = audience;
  provider.cache_type.text = "ServiceAccount";
  provider.require_service_account = true;
  return provider;
}

class Audit : public ::testing::Test {
 protected:
  Audit() {
    config.registries = {entry("a", "reg.io"), entry("s", "static.io", "", "passwords"),
                         entry("p", "pass.io", "aud", "passThrough"), entry("gone", "gone.io", "aud", "missing")};
    backends = {backend("tokens", TokenUse::required), backend("passwords", TokenUse::never),
                backend("passThrough", TokenUse::required, R"({"x-regcred-tokenIsPassword": true})")};
    providers = {provider("regcred", "reg.io"), provider("regcred-no-token", "static.io", "")};
    workloads.accounts[{"n", "default"}] = {};
  }

  // The one row of one pod.
  AuditRow row(const std::string &image, PodIdentity who) {
    workloads.uses = {{std::move(who), {{image, {1, "pod"}}}}};
    const auto rows = audit_workloads(workloads, {config, backends, providers, open, drop_in});
    EXPECT_EQ(rows.size(), 1U);
    return rows.at(0);
  }

  const PodIdentity pod{"n", "default", false, {}};
  const PodIdentity pod_with_secret{"n", "default", false, {"pull"}};
  const PodIdentity static_pod{"n", "", true, {}};
  Config config;
  std::vector<SurveyedBackend> backends;
  std::vector<KubeletProvider> providers;
  std::vector<std::string> open;
  bool drop_in = false;
  Workloads workloads;
};

TEST_F(Audit, regcred_answers_with_a_token_or_without) {
  const AuditRow with = row("reg.io/x", pod);
  EXPECT_EQ(with.result, AuditResult::served);
  EXPECT_EQ(with.provider, "regcred");
  EXPECT_EQ(with.entry->name, "a");
  EXPECT_TRUE(with.token && with.calls_regcred);
  EXPECT_EQ(with.reason, "");
  const AuditRow without = row("static.io/x", pod);
  EXPECT_EQ(without.result, AuditResult::served);
  EXPECT_EQ(without.provider, "regcred-no-token");
  EXPECT_FALSE(without.token);
  EXPECT_EQ(row("static.io/x", static_pod).result, AuditResult::served);
}

TEST_F(Audit, a_pull_secret_is_tried_before_what_regcred_answers) {
  workloads.accounts[{"n", "default"}].pull_secrets = {"pull"};
  const AuditRow shadowed = row("reg.io/x", pod_with_secret);
  EXPECT_EQ(shadowed.result, AuditResult::shadowed);
  EXPECT_EQ(shadowed.entry->name, "a");
  EXPECT_TRUE(shadowed.secrets_of_account);
  EXPECT_FALSE(row("reg.io/x", {"n", "default", false, {"another"}}).secrets_of_account);
  EXPECT_EQ(row("elsewhere.io/x", pod_with_secret).result, AuditResult::secret);
  // What its account has counts only once it has been copied into a pod.
  EXPECT_EQ(row("elsewhere.io/x", pod).result, AuditResult::unserved);
}

TEST_F(Audit, a_provider_is_not_called_for_every_pod) {
  providers.push_back(provider("regcred-opt-in", "opt.io"));
  providers.back().required_annotations = {"acme.io/pull"};
  config.registries.push_back(entry("opt", "opt.io"));
  const std::tuple<const char *, PodIdentity, const char *> table[] = {
      {"reg.io/x", static_pod, R"(provider "regcred" is not called for pods without a service account)"},
      {"reg.io/x", {"n", "deleted", false, {}}, "the service account does not exist"},
      {"opt.io/x", pod, R"(the service account lacks annotation "acme.io/pull")"},
      {"elsewhere.io/x", pod, "no provider is called, and no registry entry matches"},
      {"reg.io:5000/x", pod, "no provider is called, and no registry entry matches"},
      {"pass.io/x", pod, R"(has a pattern for it; entry "p" would answer)"},
      {"Not A Name", pod, "the kubelet refuses it"}};
  for (const auto &[image, who, why] : table) {
    const AuditRow found = row(image, who);
    EXPECT_EQ(found.result, AuditResult::unserved) << image;
    EXPECT_FALSE(found.calls_regcred) << image;
    EXPECT_EQ(found.entry, nullptr) << image;
    EXPECT_THAT(found.reason, HasSubstr(why));
  }
  providers.front().require_service_account = false;  // called, but without what the entry needs
  EXPECT_THAT(row("reg.io/x", static_pod).reason, HasSubstr("needs a token"));
}

TEST_F(Audit, a_call_that_fails_serves_nobody) {
  providers = {provider("regcred", "*.io", "other"), provider("regcred-no-token", "static.io", "")};
  const std::pair<const char *, const char *> table[] = {
      {"reg.io/x", R"(entry "a" takes tokens for "aud", not for "other")"},
      {"unknown.io/x", "no registry entry matches"},
      {"gone.io/x", R"(entry "gone" has a backend that cannot be used; see: regcred backends)"}};
  for (const auto &[image, why] : table) {
    const AuditRow found = row(image, pod);
    EXPECT_EQ(found.result, AuditResult::unserved) << image;
    EXPECT_TRUE(found.calls_regcred) << image;
    EXPECT_THAT(found.reason, HasSubstr(why));
    EXPECT_EQ(row(image, pod_with_secret).result, AuditResult::secret) << image;
  }
  providers.push_back(provider("regcred-aud", "reg.io"));  // the failed call does not keep the kubelet from the next
  EXPECT_EQ(row("reg.io/x", pod).provider, "regcred-aud");
  providers = {provider("regcred", "reg.io", "")};
  EXPECT_THAT(row("reg.io/x", pod).reason, HasSubstr("needs a token, which the call does not have"));
  providers = {provider("regcred", "pass.io")};
  EXPECT_THAT(row("pass.io/x", pod).reason, HasSubstr("cacheType Token only"));
  providers.front().cache_type.text = "Token";
  EXPECT_EQ(row("pass.io/x", pod).result, AuditResult::served);
}

TEST_F(Audit, other_programs_and_drop_in_mode) {
  providers = {provider("ecr-credential-provider", "*.io", ""), provider("regcred", "reg.io")};
  EXPECT_EQ(row("elsewhere.io/x", pod).result, AuditResult::other);
  EXPECT_EQ(row("elsewhere.io/x", pod_with_secret).provider, "ecr-credential-provider");
  EXPECT_EQ(row("reg.io/x", pod).result, AuditResult::served);
  const AuditRow failed = row("reg.io/x", static_pod);
  EXPECT_EQ(failed.result, AuditResult::other);
  EXPECT_THAT(failed.reason, HasSubstr("without a service account"));

  providers = {provider(std::string(drop_in_program_name), "reg.io")};
  EXPECT_EQ(row("reg.io/x", pod).result, AuditResult::other);
  drop_in = true;
  EXPECT_EQ(row("reg.io/x", pod).result, AuditResult::served);
}

TEST_F(Audit, images_that_need_no_credentials) {
  open = {"elsewhere.io/x", "reg.io"};
  EXPECT_EQ(row("elsewhere.io/x", pod).result, AuditResult::open);
  EXPECT_EQ(row("elsewhere.io/x", pod_with_secret).result, AuditResult::open);
  EXPECT_EQ(row("elsewhere.io/y", pod).result, AuditResult::unserved);
  EXPECT_EQ(row("reg.io/x", pod).result, AuditResult::served);
}

TEST_F(Audit, the_annotations_that_a_call_has) {
  providers.front().optional_annotations = {"k/a", "k/b"};
  providers.front().required_annotations = {"k/c"};
  workloads.accounts[{"n", "default"}].annotations = {{"k/a", "1"}, {"k/c", "2"}, {"k/d", "3"}};
  EXPECT_THAT(row("reg.io/x", pod).annotations, UnorderedElementsAre(Pair("k/a", "1"), Pair("k/c", "2")));
  EXPECT_THAT(row("static.io/x", pod).annotations, IsEmpty());
  EXPECT_THAT(annotation_keys_of(providers), UnorderedElementsAre("k/a", "k/b", "k/c"));
}

TEST_F(Audit, rows_are_sorted_by_result_image_and_account) {
  workloads.accounts[{"m", "z"}] = {};
  workloads.uses = {{pod, {{"reg.io/b", {2, ""}}, {"reg.io/a", {1, ""}}, {"x.io/x", {1, ""}}}},
                    {{"m", "z", false, {}}, {{"reg.io/b", {1, ""}}}}};
  std::string order;
  for (const AuditRow &row : audit_workloads(workloads, {config, backends, providers, open, drop_in})) {
    order += row.image + ' ' + row.who->name_space + ' ' + std::to_string(row.use->pods) + '\n';
  }
  EXPECT_EQ(order, "x.io/x n 1\nreg.io/a n 1\nreg.io/b m 1\nreg.io/b n 2\n");
}

TEST_F(Audit, the_plan_of_generate_serves_every_entry_that_it_has) {
  providers = planned_kubelet_providers(plan_providers(config, backends, newest_known_kubernetes));
  for (const char *image : {"reg.io/x", "static.io/x", "pass.io/x"}) {
    EXPECT_EQ(row(image, pod).result, AuditResult::served) << image;
  }
  EXPECT_EQ(row("gone.io/x", pod).result, AuditResult::unserved);
}

}  // namespace
}  // namespace regcred::core
