// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/replace_file.hpp"
#include "support/process.hpp"

namespace regcred::core {
namespace {

mode_t mode_of(const std::string &path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

TEST(PublicDirectory, is_open_to_all_readers_whatever_the_umask_is) {
  const testing::TemporaryDirectory place;
  const mode_t before = ::umask(077);
  EXPECT_EQ(create_public_directory(place.path() + "/new"), 0);
  ::umask(before);
  EXPECT_EQ(mode_of(place.path() + "/new"), 0755U);
  EXPECT_EQ(create_public_directory(place.path() + "/new"), EEXIST);
  EXPECT_EQ(create_public_directory(place.path() + "/none/new"), ENOENT);
  const std::string precious = place.write("precious", "precious", 0600);
  ASSERT_EQ(::symlink(precious.c_str(), (place.path() + "/link").c_str()), 0);
  EXPECT_EQ(create_public_directory(place.path() + "/link"), EEXIST);
  EXPECT_EQ(mode_of(precious), 0600U);
}

}  // namespace
}  // namespace regcred::core
