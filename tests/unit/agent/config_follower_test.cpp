// SPDX-License-Identifier: Apache-2.0
#include "agent/config_follower.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/process.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ConfigFollowerTest : public ::testing::Test {
 protected:
  ConfigFollowerTest() {
    for (const char *name : {"/volume", "/secrets", "/node"}) fs::create_directory(directory_.path() + name);
  }
  [[nodiscard]] std::string at(const std::string &name) const { return directory_.path() + "/node/" + name; }
  [[nodiscard]] std::string on_node(const std::string &name) const {
    std::ifstream file(at(name));
    return file ? std::string(std::istreambuf_iterator<char>(file), {}) : "(none)";
  }
  // Takes everything but what holds "bad"; notes which files it saw.
  Status judge(const std::string &stage) {
    std::string seen;
    Status verdict;
    for (const auto &entry : fs::directory_iterator(stage)) {
      std::ifstream file(entry.path());
      const std::string text(std::istreambuf_iterator<char>(file), {});
      seen += entry.path().filename().string() + '=' + text + ' ';
      if (text == "bad") verdict = fail(ErrorCode::config, entry.path().string() + ":1:1", "is bad", "mend it");
    }
    judged_.push_back(seen);
    return verdict;
  }

  testing::TemporaryDirectory directory_;
  std::vector<std::string> judged_;
  std::vector<std::string> said_;
  ConfigFollower follower_{{directory_.path() + "/volume", directory_.path() + "/secrets", "/node"},
                           [this](const std::string &stage) { return judge(stage); },
                           [this](const std::string &line) { said_.push_back(line); },
                           HostRoot(directory_.path())};
};

TEST_F(ConfigFollowerTest, what_is_taken_is_put_and_what_goes_is_removed) {
  directory_.write("volume/config.yaml", "one");
  directory_.write("volume/team.yaml", "team");
  directory_.write("volume/notes.txt", "not read");
  EXPECT_TRUE(follower_.look());
  EXPECT_EQ(follower_.obstacle(), "");
  EXPECT_EQ(on_node("config.yaml") + on_node("config.d/team.yaml"), "oneteam");
  EXPECT_THAT(judged_, ElementsAre(HasSubstr("team.yaml=team")));
  EXPECT_FALSE(fs::exists(at(".regcred-agent.new")));
  EXPECT_FALSE(follower_.look()) << "nothing has changed";

  directory_.write("volume/config.yaml", "two");
  fs::remove(directory_.path() + "/volume/team.yaml");
  EXPECT_TRUE(follower_.look());
  EXPECT_EQ(on_node("config.yaml") + on_node("config.d/team.yaml"), "two(none)");

  std::ofstream(at("config.yaml")) << "by hand";
  EXPECT_TRUE(follower_.look());
  EXPECT_EQ(on_node("config.yaml"), "two");
}

TEST_F(ConfigFollowerTest, N4_what_is_refused_changes_nothing_and_is_judged_once) {
  directory_.write("volume/config.yaml", "one");
  ASSERT_TRUE(follower_.look());
  directory_.write("volume/config.yaml", "bad");
  directory_.write("volume/team.yaml", "team");
  EXPECT_FALSE(follower_.look());
  EXPECT_FALSE(follower_.look());
  EXPECT_EQ(judged_.size(), 2U);
  EXPECT_EQ(on_node("config.yaml") + on_node("config.d/team.yaml"), "one(none)");
  EXPECT_EQ(follower_.obstacle(),
            "the configuration is refused, and nothing of it is used: config.yaml:1:1: is bad; mend it");
  directory_.write("volume/config.yaml", "two");
  EXPECT_TRUE(follower_.look());
  EXPECT_EQ(follower_.obstacle(), "");
  EXPECT_EQ(on_node("config.yaml") + on_node("config.d/team.yaml"), "twoteam");
}

TEST_F(ConfigFollowerTest, N3_files_of_others_stay_and_are_judged_with_ours) {
  directory_.write("node/config.d/theirs.yaml", "theirs");
  directory_.write("node/secrets/theirs", "s");
  directory_.write("volume/config.yaml", "one");
  EXPECT_TRUE(follower_.look());
  EXPECT_THAT(judged_, ElementsAre(HasSubstr("theirs.yaml=theirs")));
  directory_.write("volume/config.yaml", "two");
  EXPECT_TRUE(follower_.look());
  EXPECT_EQ(on_node("config.d/theirs.yaml") + on_node("secrets/theirs"), "theirss");
}

TEST_F(ConfigFollowerTest, S4_secrets_are_root_s_alone_and_come_first) {
  directory_.write("secrets/x.password", "s3cret");
  directory_.write("node/secrets/x.password", "old");
  ::chmod(at("secrets/x.password").c_str(), 0644);
  directory_.write("volume/config.yaml", "bad");
  EXPECT_TRUE(follower_.look());
  EXPECT_EQ(on_node("secrets/x.password"), "s3cret");
  EXPECT_EQ(fs::status(at("secrets/x.password")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  for (const std::string &line : said_) EXPECT_THAT(line, Not(HasSubstr("s3cret")));

  directory_.write("volume/config.yaml", "one");
  EXPECT_TRUE(follower_.look());
  fs::remove(directory_.path() + "/secrets/x.password");
  EXPECT_TRUE(follower_.look());
  EXPECT_EQ(on_node("secrets/x.password"), "(none)");
}

TEST_F(ConfigFollowerTest, a_volume_that_is_missing_or_empty_is_an_obstacle) {
  EXPECT_FALSE(follower_.look());
  EXPECT_THAT(follower_.obstacle(), HasSubstr("has no file that ends in .yaml"));
  fs::remove(directory_.path() + "/volume");
  EXPECT_FALSE(follower_.look());
  EXPECT_THAT(follower_.obstacle(), HasSubstr("/volume: cannot be read"));
  EXPECT_THAT(judged_, IsEmpty());
}

TEST_F(ConfigFollowerTest, F2_a_directory_of_others_gets_nothing) {
  directory_.write("volume/config.yaml", "one");
  ::chmod((directory_.path() + "/node").c_str(), 0777);
  EXPECT_FALSE(follower_.look());
  EXPECT_THAT(follower_.obstacle(), HasSubstr("/node"));
  EXPECT_TRUE(fs::is_empty(directory_.path() + "/node"));
}

}  // namespace
}  // namespace regcred::core
