// SPDX-License-Identifier: Apache-2.0
// Which directory is used, and which files in it.
#include "cache/private_directory.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/process.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;

class PrivateDirectoryTest : public ::testing::Test {
 protected:
  std::string reason(PrivateDirectory::Missing missing = PrivateDirectory::Missing::make) const {
    const Result<PrivateDirectory> opened = PrivateDirectory::open(path_, missing);
    return opened ? "" : opened.error().where + ": " + opened.error().what + "; " + opened.error().cure;
  }
  mode_t mode_of(const std::string &path) const {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }

  testing::TemporaryDirectory directory_;
  std::string path_ = directory_.path() + "/regcred/cache";
};

TEST_F(PrivateDirectoryTest, is_made_with_the_directory_above_it) {
  const mode_t before = ::umask(077);
  EXPECT_EQ(reason(), "");
  ::umask(before);
  EXPECT_EQ(mode_of(path_), 0700U);
  EXPECT_EQ(mode_of(directory_.path() + "/regcred"), 0755U);
  EXPECT_EQ(reason(), "") << "the second time";
}

TEST_F(PrivateDirectoryTest, is_left_missing_when_so_wanted) {
  EXPECT_NE(reason(PrivateDirectory::Missing::leave), "");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/regcred"));
}

TEST_F(PrivateDirectoryTest, C2_one_that_others_can_enter_is_not_used) {
  for (const mode_t mode : {0750U, 0705U, 0770U, 0701U, 0720U, 01777U}) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(reason(), HasSubstr("is open to others")) << std::oct << mode;
  }
}

TEST_F(PrivateDirectoryTest, C2_one_of_another_user_is_not_used) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(reason(), "");
  ASSERT_EQ(::chown(path_.c_str(), 12345, 0), 0);
  EXPECT_THAT(reason(), HasSubstr("belongs to user 12345, not to user 0"));
}

TEST_F(PrivateDirectoryTest, C2_one_below_a_directory_of_others_is_not_used) {
  ASSERT_EQ(reason(), "");
  ASSERT_EQ(::chmod((directory_.path() + "/regcred").c_str(), 0777), 0);
  EXPECT_THAT(reason(), HasSubstr("is writable by everyone"));
}

TEST_F(PrivateDirectoryTest, C2_a_link_or_a_file_in_its_place_is_not_used) {
  std::filesystem::create_directories(directory_.path() + "/regcred");
  std::filesystem::create_directories(directory_.path() + "/elsewhere");
  ASSERT_EQ(::chmod((directory_.path() + "/elsewhere").c_str(), 0700), 0);
  std::filesystem::create_directory_symlink(directory_.path() + "/elsewhere", path_);
  EXPECT_THAT(reason(), HasSubstr("cannot be opened as a directory"));
  std::filesystem::remove(path_);
  directory_.write("regcred/cache", "");
  EXPECT_THAT(reason(), HasSubstr("cannot be opened as a directory"));
}

class PrivateFiles : public PrivateDirectoryTest {
 protected:
  void SetUp() override {
    Result<PrivateDirectory> opened = PrivateDirectory::open(path_, PrivateDirectory::Missing::make);
    ASSERT_TRUE(opened);
    private_.emplace(std::move(*opened));
  }
  std::string read(const std::string &name) {
    const std::optional<Secret> bytes = private_->read(name, 100, present_);
    return bytes ? std::string(bytes->reveal()) : "nothing";
  }

  std::optional<PrivateDirectory> private_;
  bool present_ = false;
};

TEST_F(PrivateFiles, are_written_in_one_step_and_read_back) {
  EXPECT_EQ(read("file"), "nothing");
  EXPECT_FALSE(present_);
  EXPECT_EQ(private_->replace("file", "one"), 0);
  EXPECT_EQ(private_->replace("file", "two"), 0);
  EXPECT_EQ(read("file"), "two");
  EXPECT_EQ(mode_of(path_ + "/file"), 0600U);
  EXPECT_EQ(private_->names(10), std::vector<std::string>({"file"})) << "no temporary file stays";
  EXPECT_TRUE(private_->remove("file"));
  EXPECT_TRUE(private_->remove("file")) << "it is gone";
}

TEST_F(PrivateFiles, C2_what_others_may_have_made_or_read_is_not_read) {
  const auto make = [&](const char *name, auto act) {
    directory_.write(std::string("regcred/cache/") + name, "content");
    act(path_ + '/' + name);
    EXPECT_EQ(read(name), "nothing") << name;
    EXPECT_TRUE(present_) << name;
  };
  make("readable", [](const std::string &path) { ASSERT_EQ(::chmod(path.c_str(), 0640), 0); });
  make("hardlink", [&](const std::string &path) { ASSERT_EQ(::link(path.c_str(), (path + "2").c_str()), 0); });
  make("symlink", [&](const std::string &path) {
    std::filesystem::rename(path, path_ + "/target");
    std::filesystem::create_symlink(path_ + "/target", path);
  });
  make("fifo", [&](const std::string &path) {
    std::filesystem::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  });
  make("directory", [&](const std::string &path) {
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
  });
  make("large", [&](const std::string &) { directory_.write("regcred/cache/large", std::string(101, 'x')); });
  if (::geteuid() == 0) {
    make("foreign", [](const std::string &path) { ASSERT_EQ(::chown(path.c_str(), 12345, 0), 0); });
  }
}

TEST_F(PrivateFiles, H5_no_more_names_are_listed_than_asked_for) {
  for (int i = 0; i < 20; ++i) directory_.write("regcred/cache/" + std::to_string(i), "");
  EXPECT_EQ(private_->names(7).size(), 7U);
  EXPECT_EQ(private_->names(100).size(), 20U);
}

}  // namespace
}  // namespace regcred::core
