// SPDX-License-Identifier: Apache-2.0
// The pure parts of `regcred generate`: versions, quoted text, and which providers a configuration needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/cluster_objects.hpp"
#include "cluster/kubernetes_version.hpp"
#include "cluster/provider_plan.hpp"
#include "cluster/provider_writer.hpp"
#include "cluster/token_need.hpp"
#include "cluster/yaml_text.hpp"
#include "common/kubernetes_names.hpp"
#include "config/yaml_tree.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(KubernetesVersion, as_people_and_distributions_write_it) {
  const std::pair<const char *, int> table[] = {{"1.34", 34},
                                                {"v1.34", 34},
                                                {"v1.34.4", 34},
                                                {"1.26.0", 26},
                                                {"v1.34.4+k3s1", 34},
                                                {"1.40", 40},
                                                {"v1.33.5-eks-113cf36", 33}};
  for (const auto &[text, minor] : table) {
    const auto version = parse_kubernetes_version(text);
    ASSERT_TRUE(version) << text;
    EXPECT_EQ(version->minor, minor) << text;
  }
  for (const char *text : {"", "1", "34", "2.34", "1.25", "1.034", "1.34.", "1.34.x", "1.34 ", "latest", "1.9999"}) {
    EXPECT_FALSE(parse_kubernetes_version(text)) << text;
  }
  EXPECT_EQ(to_text(KubernetesVersion{34}), "1.34");
}

TEST(YamlText, nothing_in_it_can_become_yaml) {
  for (const std::string &text :
       {std::string("plain"), std::string("a: b"), std::string("\"\\'#{}[]"), std::string("line\nbreak\r\t"),
        std::string("\xc3\xa4 \xe2\x80\xa8"), std::string("\xf0\x9f\x90\xb3"), std::string("null"), std::string("")}) {
    const auto tree = parse_yaml("key: " + yaml_quoted(text) + "\n", "f");
    if (text.find_first_of("\n\r") != std::string::npos) continue;  // our own reader refuses control characters
    ASSERT_TRUE(tree) << tree.error().what;
    EXPECT_EQ(tree->items[1].text, text);
  }
  EXPECT_EQ(yaml_quoted("a\nb\xff"), R"("a\x0ab\ufffd")");
  EXPECT_EQ(yaml_comment("one two\nthree", 2, 12), "  # one\n  # two\\nthree");
}

SurveyedBackend backend(const std::string &name, TokenUse use, std::vector<std::string> keys = {},
                        std::string schema = "{}") {
  SurveyedBackend surveyed;
  surveyed.name = name;
  surveyed.token_use = use;
  surveyed.annotation_keys = std::move(keys);
  surveyed.settings_schema = std::move(schema);
  return surveyed;
}

RegistryEntry entry(const std::string &name, const std::string &uses, const std::string &audience,
                    const std::string &image) {
  RegistryEntry made;
  made.name = name;
  made.backend = uses;
  made.audience = audience;
  made.match_images = {image};
  return made;
}

class Plan : public ::testing::Test {
 protected:
  ProviderPlan plan(int minor = 34) { return plan_providers(config_, backends_, KubernetesVersion{minor}); }
  static std::vector<std::string> names(const ProviderPlan &plan) {
    std::vector<std::string> all;
    for (const PlannedProvider &provider : plan.providers) all.push_back(provider.name);
    return all;
  }

  Config config_;
  std::vector<SurveyedBackend> backends_ = {
      backend("exchange", TokenUse::required, {"x.io/key"}), backend("password", TokenUse::never),
      backend("passes", TokenUse::required, {}, R"({"x-regcred-tokenIsPassword": true})")};
};

TEST_F(Plan, one_provider_for_each_audience_and_one_without_a_token) {
  config_.registries = {entry("a", "exchange", "first", "a.io"), entry("b", "password", "", "b.io"),
                        entry("c", "exchange", "https://second.example.com/x", "c.io"),
                        entry("d", "exchange", "first", "d.io")};
  const ProviderPlan made = plan();
  EXPECT_THAT(names(made), ElementsAre("regcred", "regcred-no-token", "regcred-second-example-com-x"));
  EXPECT_EQ(made.providers[0].patterns.size(), 2U);
  EXPECT_EQ(made.providers[0].token->audience, "first");
  EXPECT_THAT(made.providers[0].token->annotation_keys, ElementsAre("x.io/key"));
  EXPECT_FALSE(made.providers[1].token);
  EXPECT_TRUE(made.left_out.empty());
}

