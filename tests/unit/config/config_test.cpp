// SPDX-License-Identifier: Apache-2.0
// load_config: which files are read, how they are joined, and what the environment may say.
#include "config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "common/limits.hpp"
#include "support/process.hpp"
#include "unit/config/fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string head = "apiVersion: regcred/v1\nkind: RegistryConfig\n";

std::string with_entries(const std::vector<std::string> &names) {
  std::string text = head + "registries:\n";
  for (const std::string &name : names) text += "- {name: " + name + ", matchImages: [reg.io], backend: static}\n";
  return text;
}

class ConfigTest : public ::testing::Test {
 protected:
  std::string write(const std::string &name, const std::string &text, unsigned mode = 0600) {
    return directory_.write(name, text, mode);
  }
  [[nodiscard]] std::string at(const std::string &name) const { return directory_.path() + "/" + name; }

  // The default root is etc/ below the temporary directory.
  Result<Config> load(const std::optional<std::string> &path = {}, const Variables &variables = {},
                      const std::string &program = "regcred") {
    const Environment environment(variables);
    return load_config({path, program, environment, at("etc"), at("provider.yaml")});
  }

  static std::vector<std::string> names(const Result<Config> &config) {
    EXPECT_TRUE(config) << refusal(config);
    std::vector<std::string> all;
    if (!config) return all;
    for (const RegistryEntry &entry : config->registries) all.push_back(entry.name);
    return all;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(ConfigTest, the_default_file) {
  const std::string file = write("etc/config.yaml", with_entries({"a", "b"}));
  const Result<Config> config = load();
  EXPECT_THAT(names(config), ElementsAre("a", "b"));
  EXPECT_EQ(config->origin, file);
  EXPECT_EQ(config->registries[1].origin, file + ":5:3");
}

TEST_F(ConfigTest, the_default_file_comes_before_its_directory_in_byte_order) {
  write("etc/config.d/20-b.yaml", with_entries({"twenty"}));
  write("etc/config.d/10-a.yaml", with_entries({"ten"}));
  write("etc/config.d/a.yaml", with_entries({"lower"}));
  write("etc/config.d/Z.yaml", with_entries({"upper"}));
  write("etc/config.d/9.yaml", with_entries({"nine"}));
  for (const char *ignored : {".hidden.yaml", "x.yml", "x.yaml.bak", "x.json", "yaml"}) {
    write(std::string("etc/config.d/") + ignored, "not: read");
  }
  EXPECT_THAT(names(load()), ElementsAre("ten", "twenty", "nine", "upper", "lower"));
  write("etc/config.yaml", with_entries({"first"}));
  const Result<Config> config = load();
  EXPECT_THAT(names(config), ElementsAre("first", "ten", "twenty", "nine", "upper", "lower"));
  EXPECT_EQ(config->origin, at("etc/config.yaml") + " and 5 more");
}

TEST_F(ConfigTest, a_named_file_or_directory_replaces_the_default_ones) {
  write("etc/config.yaml", with_entries({"default"}));
  const std::string file = write("own.conf", with_entries({"own"}));
  write("own.d/b.yaml", with_entries({"b"}));
  write("own.d/a.yaml", with_entries({"a"}));
  EXPECT_THAT(names(load(file)), ElementsAre("own"));
  EXPECT_THAT(names(load(at("own.d"))), ElementsAre("a", "b"));
}

TEST_F(ConfigTest, defaults_may_stand_in_any_one_file) {
  write("etc/config.yaml", with_entries({"a"}));
  write("etc/config.d/1.yaml", head + "defaults: {deadline: 20s, logLevel: info}\n");
  write("etc/config.d/2.yaml", with_entries({"b"}));
  const Result<Config> config = load();
  EXPECT_THAT(names(config), ElementsAre("a", "b"));
  EXPECT_EQ(config->deadline, std::chrono::seconds{20});
  EXPECT_EQ(config->log_level, "info");

  write("etc/config.d/2.yaml", head + "defaults: {deadline: 20s}\n");
  EXPECT_EQ(refusal(load()), at("etc/config.d/2.yaml") + ":3:11: `defaults` stands in " + at("etc/config.d/1.yaml") +
                                 ":3:11 too; keep it in one file");
}

TEST_F(ConfigTest, each_name_stands_once_in_all_files) {
  write("etc/config.yaml", with_entries({"a", "b", "a"}));
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.yaml") + ":6:3: the name \"a\" is that of the entry at " +
                                          at("etc/config.yaml") + ":4:3 too"));
  write("etc/config.yaml", with_entries({"a", "b"}));
  write("etc/config.d/1.yaml", with_entries({"c", "b"}));
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.d/1.yaml") + ":5:3: the name \"b\" is that of the entry at " +
                                          at("etc/config.yaml") + ":5:3 too"));
}

