// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "common/sha256.hpp"
#include "common/trusted_file.hpp"
#include "loader/loader.hpp"
#include "support/process.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

// F3: what was judged is what is used. One thread swaps a trusted and an untrusted file under one name while the other
// opens it; whatever is opened must be the trusted inode.
TEST(FileRace, F3_ten_thousand_swaps_never_hand_out_the_untrusted_file) {
  const regcred::testing::TemporaryDirectory directory;
  const std::string good = directory.write("kept/good.so", "trusted", 0644);
  const std::string evil = directory.write("kept/evil.so", "evil", 0666);
  const std::string name = directory.path() + "/backend.so";
  const auto put = [&](const std::string &source) {
    const std::string next = directory.path() + "/next";
    fs::remove(next);
    fs::create_hard_link(source, next);
    fs::rename(next, name);
  };
  put(good);
  std::atomic<bool> stop{false};
  std::thread swapper([&] {
    while (!stop) {
      put(evil);
      put(good);
    }
  });
  int opened = 0;
  int refused = 0;
  for (int round = 0; round < 10'000; ++round) {
    const Result<UniqueFd> fd = open_trusted(name, FileTrust::integrity, ErrorCode::backend_load);
    if (!fd) {
      ++refused;
      continue;
    }
    ++opened;
    char text[16] = {};
    const ssize_t size = ::pread(fd->get(), text, sizeof text, 0);
    if (std::string_view(text, static_cast<std::size_t>(size)) != "trusted") {
      ADD_FAILURE() << "the untrusted file was opened";
      break;
    }
  }
  stop = true;
  swapper.join();
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0) << "the swapper never won, so nothing was tested";
}

// The descriptor is what gets mapped: the name may point elsewhere by then.
TEST(FileRace, F3_the_opened_inode_is_the_loaded_one) {
  const BackendLoader loader({BAD_BACKENDS});
  const Result<BackendFile> file = loader.open("good");
  ASSERT_TRUE(file) << file.error().what;
  struct stat opened {};
  ASSERT_EQ(::fstat(file->fd.get(), &opened), 0);
  const Result<LoadedBackend> backend = loader.load("good", {});
  ASSERT_TRUE(backend) << backend.error().what;
  const fs::path mapped = backend->library->location().filename();
  EXPECT_EQ(backend->description.name, "good");
  EXPECT_NE(mapped, "good.so") << "it was loaded by name, not by descriptor";
}

TEST(Loader, F4_only_names_are_taken) {
  const BackendLoader loader({BAD_BACKENDS});
  for (const char *name : {"../x", "/tmp/x.so", "", ".", "..", "good.so", "Good", "go od", "good/", "-good", "9good"}) {
    const Result<BackendFile> file = loader.open(name);
    ASSERT_FALSE(file) << name;
    EXPECT_NE(file.error().what.find("is not a backend name"), std::string::npos) << name;
  }
}

TEST(Loader, a_backend_that_is_not_there_is_said_in_a_line_whatever_else_is_there) {
  const regcred::testing::TemporaryDirectory directory;
  for (int i = 0; i < 300; ++i) directory.write("some-rather-long-name-of-a-backend-" + std::to_string(i) + ".so", "");
  const Result<BackendFile> file = BackendLoader({directory.path()}).open("absent");
  ASSERT_FALSE(file);
  EXPECT_LT(file.error().cure.size(), 500U);
  EXPECT_NE(file.error().cure.find("backend-0, "), std::string::npos);
}

// Only what is not there is looked for in the next directory.
TEST(Loader, a_directory_that_cannot_be_looked_into_is_not_said_to_lack_the_backend) {
  const regcred::testing::TemporaryDirectory directory;
  const std::string shut = fs::path(directory.write("shut/acme.so", "")).parent_path();
  const std::string loop = directory.path() + "/loop";
  fs::create_symlink("loop", loop);
  fs::permissions(directory.path(), fs::perms(0755));
  fs::permissions(shut, fs::perms(0700));
  const std::pair<std::string, std::string> rows[] = {
      {shut, "Permission denied"}, {loop, "Too many levels of symbolic links"}, {"/etc/passwd", "Not a directory"}};
  for (const auto &[place, why] : rows) {
    ASSERT_EQ(::seteuid(65534), 0);
    const Result<BackendFile> file = BackendLoader({"/nowhere", place, BAD_BACKENDS}).open("acme");
    ASSERT_EQ(::seteuid(0), 0);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().where, place + "/acme.so");
    EXPECT_NE(file.error().what.find(why), std::string::npos) << file.error().what;
    EXPECT_NE(file.error().cure.find("namei -l " + place + "/acme.so"), std::string::npos) << file.error().cure;
  }
}

TEST(Loader, F5_the_digest_is_that_of_the_file) {
  const regcred::testing::TemporaryDirectory directory;
  const std::string path = directory.write("abc", "abc");
  const UniqueFd fd(::open(path.c_str(), O_RDONLY));
  EXPECT_EQ(sha256_of(fd.get()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace regcred::core
