// SPDX-License-Identifier: Apache-2.0
// `regcred check` over our own configuration, as an operator runs it: one row per rule.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace regcred::testing {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Check : public ::testing::Test {
 protected:
  ProcessOutput run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {REGCRED_PROGRAM, "check"});
    return run_process({std::move(arguments), "", {}});
  }
  ProcessOutput check(const std::string &config, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--config", directory_.write("config.yaml", config)});
    return run(std::move(more));
  }
  // "LINE:COLUMN severity rule" of each finding. What a backend says of settings that it takes, and of registries that
  // it does not serve, has tests of its own.
  std::vector<std::string> findings(const std::string &config) {
    const ProcessOutput output = check(config, {"-o", "json"});
    const json report = json::parse(output.out, nullptr, false);
    EXPECT_TRUE(report.is_object()) << output.out << output.err;
    std::vector<std::string> lines;
    for (const json &item : report["findings"]) {
      if (item["rule"] == "settings-note" || item["rule"] == "registry-unserved") continue;
      lines.push_back(std::to_string(item["line"].get<int>()) + ':' + std::to_string(item["column"].get<int>()) + ' ' +
                      item["severity"].get<std::string>() + ' ' + item["rule"].get<std::string>());
      EXPECT_FALSE(item["what"].get<std::string>().empty());
      EXPECT_FALSE(item["cure"].get<std::string>().empty() && item["rule"] != "settings") << item;
    }
    const bool failed = output.status == 3;
    EXPECT_EQ(failed, report["errors"].get<int>() > 0) << output.out;
    return lines;
  }

  TemporaryDirectory directory_;
};

std::string entries(const std::string &text) { return "apiVersion: regcred/v1\nkind: RegistryConfig\n" + text; }
// The patterns stand at line 5, column 19 and after.
std::string patterns(const std::string &list) {
  return entries("registries:\n  - name: a\n    matchImages: [" + list +
                 "]\n    backend: cloudsmith\n    audience: x\n");
}
// The settings stand at line 7, column 15.
std::string settings(const std::string &backend, const std::string &text) {
  return entries("registries:\n  - name: a\n    matchImages: [reg.io]\n    audience: x\n    backend: " + backend +
                 "\n    settings: " + text + "\n");
}

TEST_F(Check, a_sound_configuration) {
  const ProcessOutput output =
      check(patterns("docker.cloudsmith.io") + "    settings: { orgSlug: acme, allowedOrgs: [acme] }\n");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("1 entry in "));
  EXPECT_THAT(output.out, HasSubstr("backend         cloudsmith 0."));
  EXPECT_THAT(output.out, HasSubstr("found           nothing\n"));
  EXPECT_EQ(output.err, "");
}

TEST_F(Check, every_finding_of_a_file_and_not_only_the_first) {
  EXPECT_THAT(
      findings(entries("registriez: []\nregistries:\n  - name: A\n    matchImages: [\"a b\"]\n    backend: x\n")),
      ElementsAre("3:1 error config-schema", "5:11 error config-schema", "6:19 error config-schema"));
  EXPECT_THAT(findings("a: ["), ElementsAre("1:1 error config-file"));
}

TEST_F(Check, one_pattern) {
  const std::pair<const char *, const char *> table[] = {
      {"\"reg.io/*\"", "5:19 error pattern-path-glob"},
      {"\"https://reg.io\"", "5:19 error pattern-scheme"},
      {"reg.io, \"index.docker.io\"", "5:27 error pattern-docker-hub"},
      {"\"reg.io/app:1.2\"", "5:19 error pattern-tag"},
      {"\"*\"", "5:19 warning pattern-catch-all"},
      {"Reg.io", "5:19 warning pattern-upper-case"},
      {"\"*.dkr.ecr.cn-north-1.amazonaws.com\"", "5:19 error pattern-ecr-china"},
      {"reg.io/team", "5:19 note pattern-prefix"},
      {"reg.io, reg.io", "5:27 warning pattern-repeated"},
      {"reg.io/team/, \"*.io\"", "5:19 note pattern-repeated"},
  };
  for (const auto &[list, finding] : table) EXPECT_THAT(findings(patterns(list)), ElementsAre(finding)) << list;
}

