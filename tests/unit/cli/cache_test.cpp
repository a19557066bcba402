// SPDX-License-Identifier: Apache-2.0
// `regcred cache`, and what `check` says of the node cache and the memory of throttling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cache/node_cache.hpp"
#include "cache/throttle_memory.hpp"
#include "support/process.hpp"

namespace regcred::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CacheCommand : public ::testing::Test {
 protected:
  [[nodiscard]] std::string cache() const { return directory_.path() + "/cache"; }
  [[nodiscard]] std::string throttle() const { return directory_.path() + "/throttle"; }
  // One entry of backend oidc, with these further lines; and a static one.
  [[nodiscard]] std::string config(const std::string &entry = "cache: { node: serviceAccount }",
                                   const std::string &defaults = "requireTmpfs: false") const {
    return "apiVersion: regcred/v1\nkind: RegistryConfig\ndefaults:\n  throttleDirectory: " + throttle() +
           "\n  nodeCache: { directory: " + cache() + ", " + defaults +
           " }\nregistries:\n- name: a\n  matchImages: [a.example.com]\n  backend: oidc\n  audience: x\n  " + entry +
           "\n  settings: { mode: tokenExchange, username: u, exchangeUrl: 'https://sts.example.com/' }\n";
  }
  ProcessOutput run(std::vector<std::string> arguments, const std::string &config_text) {
    arguments.insert(arguments.begin(), REGCRED_PROGRAM);
    arguments.insert(arguments.end(), {"--config", directory_.write("config.yaml", config_text)});
    return run_process({std::move(arguments), "", {}});
  }
  ProcessOutput run(std::vector<std::string> arguments) { return run(std::move(arguments), config()); }

  // What a request would have stored.
  void store(const std::string &name, const std::string &account, const std::string &image,
             core::CacheKeyType scope = core::CacheKeyType::image, std::int64_t life_seconds = 3600) {
    core::NodeCacheConfig where;
    where.directory = cache();
    where.require_tmpfs = false;
    const auto opened = core::NodeCache::open(where, clock_, core::PrivateDirectory::Missing::make);
    ASSERT_TRUE(opened) << opened.error().what;
    core::CacheEntry entry;
    entry.key = std::to_string(stored_++) + std::string(63, '0');
    entry.created = opened->now();
    entry.usable_seconds = life_seconds - 60;
    entry.life_seconds = life_seconds;
    entry.scope = scope;
    entry.name = name;
    entry.backend = "oidc";
    entry.image = image;
    entry.service_account = account;
    entry.payload = Secret(std::string("s3cret-of-the-registry"));
    ASSERT_EQ(opened->put(entry), 0);
  }
  void remember(const std::string &authority, std::int64_t seconds) {
    core::ThrottleConfig where;
    where.directory = throttle();
    std::optional<core::Error> error;
    const auto memory = core::ThrottleMemory::open(where, clock_, core::PrivateDirectory::Missing::make, error);
    ASSERT_TRUE(memory) << (error ? error->what : "");
    memory->note(authority, seconds, std::string(64, 'c'), 0);
  }
  // "ENTRY ACCOUNT IMAGE" of what is left.
  std::vector<std::string> left() {
    std::vector<std::string> rows;
    const json listed = json::parse(run({"cache", "list", "-o", "json"}).out);
    for (const json &row : listed["entries"]) {
      rows.push_back(row["entry"].get<std::string>() + ' ' +
                     (row["serviceAccount"].is_null() ? "-" : row["serviceAccount"].get<std::string>()) + ' ' +
                     row["image"].get<std::string>());
    }
    return rows;
  }
  // "severity rule" of what `check` says of the cache.
  std::vector<std::string> findings(const std::string &config_text) {
    const ProcessOutput output = run({"check", "-o", "json"}, config_text);
    std::vector<std::string> lines;
    const json report = json::parse(output.out);
    for (const json &item : report["findings"]) {
      const std::string rule = item["rule"];
      if (!rule.starts_with("cache-") && !rule.starts_with("throttle-")) continue;
      lines.push_back(item["severity"].get<std::string>() + ' ' + rule);
      EXPECT_FALSE(item["cure"].get<std::string>().empty()) << item;
    }
    return lines;
  }

