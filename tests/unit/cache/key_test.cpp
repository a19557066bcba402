// SPDX-License-Identifier: Apache-2.0
#include "cache/key.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "support/process.hpp"

namespace regcred::core {
namespace {

TEST(KeyBuilder, C1_fields_cannot_run_into_each_other) {
  EXPECT_NE(KeyBuilder().add("ab").add("c").hex(), KeyBuilder().add("a").add("bc").hex());
  EXPECT_NE(KeyBuilder().add("ab").hex(), KeyBuilder().add("ab").add("").hex());
  EXPECT_NE(KeyBuilder().add("").add("a").hex(), KeyBuilder().add("a").add("").hex());
  EXPECT_EQ(KeyBuilder().add("ab").add("c").hex(), KeyBuilder().add("ab").add("c").hex());
}

TEST(KeyBuilder, is_a_SHA_256) {
  EXPECT_EQ(KeyBuilder().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(KeyBuilder, C1_a_file_is_another_one_once_it_was_replaced_or_changed) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path() + "/file";
  const auto key = [&] { return KeyBuilder().add_file(path).hex(); };
  const std::string absent = key();
  directory.write("file", "one");
  const std::string first = key();
  EXPECT_NE(first, absent);
  EXPECT_EQ(first, key());
  directory.write("other", "two");
  std::filesystem::rename(directory.path() + "/other", path);
  const std::string replaced = key();
  EXPECT_NE(replaced, first);
  directory.write("file", "longer");
  EXPECT_NE(key(), replaced);
  std::filesystem::remove(path);
  EXPECT_EQ(key(), absent);
}

TEST(KeyBuilder, C1_a_change_with_the_old_time_of_the_content_is_a_change) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.write("file", "one");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  const std::string before = KeyBuilder().add_file(path).hex();
  directory.write("file", "two");
  const timespec times[] = {status.st_atim, status.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_NE(KeyBuilder().add_file(path).hex(), before);
}

}  // namespace
}  // namespace regcred::core