TEST_F(Check, entries_side_by_side) {
  const auto two = [](const std::string &first, const std::string &second) {
    return entries("registries:\n  - { name: a, backend: cloudsmith, audience: x, matchImages: [" + first +
                   "] }\n  - { name: b, backend: cloudsmith, audience: x, matchImages: [" + second + "] }\n");
  };
  EXPECT_THAT(findings(two("\"*.reg.io\"", "a.reg.io, b.reg.io")), ElementsAre("5:13 warning entry-shadowed"));
  EXPECT_THAT(findings(two("\"*.reg.io\"", "a.reg.io, reg.io")), ElementsAre("5:64 warning pattern-shadowed"));
  EXPECT_THAT(findings(two("a.reg.io", "\"*.reg.io\"")), ElementsAre("5:64 note entries-overlap"));
  EXPECT_THAT(findings(two("reg.io", "\"reg.io:5000\"")), ElementsAre("5:64 note port-differs"));
  EXPECT_THAT(findings(two("reg.io/a/", "reg.io/b/")), IsEmpty());
}

TEST_F(Check, the_backend_and_its_settings) {
  EXPECT_THAT(findings(settings("nope", "{}")), ElementsAre("7:14 error backend-unusable"));
  EXPECT_THAT(findings(settings("cloudsmith", "{ orgslug: acme }")), ElementsAre("8:17 error settings"));
  EXPECT_THAT(findings(settings("cloudsmith", "{ orgSlug: \"a b\" }")), ElementsAre("8:26 error settings"));
  EXPECT_THAT(findings(settings("cloudsmith", "{ orgSlug: \"a b\", headers: { x: 1 } }")),
              ElementsAre("8:26 error settings", "8:47 error settings"));
  EXPECT_THAT(findings(settings("oidc", "{ mode: passThrough }")), ElementsAre("8:15 error settings"));
  const ProcessOutput output = check(settings("cloudsmith", "{ orgslug: acme }"));
  EXPECT_THAT(output.out, HasSubstr("config.yaml:8:17: error: "));
  EXPECT_THAT(output.out, HasSubstr("orgSlug"));
  EXPECT_THAT(output.out, HasSubstr("[settings]\n"));
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.err, HasSubstr("1 error"));
}

TEST_F(Check, F5_a_backend_with_another_hash_than_the_pinned_one) {
  const std::string pinned = std::string(64, 'a');
  EXPECT_THAT(findings(settings("cloudsmith", "{}\n    backendSha256: " + pinned)),
              ElementsAre("9:20 error backend-pinned"));
}

TEST_F(Check, what_the_backend_gets_of_the_pod) {
  const auto entry = [](const std::string &more) {
    return entries("registries:\n  - name: a\n    matchImages: [reg.io]\n    backend: cloudsmith\n" + more);
  };
  EXPECT_THAT(findings(entry("")), ElementsAre("6:14 warning audience-missing"));
  EXPECT_THAT(findings(entry("    serviceAccountToken: never\n")), ElementsAre("7:26 error token-withheld"));
  EXPECT_THAT(findings(entry("    audience: x\n    annotations: [cloudsmith.io/org-slug, cloudsmith.io/slug]\n")),
              ElementsAre("8:43 warning annotation-unread"));
}

TEST_F(Check, annotations_that_the_settings_name_must_be_passed_on) {
  const auto ecr = [](const std::string &more) {
    return entries(
        "registries:\n  - name: a\n    matchImages: [public.ecr.aws]\n    backend: ecr\n    audience: "
        "sts.amazonaws.com\n"
        "    settings:\n      roleArn: arn:aws:iam::123456789012:role/a\n      roleAnnotations: [example.com/role]\n" +
        more);
  };
  EXPECT_THAT(findings(ecr("")), ElementsAre("10:25 warning annotation-withheld"));
  EXPECT_THAT(findings(ecr("    annotations: [example.com/role]\n")), ElementsAre());
  EXPECT_THAT(findings(ecr("    annotations: [example.com/role, example.com/rule]\n")),
              ElementsAre("11:37 warning annotation-unread"));
}