TEST_F(Plan, names_differ_even_when_audiences_look_alike) {
  config_.registries = {entry("a", "exchange", "x", "a.io"), entry("b", "exchange", "a.b", "b.io"),
                        entry("c", "exchange", "a/b", "c.io"), entry("d", "exchange", "\n\n", "d.io")};
  const std::vector<std::string> made = names(plan());
  EXPECT_EQ(std::set<std::string>(made.begin(), made.end()).size(), 4U);
  for (const std::string &name : made) EXPECT_TRUE(is_dns_label(name)) << name;
}

TEST_F(Plan, the_pods_own_token_is_kept_per_token) {
  config_.registries = {entry("a", "passes", "same", "a.io"), entry("b", "exchange", "same", "b.io")};
  const ProviderPlan made = plan();
  ASSERT_EQ(made.providers.size(), 2U);
  EXPECT_EQ(made.providers[0].token->cache_type, CacheType::token);
  EXPECT_EQ(made.providers[1].token->cache_type, CacheType::service_account);
}

TEST_F(Plan, what_cannot_be_served_is_left_out_by_name) {
  config_.registries = {entry("old", "exchange", "x", "a.io"), entry("ok", "password", "", "b.io")};
  const ProviderPlan before = plan(32);
  EXPECT_THAT(names(before), ElementsAre("regcred"));
  ASSERT_EQ(before.left_out.size(), 1U);
  EXPECT_THAT(left_out_error(before)->where + left_out_error(before)->what, HasSubstr("old"));

  config_.registries = {entry("nameless", "exchange", "", "a.io"), entry("missing", "nope", "x", "b.io")};
  EXPECT_EQ(plan().left_out.size(), 2U);
  EXPECT_TRUE(plan().providers.empty());
}

TEST_F(Plan, an_entry_without_audience_gets_what_its_backend_expects) {
  config_.registries = {entry("a", "exchange", "", "a.io"), entry("b", "exchange", "own", "b.io"),
                        entry("c", "password", "", "c.io"), entry("d", "exchange", "", "d.io")};
  config_.registries[0].origin = "config.yaml:4:5";
  const ProviderPlan made =
      plan_providers(config_, backends_, KubernetesVersion{34}, {}, {"sts.amazonaws.com", "not-this", "nor-this", ""});
  EXPECT_THAT(names(made), ElementsAre("regcred", "regcred-own", "regcred-no-token"));
  EXPECT_EQ(made.providers[0].token->audience, "sts.amazonaws.com");
  EXPECT_EQ(made.providers[1].token->audience, "own");
  ASSERT_EQ(made.assumed.size(), 1U);
  EXPECT_EQ(made.left_out.size(), 1U);
  const std::string file = write_provider_config(made, KubernetesVersion{34}, "config.yaml", {});
  EXPECT_THAT(file, HasSubstr("# - a: \"sts.amazonaws.com\"; set `audience` at config.yaml:4:5"));
  EXPECT_THAT(file, HasSubstr("serviceAccountTokenAudience: \"sts.amazonaws.com\""));
}

TEST_F(Plan, optional_tokens_do_not_shut_out_static_pods) {
  config_.registries = {entry("a", "exchange", "x", "a.io")};
  config_.registries[0].service_account_token = TokenUse::optional;
  EXPECT_FALSE(plan().providers[0].token->require_service_account);
  EXPECT_FALSE(plan(30).providers[0].token) << "without tokens it is asked all the same";
}

TEST_F(Plan, an_entry_that_gets_no_token_for_lack_of_an_audience_is_named) {
  config_.registries = {entry("a", "exchange", "", "a.io"), entry("b", "password", "", "b.io")};
  config_.registries[0].service_account_token = TokenUse::optional;
  const ProviderPlan made = plan();
  ASSERT_EQ(made.without_audience.size(), 1U);
  EXPECT_THAT(write_provider_config(made, {34}, "f", {}),
              HasSubstr("# - a: it may use a token, but has no `audience`"));
  EXPECT_TRUE(plan(30).without_audience.empty()) << "no audience would help";
  config_.registries[0].service_account_token = TokenUse::never;
  EXPECT_TRUE(plan().without_audience.empty());
}

