// SPDX-License-Identifier: Apache-2.0
#include "agent/volume_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/process.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// As the kubelet's atomic writer makes it.
TEST(VolumeFiles, are_those_of_one_version) {
  const testing::TemporaryDirectory directory;
  directory.write("..1/config.yaml", "one");
  directory.write("..2/config.yaml", "two");
  fs::create_directory_symlink("..2", directory.path() + "/..data");
  fs::create_symlink("..data/config.yaml", directory.path() + "/config.yaml");
  fs::create_symlink("..data/gone.yaml", directory.path() + "/gone.yaml");
  ::chmod(directory.path().c_str(), 0777);
  const auto files = read_volume(directory.path(), 100);
  ASSERT_TRUE(files) << files.error().what;
  EXPECT_THAT(*files, ElementsAre(Pair("config.yaml", "two")));
}

TEST(VolumeFiles, H5_have_limits) {
  const testing::TemporaryDirectory directory;
  EXPECT_EQ(read_volume(directory.path() + "/none", 10).error().code, ErrorCode::config);
  directory.write("a.yaml", "1234567890");
  fs::create_directory(directory.path() + "/folder");
  ASSERT_EQ(::mkfifo((directory.path() + "/pipe").c_str(), 0600), 0);
  EXPECT_THAT(read_volume(directory.path(), 10).value(), ElementsAre(Pair("a.yaml", "1234567890")));
  EXPECT_THAT(read_volume(directory.path(), 9).error().what, HasSubstr("larger than 9 bytes"));
  directory.write("a b", "");
  EXPECT_THAT(read_volume(directory.path(), 10).error().what, HasSubstr("has a file \"a b\""));
  fs::remove(directory.path() + "/a b");
  for (int i = 0; i < 256; ++i) directory.write(std::to_string(i), "");
  EXPECT_THAT(read_volume(directory.path(), 10).error().what, HasSubstr("more than 256"));
}

}  // namespace
}  // namespace regcred::core