TEST_F(Check, the_audience_that_the_other_side_expects) {
  const auto entry = [](const std::string &backend, const std::string &images, const std::string &audience,
                        const std::string &own) {
    return entries("registries:\n  - name: a\n    matchImages: [" + images + "]\n    backend: " + backend +
                   (audience.empty() ? "" : "\n    audience: " + audience) + "\n    settings: { " + own + " }\n");
  };
  const std::string ecr = "roleArn: \"arn:aws:iam::123456789012:role/a\"";
  const std::string ecr_images = "\"*.dkr.ecr.*.amazonaws.com\", public.ecr.aws";
  const std::string acr = "clientId: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, tenantId: acme.example.com";
  const std::string both_clouds = "acmeprod.azurecr.io, acmeprod.azurecr.cn";
  EXPECT_THAT(findings(entry("ecr", ecr_images, "sts.amazonaws.com", ecr)), IsEmpty());
  EXPECT_THAT(findings(entry("ecr", ecr_images, "cloudsmith", ecr)), ElementsAre("7:15 warning audience-unexpected"));
  EXPECT_THAT(findings(entry("ecr", ecr_images, "", ecr)), ElementsAre("6:14 warning audience-missing"));
  EXPECT_THAT(findings(entry("ecr", ecr_images, "", "identity: node")), ElementsAre("6:14 warning audience-missing"));
  EXPECT_THAT(findings(entry("harbor", "reg.io", "https://reg.io", "")), IsEmpty());
  EXPECT_THAT(findings(entry("harbor", "reg.io", "harbor", "")), ElementsAre("7:15 warning audience-unexpected"));
  EXPECT_THAT(findings(entry("acr", both_clouds, "\"api://AzureADTokenExchange\"", acr)),
              ElementsAre("7:15 warning audience-unexpected"))
      << "one token has one audience, and the clouds want two";

  const std::string unexpected = check(entry("ecr", ecr_images, "cloudsmith", ecr)).out;
  EXPECT_THAT(unexpected, HasSubstr("expects the audience \"sts.amazonaws.com\", and refuses \"cloudsmith\""));
  EXPECT_THAT(unexpected, HasSubstr("see that \"cloudsmith\" is in the client IDs (audiences) of the IAM OIDC"));
  EXPECT_THAT(check(entry("ecr", ecr_images, "", ecr)).out,
              HasSubstr("write audience: sts.amazonaws.com, which the backend ecr expects"));
  EXPECT_THAT(check(entry("acr", both_clouds, "", acr)).out,
              HasSubstr("write audience: with the kubelet's serviceAccountTokenAudience"));
}

TEST_F(Check, a_backend_says_what_may_surprise_about_settings_that_it_takes) {
  const auto notes = [this](const std::string &text) {
    const ProcessOutput output = check(settings("cloudsmith", text));
    return output.out.find("[settings-note]") == std::string::npos ? "" : output.out;
  };
  EXPECT_THAT(notes("{ registryHosts: [reg.io], orgSlug: acme }"),
              HasSubstr("8:15: note: the backend says: annotations may name another organisation than orgSlug; limit "
                        "them by allowedOrgs [settings-note]"));
  EXPECT_THAT(notes("{ registryHosts: [reg.io] }"), HasSubstr("a credential per image; set orgSlug"));
  EXPECT_EQ(notes("{ registryHosts: [reg.io], orgSlug: acme, allowedOrgs: [acme] }"), "");
}

TEST_F(Check, strict_fails_on_warnings_and_never_on_notes) {
  const std::string warning = patterns("docker.cloudsmith.io, docker.cloudsmith.io");
  EXPECT_EQ(check(warning).status, 0);
  EXPECT_EQ(check(warning, {"--strict"}).status, 3);
  EXPECT_EQ(check(patterns("docker.cloudsmith.io/team"), {"--strict"}).status, 0);
}

TEST_F(Check, F1_trust_of_files_on_this_machine) {
  const std::string config = entries("defaults: { caFile: " + directory_.path() + "/ca.pem, backendDirectories: [" +
                                     directory_.path() + "/backends], metricsFile: " + directory_.path() +
                                     "/m/regcred.prom }\nregistries:\n  - { name: a, backend: cloudsmith, audience: x, "
                                     "matchImages: [reg.io] }\n");
  EXPECT_THAT(findings(config),
              ElementsAre("0:0 error ca-file", "0:0 error backend-directory", "0:0 error metrics-file"));
  std::filesystem::create_directory(directory_.path() + "/m");
  directory_.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
  std::filesystem::create_directory(directory_.path() + "/backends");
  EXPECT_THAT(findings(config), IsEmpty());
  ASSERT_EQ(::chmod((directory_.path() + "/ca.pem").c_str(), 0666), 0);
  ASSERT_EQ(::chmod((directory_.path() + "/backends").c_str(), 0777), 0);
  EXPECT_THAT(findings(config), ElementsAre("0:0 error ca-file", "0:0 error backend-directory"));
  EXPECT_THAT(check(config).out, HasSubstr("chmod"));
}