TEST_F(ConfigTest, nothing_to_read) {
  EXPECT_THAT(refusal(load()), AllOf(StartsWith(at("etc/config.yaml") + ": there is no configuration"),
                                     HasSubstr("CLOUDSMITH_ORG_SLUG")));
  EXPECT_THAT(refusal(load(at("none.yaml"))), StartsWith(at("none.yaml") + ": no such file"));
  write("empty.d/x.txt", "");
  EXPECT_THAT(refusal(load(at("empty.d"))), StartsWith(at("empty.d") + ": no *.yaml in this directory"));
  write("etc/config.yaml", "");
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.yaml") + ":1:1: the file is empty"));
  write("etc/config.yaml", head);
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.yaml") + ": no registry entries"));
}

TEST_F(ConfigTest, the_first_finding_names_file_line_and_column) {
  write("etc/config.yaml", with_entries({"a"}));
  const std::string file = write("etc/config.d/1.yaml", with_entries({"b", "C"}));
  EXPECT_THAT(refusal(load()), StartsWith(file + ":5:10: registries[1].name is \"C\""));
  write("etc/config.d/1.yaml", "a: [");
  EXPECT_THAT(refusal(load()), StartsWith(file + ":1:1: not valid YAML"));
}

TEST_F(ConfigTest, a_file_that_links_to_itself_is_named) {
  write("etc/config.d/1.yaml", with_entries({"a"}));
  std::filesystem::create_symlink("2.yaml", at("etc/config.d/2.yaml"));
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.d/2.yaml") + ": its symlinks lead in a circle"));
}

TEST_F(ConfigTest, refuses_bytes_that_are_no_text_and_files_that_are_too_long) {
  write("etc/config.yaml", head + "# \xff\n");
  EXPECT_EQ(refusal(load()), at("etc/config.yaml") + ": not UTF-8 text; save it as UTF-8");
  write("etc/config.yaml", std::string(limits::config_file_bytes_max + 1, '\n'));
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.yaml") + ": "));
}

TEST_F(ConfigTest, refuses_too_many_files) {
  for (std::size_t i = 0; i <= limits::config_files_max; ++i) write("etc/config.d/" + std::to_string(i) + ".yaml", "x");
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.d") + ": more than 256 files"));
}

TEST_F(ConfigTest, F1_a_file_that_others_can_write_is_refused) {
  for (const unsigned mode : {0660U, 0606U, 0666U, 0622U}) {
    write("etc/config.yaml", with_entries({"a"}), mode);
    EXPECT_THAT(refusal(load()), AllOf(StartsWith(at("etc/config.yaml") + ": is writable by"), HasSubstr("chmod go-w")))
        << mode;
  }
  for (const unsigned mode : {0600U, 0400U, 0644U, 0755U}) {
    write("etc/config.yaml", with_entries({"a"}), mode);
    EXPECT_THAT(names(load()), ElementsAre("a")) << mode;
  }
  write("etc/config.d/1.yaml", with_entries({"b"}), 0664);
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.d/1.yaml") + ": is writable by its group"));
}

TEST_F(ConfigTest, F1_only_a_regular_file_counts) {
  write("etc/config.yaml/x", "");
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.yaml") + ": is a directory"));
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);
  EXPECT_THAT(refusal(load(at("fifo"))), StartsWith(at("fifo") + ": is a FIFO"));
}

TEST_F(ConfigTest, F2_a_directory_on_the_way_that_others_can_write_is_refused) {
  write("open/inner/config.yaml", with_entries({"a"}));
  ASSERT_EQ(::chmod(at("open").c_str(), 0777), 0);
  EXPECT_THAT(refusal(load(at("open/inner/config.yaml"))),
              HasSubstr("its directory " + at("open") + " is writable by"));
  EXPECT_THAT(refusal(load(at("open/inner"))), HasSubstr("is writable by everyone"));
  ASSERT_EQ(::chmod(at("open").c_str(), 0755), 0);
  EXPECT_THAT(names(load(at("open/inner/config.yaml"))), ElementsAre("a"));
}

TEST_F(ConfigTest, F2_an_open_directory_of_files_is_refused_even_when_its_files_are_not) {
  write("etc/config.d/1.yaml", with_entries({"a"}));
  ASSERT_EQ(::chmod(at("etc/config.d").c_str(), 0775), 0);
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.d") + ": is writable by its group"));
  ASSERT_EQ(::chmod(at("etc/config.d").c_str(), 01777), 0);  // others may add a file
  EXPECT_THAT(refusal(load()), StartsWith(at("etc/config.d") + ": is writable by everyone"));
}