  TemporaryDirectory directory_;
  core::SystemClock clock_;
  int stored_ = 0;
};

TEST_F(CacheCommand, nothing_is_kept_and_nothing_is_made) {
  const ProcessOutput output = run({"cache", "list"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "no answers in " + cache() + '\n');
  EXPECT_THAT(run({"cache", "clear", "--all"}).out, AllOf(HasSubstr("removed 0 answers"), HasSubstr("0 hosts")));
  EXPECT_FALSE(std::filesystem::exists(cache()));
  EXPECT_FALSE(std::filesystem::exists(throttle()));
}

TEST_F(CacheCommand, L1_list_shows_for_whom_and_how_long_and_no_secret) {
  store("a", "team/builder", "a.example.com/x/app");
  store("a", "", "a.example.com/x/app", core::CacheKeyType::registry);
  remember("https://sts.example.com:443", 600);
  const ProcessOutput text = run({"cache", "list"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("team/builder"), HasSubstr("a.example.com/x/app"), HasSubstr("KEY"),
                              HasSubstr("THROTTLED"), HasSubstr("https://sts.example.com:443")));
  const ProcessOutput document = run({"cache", "list", "-o", "json"});
  EXPECT_THAT(text.out + document.out, Not(HasSubstr("s3cret")));
  const json listed = json::parse(document.out);
  ASSERT_EQ(listed["entries"].size(), 2U);
  const json &shared = listed["entries"][0]["serviceAccount"].is_null() ? listed["entries"][0] : listed["entries"][1];
  EXPECT_EQ(shared["scope"], "registry");
  EXPECT_EQ(shared["registry"], "a.example.com");
  EXPECT_GT(shared["secondsLeft"], 3590);
  ASSERT_EQ(listed["throttled"].size(), 1U);
  EXPECT_EQ(listed["throttled"][0]["askedSeconds"], 600);
  EXPECT_GE(listed["throttled"][0]["secondsLeft"], 599);
}

TEST_F(CacheCommand, clear_removes_what_all_given_filters_mean) {
  const auto fill = [&] {
    stored_ = 0;
    store("a", "team/builder", "a.example.com/app");
    store("a", "other/builder", "a.example.com/app");
    store("b", "team/builder", "b.example.com:5000/app");
    store("b", "", "b.example.com:5000/app");
  };
  const std::vector<std::pair<std::vector<std::string>, std::size_t>> rows = {
      {{"--entry", "a"}, 2},        {{"--registry", "b.example.com:5000"}, 2},    {{"--registry", "b.example.com"}, 4},
      {{"--namespace", "team"}, 2}, {{"--entry", "a", "--namespace", "team"}, 3}, {{"--all"}, 0},
  };
  for (const auto &[options, expected] : rows) {
    fill();
    ASSERT_EQ(left().size(), 4U);
    std::vector<std::string> arguments = {"cache", "clear"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProcessOutput output = run(arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    EXPECT_THAT(output.out, HasSubstr("removed " + std::to_string(4 - expected) + " answer"));
    EXPECT_THAT(output.out, HasSubstr("the kubelet keeps its own copy of an answer until its cacheDuration is over"));
    EXPECT_EQ(left().size(), expected) << options.front() << ' ' << options.back();
  }
}

TEST_F(CacheCommand, clear_throttle_leaves_the_answers) {
  store("a", "team/builder", "a.example.com/app");
  remember("https://sts.example.com:443", 600);
  EXPECT_THAT(run({"cache", "clear", "--throttle"}).out, HasSubstr("forgot that 1 host asked for no requests"));
  EXPECT_THAT(json::parse(run({"cache", "list", "-o", "json"}).out)["throttled"], IsEmpty());
  EXPECT_EQ(left().size(), 1U);
}

TEST_F(CacheCommand, clear_does_nothing_that_it_is_not_told) {
  store("a", "team/builder", "a.example.com/app");
  for (const std::vector<std::string> &options :
       std::vector<std::vector<std::string>>{{}, {"--entry", ""}, {"--all", "--entry", "a"}}) {
    std::vector<std::string> arguments = {"cache", "clear"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProcessOutput output = run(arguments);
    EXPECT_EQ(output.status, 2) << output.out;
    EXPECT_THAT(output.err, HasSubstr("--all"));
  }
  EXPECT_EQ(left().size(), 1U);
}

TEST_F(CacheCommand, a_directory_that_cannot_be_used_is_named_with_its_cure) {
  store("a", "team/builder", "a.example.com/app");
  ::chmod(cache().c_str(), 0755);
  for (const char *what : {"list", "clear"}) {
    const ProcessOutput output = what == std::string("list") ? run({"cache", what}) : run({"cache", what, "--all"});
    EXPECT_EQ(output.status, 3);
    EXPECT_THAT(output.err, AllOf(HasSubstr(cache()), HasSubstr("rm -r " + cache())));
  }
}

TEST_F(CacheCommand, check_looks_at_the_directories) {
  EXPECT_THAT(findings(config()), ElementsAre("warning cache-on-disk")) << "it is missing yet";
  store("a", "team/builder", "a.example.com/app");
  EXPECT_THAT(findings(config()), ElementsAre("warning cache-on-disk"));
  EXPECT_THAT(findings(config("cache: { node: token }", "requireTmpfs: true")), ElementsAre("error cache-directory"));
  EXPECT_THAT(findings(config("cache: { maxDuration: 1h }")), IsEmpty()) << "no entry uses it";
  for (const mode_t mode : {0755U, 0710U, 0770U, 01777U}) {
    ::chmod(cache().c_str(), mode);
    EXPECT_THAT(findings(config()), ElementsAre("error cache-directory")) << std::oct << mode;
  }
  ::chmod(cache().c_str(), 0700);
  ASSERT_EQ(::chown(cache().c_str(), 65534, 65534), 0);
  EXPECT_THAT(findings(config()), ElementsAre("error cache-directory"));
  std::filesystem::remove_all(cache());
  std::filesystem::create_directory_symlink(directory_.path(), cache());
  EXPECT_THAT(findings(config()), ElementsAre("error cache-directory"));
}

TEST_F(CacheCommand, check_finds_a_tmpfs_good) {
  std::string memory = "/dev/shm/regcred-cache-XXXXXX";
  ASSERT_NE(::mkdtemp(memory.data()), nullptr);
  std::string text = config("cache: { node: token }", "requireTmpfs: true");
  text.replace(text.find(cache()), cache().size(), memory + "/cache");
  EXPECT_THAT(findings(text), IsEmpty()) << "missing";
  std::filesystem::create_directory(memory + "/cache");
  ::chmod((memory + "/cache").c_str(), 0700);
  EXPECT_THAT(findings(text), IsEmpty());
  std::filesystem::remove_all(memory);
}

TEST_F(CacheCommand, check_looks_at_the_memory_of_throttling) {
  remember("https://sts.example.com:443", 600);
  EXPECT_THAT(findings(config("cache: {}")), IsEmpty());
  ::chmod(throttle().c_str(), 0777);
  EXPECT_THAT(findings(config("cache: {}")), ElementsAre("warning throttle-directory"));
}

TEST_F(CacheCommand, check_names_entries_whose_answers_are_never_kept) {
  EXPECT_THAT(findings(config("cache: { node: token, maxDuration: 0s }")), Contains("note cache-no-effect"));
  std::string passes = config("cache: { node: token }");
  const std::string settings = "{ mode: tokenExchange, username: u, exchangeUrl: 'https://sts.example.com/' }";
  passes.replace(passes.find(settings), settings.size(),
                 "{ mode: passThrough, username: u, registryHosts: [a.example.com] }");
  EXPECT_THAT(findings(passes), Contains("note cache-no-effect"));
  const std::string fixed = config("cache: { node: serviceAccount }");
  std::string of_files = fixed.substr(0, fixed.find("  backend:")) +
                         "  backend: static\n  cache: { node: token }\n  settings: { username: u, passwordFile: " +
                         directory_.write("password", "x") + " }\n";
  EXPECT_THAT(findings(of_files), Contains("note cache-no-effect"));
  EXPECT_THAT(findings(fixed), Not(Contains("note cache-no-effect")));
}

}  // namespace
}  // namespace regcred::testing