TEST_F(Check, F2_a_sticky_directory_of_metrics_is_an_error) {
  directory_.write("m/file", "");
  ASSERT_EQ(::chmod((directory_.path() + "/m").c_str(), 01777), 0);
  EXPECT_THAT(findings(entries("defaults: { metricsFile: " + directory_.path() +
                               "/m/regcred.prom }\nregistries:\n  - { name: a, backend: cloudsmith, audience: x, "
                               "matchImages: [reg.io] }\n")),
              ElementsAre("0:0 error metrics-file"));
}

TEST_F(Check, F2_a_spool_that_is_absent_or_open_to_others_is_a_warning) {
  const std::string config = entries("defaults: { eventSpool: " + directory_.path() +
                                     "/s }\nregistries:\n  - { name: a, backend: cloudsmith, audience: x, "
                                     "matchImages: [reg.io] }\n");
  EXPECT_THAT(findings(config), ElementsAre("0:0 warning event-spool"));
  directory_.write("s/file", "");
  EXPECT_THAT(findings(config), IsEmpty());
  ASSERT_EQ(::chmod((directory_.path() + "/s").c_str(), 01777), 0);
  EXPECT_THAT(findings(config), ElementsAre("0:0 warning event-spool"));
}

TEST_F(Check, a_directory_of_files_keeps_their_places) {
  const std::string entry =
      "  - { name: NAME, backend: cloudsmith, audience: x, matchImages: [NAME.io/*],\n"
      "      settings: { registryHosts: [NAME.io], orgSlug: acme, allowedOrgs: [acme] } }\n";
  const auto named = [&](std::string name) {
    std::string text = entry;
    for (std::size_t at = text.find("NAME"); at != std::string::npos; at = text.find("NAME")) text.replace(at, 4, name);
    return entries("registries:\n" + text);
  };
  directory_.write("1.yaml", named("a"));
  directory_.write("2.yaml", named("b"));
  const ProcessOutput output = run({"--config", directory_.path(), "-o", "json"});
  const json report = json::parse(output.out);
  ASSERT_EQ(report["findings"].size(), 2U) << output.out;
  EXPECT_EQ(report["findings"][1]["file"], directory_.path() + "/2.yaml");
  EXPECT_EQ(report["files"].size(), 2U);
  EXPECT_EQ(report["entries"], 2);
}

TEST_F(Check, drop_in_mode_and_no_configuration_at_all) {
  const auto with = [](std::vector<std::pair<std::string, std::string>> environment, const std::string &program) {
    return run_process({{program, "check"}, "", std::move(environment)});
  };
  const std::string link = directory_.path() + "/cloudsmith-kubernetes-credential-provider";
  std::filesystem::create_symlink(REGCRED_PROGRAM, link);
  const ProcessOutput drop_in = with({{"CLOUDSMITH_ORG_SLUG", "acme"}, {"CLOUDSMITH_SERVICE_SLUG", "s"}}, link);
  EXPECT_EQ(drop_in.status, 0) << drop_in.out << drop_in.err;
  EXPECT_THAT(drop_in.out, HasSubstr("(drop-in mode)"));
  EXPECT_THAT(drop_in.out, Not(HasSubstr("pattern-")));
  EXPECT_EQ(with({{"CLOUDSMITH_HTTP_TIMEOUT", "never"}}, link).status, 3);
}

TEST_F(Check, a_pipe_gets_no_colour) { EXPECT_EQ(check(patterns("\"*\"")).out.find('\x1b'), std::string::npos); }

TEST_F(Check, L2_hostile_text_is_shown_escaped) {
  const ProcessOutput output = check(patterns("\"reg.io/\\e[2J*\""));
  EXPECT_EQ(output.out.find('\x1b'), std::string::npos) << output.out;
}

}  // namespace
}  // namespace regcred::testing
