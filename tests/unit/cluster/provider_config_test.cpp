// SPDX-License-Identifier: Apache-2.0
// What a kubelet of a version says about a CredentialProviderConfig: one row per rule, and the problems that people
// had.
#include "cluster/provider_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/process.hpp"

namespace regcred::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "LINE:COLUMN rule", with "?" for a warning and "." for a note.
std::string shown(const Finding &finding, const std::string &path) {
  std::string place = finding.where.starts_with(path + ':') ? finding.where.substr(path.size() + 1) : "file";
  const char *const mark = finding.severity == Severity::error ? "" : finding.severity == Severity::warning ? "?" : ".";
  EXPECT_FALSE(finding.what.empty());
  EXPECT_FALSE(finding.cure.empty()) << finding.what;
  return place + ' ' + finding.rule + mark;
}

class ProviderConfigFile : public ::testing::Test {
 protected:
  std::vector<std::string> findings(const std::string &text, int minor = 34) {
    const std::string path = directory_.write("kubelet.yaml", text);
    std::vector<Finding> found;
    config_ = read_provider_config(path, KubernetesVersion{minor}, found);
    std::vector<std::string> lines;
    for (const Finding &finding : found) lines.push_back(shown(finding, path));
    text_ = found.empty() ? "" : found.front().what + "; " + found.front().cure;
    return lines;
  }

  regcred::testing::TemporaryDirectory directory_;
  ProviderConfig config_;
  std::string text_;  // of the first finding
};

constexpr const char *head = "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n";
// The provider stands at line 4.
std::string provider(const std::string &more, const std::string &images = "reg.io") {
  return std::string(head) +
         "  - name: regcred\n    apiVersion: credentialprovider.kubelet.k8s.io/v1\n    matchImages: [" + images +
         "]\n    defaultCacheDuration: 10m\n" + more;
}
// tokenAttributes stand at line 8, `more` at line 11.
std::string token(const std::string &more) {
  return provider("    tokenAttributes:\n      serviceAccountTokenAudience: a\n      requireServiceAccount: true\n" +
                  more);
}
const std::string cache = "      cacheType: ServiceAccount\n";

TEST_F(ProviderConfigFile, a_sound_one) {
  EXPECT_THAT(findings(token(cache + "      requiredServiceAccountAnnotationKeys: [a.io/b]\n"
                                     "      optionalServiceAccountAnnotationKeys: [a.io/c, d]\n")),
              IsEmpty());
  ASSERT_EQ(config_.providers.size(), 1U);
  const KubeletProvider &read = config_.providers[0];
  EXPECT_EQ(read.name.text, "regcred");
  EXPECT_EQ(read.match_images[0].text, "reg.io");
  EXPECT_TRUE(read.sends_token);
  EXPECT_EQ(read.audience.text, "a");
  EXPECT_EQ(read.cache_type.text, "ServiceAccount");
  EXPECT_TRUE(read.require_service_account);
  EXPECT_THAT(read.required_annotations, ElementsAre("a.io/b"));
  EXPECT_THAT(read.optional_annotations, ElementsAre("a.io/c", "d"));
  EXPECT_THAT(findings(R"({"kind": "CredentialProviderConfig", "apiVersion": "kubelet.config.k8s.io/v1", "providers": [
    {"name": "regcred", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "matchImages": ["reg.io"],
     "defaultCacheDuration": "0s", "args": ["--config", "x"], "env": [{"name": "A", "value": "b"}]}]})"),
              IsEmpty());
}

// The kubelet skips what is itself a directory, and reads whatever a symlink leads to.
TEST_F(ProviderConfigFile, a_file_of_a_directory_that_cannot_be_read_is_named) {
  directory_.write("d/a.yaml", provider(""));
  std::filesystem::create_directory(directory_.path() + "/d/skipped.yaml");
  for (const auto &[target, what] :
       {std::pair("loop.yaml", "Too many levels of symbolic links"), std::pair("skipped.yaml", "Is a directory"),
        std::pair("nowhere", "No such file or directory")}) {
    const std::string link = directory_.path() + "/d/loop.yaml";
    std::filesystem::remove(link);
    std::filesystem::create_symlink(target, link);
    std::vector<Finding> found;
    EXPECT_EQ(read_provider_config(directory_.path() + "/d", KubernetesVersion{34}, found).providers.size(), 1U);
    ASSERT_EQ(found.size(), 1U) << target;
    EXPECT_EQ(found[0].rule, "kubelet-file");
    EXPECT_EQ(found[0].where, link);
    EXPECT_THAT(found[0].what, HasSubstr(what));
  }
}

TEST_F(ProviderConfigFile, a_directory_that_cannot_be_read_is_not_said_to_be_empty) {
  directory_.write("d/a.yaml", provider(""));
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(directory_.path() + "/d", std::filesystem::perms(0700));
  std::vector<Finding> found;
  ASSERT_EQ(::seteuid(65534), 0);
  const auto config = read_provider_config(directory_.path() + "/d", KubernetesVersion{34}, found);
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "kubelet-directory");
  EXPECT_THAT(found[0].what, HasSubstr("cannot be read: Permission denied"));
}