TEST_F(Plan, hostile_texts_stay_texts_in_what_is_written) {
  const std::string evil = "x\"\nproviders: [] #";
  config_.registries = {entry("a", "exchange", evil, "*.io")};
  config_.registries[0].annotations = {{"k\"]\nx: y"}};
  const ProviderPlan made = plan();
  const std::string written = write_provider_config(made, {34}, "/etc/x\nkind: Evil", {{"--config", "/a\"\nb"}, {}});
  const auto tree = parse_yaml(written, "f");
  ASSERT_TRUE(tree) << tree.error().where << tree.error().what << written;
  EXPECT_EQ(tree->items.size(), 6U);  // apiVersion, kind, providers
  const auto rbac = write_rbac(made, "/etc/x\nkind: Evil", std::nullopt);
  ASSERT_TRUE(rbac);
  EXPECT_THAT(*rbac, Not(HasSubstr("\nkind: Evil")));
  EXPECT_THAT(*rbac, Not(HasSubstr("\nproviders")));
}

TEST_F(Plan, rbac_is_for_the_audiences_and_nothing_else) {
  config_.registries = {entry("a", "exchange", "first", "a.io"), entry("b", "exchange", "second", "b.io"),
                        entry("c", "exchange", "first", "c.io")};
  const auto rbac = write_rbac(plan(), "f", std::nullopt);
  ASSERT_TRUE(rbac);
  EXPECT_THAT(*rbac, HasSubstr("    resources:\n      - \"first\"\n      - \"second\"\n"));
  EXPECT_THAT(*rbac, HasSubstr("kind: ClusterRoleBinding"));
  EXPECT_THAT(*write_rbac(plan(), "f", "team"), HasSubstr("kind: RoleBinding\nmetadata:\n  name: regcred-audiences\n"
                                                          "  namespace: \"team\"\n"));
  EXPECT_FALSE(write_rbac(plan(), "f", "Not A Name"));
  config_.registries = {entry("a", "exchange", "*", "a.io")};
  EXPECT_FALSE(write_rbac(plan(), "f", std::nullopt)) << "the audience * would be every audience";
  config_.registries = {entry("a", "password", "", "a.io")};
  EXPECT_FALSE(write_rbac(plan(), "f", std::nullopt));
}

TEST_F(Plan, a_service_account_has_annotations_that_are_read) {
  config_.registries = {entry("a", "exchange", "x", "a.io")};
  const auto written = write_service_account(plan(), {"builder", "team", {{"x.io/key", "a\"b"}}});
  ASSERT_TRUE(written);
  EXPECT_THAT(*written, HasSubstr("\"x.io/key\": \"a\\\"b\"\n"));
  const auto slip = write_service_account(plan(), {"builder", "team", {{"x.io/kee", "v"}}});
  ASSERT_FALSE(slip);
  EXPECT_EQ(slip.error().cure, "did you mean x.io/key?");
  EXPECT_FALSE(write_service_account(plan(), {"Builder", "team", {}}));
  EXPECT_FALSE(write_service_account(plan(), {"builder", "team", {{"x.io/key", "1"}, {"x.io/key", "2"}}}));
}

TEST(TokenNeed, a_branch_counts_when_its_values_are_in_use) {
  const auto passes = [](const std::string &schema, const std::string &settings) {
    RegistryEntry made;
    made.settings_json = settings;
    return passes_token_through(made, backend("x", TokenUse::required, {}, schema));
  };
  const std::string branches = R"({"oneOf": [{"properties": {"mode": {"enum": ["pass"]}},
      "x-regcred-tokenIsPassword": true}, {"properties": {"mode": {"const": "exchange"}}}]})";
  EXPECT_TRUE(passes(branches, R"({"mode": "pass"})"));
  EXPECT_FALSE(passes(branches, R"({"mode": "exchange"})"));
  EXPECT_TRUE(passes(R"({"x-regcred-tokenIsPassword": true})", "{}"));
  EXPECT_FALSE(passes(R"({"x-regcred-tokenIsPassword": "yes"})", "{}"));
  EXPECT_FALSE(passes("no json", "{}"));
}

}  // namespace
}  // namespace regcred::core