TEST_F(ConfigTest, the_environment_has_no_say_but_in_the_proxy) {
  const Variables variables = {{"CLOUDSMITH_ORG_SLUG", "other"},
                               {"CLOUDSMITH_API_HOST", "evil.example.com"},
                               {"CLOUDSMITH_API_PROXY", "evil.example.com:1"},
                               {"CLOUDSMITH_LOG_LEVEL", "debug"},
                               {"CLOUDSMITH_HTTP_TIMEOUT", "1s"},
                               {"SSL_CERT_FILE", "/evil.pem"},
                               {"SSL_CERT_DIR", "/evil"},
                               {"CURL_CA_BUNDLE", "/evil.pem"},
                               {"HTTP_PROXY", "evil.example.com:1"},
                               {"ALL_PROXY", "evil.example.com:1"},
                               {"HTTPS_PROXY", "http://proxy:3128"},
                               {"NO_PROXY", ".local"}};
  write("etc/config.yaml", with_entries({"a"}));
  const Result<Config> config = load({}, variables);
  EXPECT_THAT(names(config), ElementsAre("a"));
  EXPECT_EQ(config->registries[0].settings_json, "{}");
  EXPECT_EQ(config->log_level, "off");
  EXPECT_EQ(config->http.system_ca_file, "");
  EXPECT_EQ(config->http.system_ca_directories, "");
  EXPECT_THAT(config->http.ca_files, IsEmpty());
  EXPECT_EQ(config->http.attempt_ms_max, HttpConfig{}.attempt_ms_max);
  EXPECT_EQ(config->http.proxy.url, "http://proxy:3128");
  EXPECT_EQ(config->http.proxy.no_proxy, ".local");
}

TEST_F(ConfigTest, H8_the_proxy_is_the_environments_only_when_the_file_says_so) {
  struct Case {
    std::string proxy;
    std::string url;
    std::string no_proxy;
  };
  const Case table[] = {
      {"environment", "http://proxy:3128", ".local"}, {"none", "", ""}, {"http://own:1", "http://own:1", ""}};
  for (const auto &[proxy, url, no_proxy] : table) {
    write("etc/config.yaml", with_entries({"a"}) + "defaults: {proxy: \"" + proxy + "\"}\n");
    const Result<Config> config = load({}, {{"HTTPS_PROXY", "http://proxy:3128"}, {"NO_PROXY", ".local"}});
    ASSERT_TRUE(config) << refusal(config);
    EXPECT_EQ(config->http.proxy.url, url) << proxy;
    EXPECT_EQ(config->http.proxy.no_proxy, no_proxy) << proxy;
  }
  EXPECT_TRUE(load({}, {{"HTTPS_PROXY", "socks5://x"}})) << "not looked at";
  write("etc/config.yaml", with_entries({"a"}));
  EXPECT_THAT(refusal(load({}, {{"HTTPS_PROXY", "socks5://x"}})), StartsWith("environment: HTTPS_PROXY: "));
}

TEST_F(ConfigTest, the_program_name_decides_for_drop_in_mode) {
  const std::string drop_in = "cloudsmith-kubernetes-credential-provider";
  write("etc/config.yaml", with_entries({"a"}));
  const std::string file = write("own.yaml", "org_slug: acme\n");
  EXPECT_THAT(names(load(file, {}, drop_in)), ElementsAre("cloudsmith"));
  EXPECT_THAT(names(load({}, {}, drop_in)), ElementsAre("cloudsmith"));
  EXPECT_THAT(refusal(load(file)),
              HasSubstr("start regcred by a link called cloudsmith-kubernetes-credential-provider"));
  EXPECT_THAT(refusal(load(at("etc/config.yaml"), {}, drop_in)),
              HasSubstr("the file is regcred's own configuration, expected a configuration of cloudsmith-"));
  EXPECT_THAT(names(load({}, {}, drop_in + "-x")), ElementsAre("a"));
}

TEST_F(ConfigTest, without_any_file_a_variable_of_the_existing_provider_decides_for_drop_in_mode) {
  const Variables variables = {{"CLOUDSMITH_ORG_SLUG", "acme"}};
  const Result<Config> config = load({}, variables);
  EXPECT_THAT(names(config), ElementsAre("cloudsmith"));
  EXPECT_EQ(config->origin, "environment (drop-in mode)");
  EXPECT_FALSE(load({}, {{"CLOUDSMITH_ORG_SLUG", ""}})) << "set to nothing";
  EXPECT_FALSE(load({}, {{"HTTPS_PROXY", "proxy:1"}}));
  EXPECT_FALSE(load(at("none.yaml"), variables)) << "a named file must be there";
  write("etc/config.d/1.yaml", with_entries({"a"}));
  EXPECT_THAT(names(load({}, variables)), ElementsAre("a")) << "a file comes first";
}

}  // namespace
}  // namespace regcred::core