TEST_F(ProviderConfigFile, cache_type_is_required_from_1_34_on_and_unknown_before) {
  EXPECT_THAT(findings(token("")), ElementsAre("9:7 cache-type-missing"));
  EXPECT_THAT(text_, HasSubstr("write cacheType: ServiceAccount"));
  EXPECT_THAT(findings(token(""), 33), ElementsAre("9:7 token-version?"));
  EXPECT_THAT(findings(token(cache), 33), ElementsAre("9:7 token-version?", "11:18 cache-type-unknown"));
  EXPECT_THAT(findings(token("      cacheType: Pod\n")), ElementsAre("11:18 cache-type"));
  EXPECT_THAT(findings(token("      cacheType: \"\"\n")), ElementsAre("11:18 cache-type-missing"));
  EXPECT_THAT(findings(token(cache), 32), ElementsAre("9:7 token-version"));
  EXPECT_THAT(findings(token(cache), 40), IsEmpty());
}

TEST_F(ProviderConfigFile, versions_that_do_not_go_together) {
  const auto with = [](std::string text, const std::string &from, const std::string &to) {
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string sound = token(cache);
  EXPECT_THAT(findings(with(sound, "config.k8s.io/v1", "config.k8s.io/v1beta1")), ElementsAre("9:7 token-version"));
  EXPECT_THAT(findings(with(sound, "kubelet.k8s.io/v1", "kubelet.k8s.io/v1beta1")), ElementsAre("5:17 token-version"));
  EXPECT_THAT(findings(with(sound, "kubelet.config.k8s.io/v1", "v1")),
              ElementsAre("1:13 kubelet-api-version", "9:7 token-version"));
  EXPECT_THAT(findings(with(provider(""), "credentialprovider.kubelet.k8s.io/v1", "v1")),
              ElementsAre("5:17 provider-api-version"));
  EXPECT_THAT(findings(with(provider(""), "    apiVersion: credentialprovider.kubelet.k8s.io/v1\n", "")),
              ElementsAre("4:5 provider-api-version"));
  EXPECT_THAT(findings(with(provider(""), "kind: CredentialProviderConfig", "kind: Config")),
              ElementsAre("2:7 kubelet-kind"));
}

TEST_F(ProviderConfigFile, names_are_files_and_stand_once) {
  const auto named = [](const std::string &name) {
    std::string text = provider("");
    return text.replace(text.find("regcred"), 7, name);
  };
  for (const char *name : {"bin/regcred", "\"reg cred\"", "\".\"", "..", "\"\""}) {
    EXPECT_THAT(findings(named(name)), ElementsAre("4:11 provider-name")) << name;
  }
  EXPECT_THAT(findings(named("docker-credential-ecr-login")), ElementsAre("4:11 credential-helper?"));
  const std::string item = provider("").substr(std::string(head).size());
  EXPECT_THAT(findings(head + item + item), ElementsAre("8:11 provider-name-repeated"));
}

TEST_F(ProviderConfigFile, what_each_provider_needs) {
  const std::string sound = provider("");
  const auto without = [&](const std::string &line) { return std::string(sound).erase(sound.find(line), line.size()); };
  const auto duration = [&](const std::string &value) {
    return without("    defaultCacheDuration: 10m\n") + "    defaultCacheDuration: " + value + "\n";
  };
  EXPECT_THAT(findings(without("    defaultCacheDuration: 10m\n")), ElementsAre("4:5 provider-cache-duration"));
  EXPECT_THAT(findings(duration("-5m")), ElementsAre("7:27 provider-cache-duration"));
  EXPECT_THAT(findings(duration("1d")), ElementsAre("7:27 provider-cache-duration"));
  EXPECT_THAT(findings(duration("60")), ElementsAre("7:27 kubelet-field"));
  EXPECT_THAT(findings(provider("", "")), ElementsAre("6:18 provider-match-images"));
  EXPECT_THAT(findings(without("    matchImages: [reg.io]\n")), ElementsAre("4:5 provider-match-images"));
  EXPECT_THAT(findings(std::string(head) + "  []\n"), ElementsAre("4:3 no-providers"));
  EXPECT_THAT(findings(provider("    tokenAttributes: {}\n")),
              ElementsAre("8:22 token-audience", "8:22 token-require-service-account", "8:22 cache-type-missing"));
}

TEST_F(ProviderConfigFile, patterns_that_match_nothing_or_stop_the_kubelet) {
  const std::pair<const char *, const char *> table[] = {
      {"\"%invalid%\"", "6:19 provider-match-images"},
      {"\"reg.io:*\"", "6:19 provider-match-images"},
      {"\"https://reg.io\"", "6:19 pattern-scheme"},
      {"\"reg.io/*\"", "6:19 pattern-path-glob"},
      {"index.docker.io", "6:19 pattern-docker-hub"},
      {"\"*\"", "6:19 pattern-catch-all?"},
      {"Reg.io", "6:19 pattern-upper-case?"},
      {"\"reg.io/a:1\"", "6:19 pattern-tag"},
      {"\"*.dkr.ecr.cn-north-1.amazonaws.com\"", "6:19 pattern-ecr-china"}};
  for (const auto &[images, finding] : table) {
    EXPECT_THAT(findings(provider("", images)), ElementsAre(finding)) << images;
  }
}

TEST_F(ProviderConfigFile, annotation_keys) {
  const auto keys = [](const std::string &required, const std::string &optional) {
    return token(cache + "      requiredServiceAccountAnnotationKeys: [" + required +
                 "]\n      optionalServiceAccountAnnotationKeys: [" + optional + "]\n");
  };
  EXPECT_THAT(findings(keys("a.io/b", "a.io/b")), ElementsAre("13:46 annotation-key"));
  EXPECT_THAT(findings(keys("a, a", "")), ElementsAre("12:49 annotation-key"));
  EXPECT_THAT(findings(keys("\"a/b/c\"", "\"-a\"")), ElementsAre("12:46 annotation-key", "13:46 annotation-key"));
  std::string optional_account = keys("a.io/b", "");
  optional_account.replace(optional_account.find("true"), 4, "false");
  EXPECT_THAT(findings(optional_account), ElementsAre("12:45 annotation-required"));
}

TEST_F(ProviderConfigFile, fields_by_their_exact_names_and_types) {
  EXPECT_THAT(findings(provider("    matchimages: [x.io]\n")), ElementsAre("8:5 kubelet-field"));
  EXPECT_THAT(text_, HasSubstr("did you mean matchImages?"));
  EXPECT_THAT(findings(provider("    timeout: 10s\n"), 31), ElementsAre("8:5 kubelet-field?"));
  EXPECT_THAT(findings(provider("    args: --config\n")), ElementsAre("8:11 kubelet-field"));
  EXPECT_THAT(findings(provider("    args: [1]\n")), ElementsAre("8:12 kubelet-field"));
  EXPECT_THAT(findings(provider("    env: [{ name: A, valueFrom: x }]\n")), ElementsAre("8:22 kubelet-field"));
  std::string quoted = token(cache);
  quoted.replace(quoted.find("true"), 4, "\"true\"");
  EXPECT_THAT(findings(quoted), ElementsAre("10:30 kubelet-field"));
  EXPECT_THAT(findings("[]"), ElementsAre("1:1 kubelet-field"));
  EXPECT_THAT(findings("a: ["), ElementsAre("1:1 kubelet-file"));
}

TEST_F(ProviderConfigFile, secrets_in_the_environment) {
  EXPECT_THAT(findings(provider("    env: [{ name: REGISTRY_PASSWORD, value: x }]\n")),
              ElementsAre("8:45 env-secret?"));
  EXPECT_THAT(findings(provider("    env: [{ name: PASSWORD_FILE, value: /x }]\n")), IsEmpty());
  EXPECT_THAT(findings(provider("    env: [{ name: CLOUDSMITH_ORG_SLUG, value: x }]\n")), IsEmpty());
}

TEST_F(ProviderConfigFile, a_directory_of_files) {
  const std::string sound = provider("");
  std::string other = sound;
  other.replace(other.find("regcred"), 7, "regcred-b");
  directory_.write("d/b.yml", other);
  directory_.write("d/a.yaml", sound);
  directory_.write("d/ignored.txt", "x");
  std::filesystem::create_directory(directory_.path() + "/d/sub.yaml");
  const auto read = [&](int minor) {
    std::vector<Finding> found;
    config_ = read_provider_config(directory_.path() + "/d", KubernetesVersion{minor}, found);
    std::vector<std::string> rules;
    for (const Finding &finding : found) rules.push_back(finding.rule);
    return rules;
  };
  EXPECT_THAT(read(34), IsEmpty());
  ASSERT_EQ(config_.providers.size(), 2U);
  EXPECT_EQ(config_.providers[1].name.text, "regcred-b");
  EXPECT_THAT(read(33), ElementsAre("kubelet-directory"));
  directory_.write("d/c.json", sound);
  EXPECT_THAT(read(34), ElementsAre("provider-name-repeated"));
}

TEST_F(ProviderConfigFile, what_cannot_be_read) {
  std::vector<Finding> found;
  EXPECT_TRUE(read_provider_config(directory_.path() + "/none", newest_known_kubernetes, found).files.empty());
  std::filesystem::create_directory(directory_.path() + "/empty");
  EXPECT_TRUE(read_provider_config(directory_.path() + "/empty", newest_known_kubernetes, found).files.empty());
  directory_.write("big.yaml", std::string(3U << 20U, '#'));
  static_cast<void>(read_provider_config(directory_.path() + "/big.yaml", newest_known_kubernetes, found));
  std::vector<std::string> rules;
  for (const Finding &finding : found) rules.push_back(finding.rule);
  EXPECT_THAT(rules, ElementsAre("kubelet-file", "kubelet-directory", "kubelet-file"));
}

TEST_F(ProviderConfigFile, H5_a_fifo_does_not_block) {
  const std::string path = directory_.path() + "/fifo.yaml";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::vector<Finding> found;
  static_cast<void>(read_provider_config(path, newest_known_kubernetes, found));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].what, HasSubstr("nothing"));
}

}  // namespace
}  // namespace regcred::core
