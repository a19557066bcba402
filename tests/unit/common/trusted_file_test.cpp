// SPDX-License-Identifier: Apache-2.0
#include "common/trusted_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr uid_t stranger = 65534;
constexpr std::string_view accepted = "accepted";

class TrustedFile : public ::testing::Test {
 protected:
  // The refusal's reason, or "accepted"; its cure is kept in cure_.
  std::string judge(const std::string &path, FileTrust trust = FileTrust::integrity) {
    return reason(open_trusted(path, trust, ErrorCode::config), path);
  }
  std::string judge_directory(const std::string &path) {
    return reason(open_trusted_directory(path, ErrorCode::config), path);
  }

  // Makes `path` somebody else's. A test that cannot set its stage has tested nothing, so it fails.
  static void give_away(const std::string &path, uid_t owner = stranger) {
    if (::lchown(path.c_str(), owner, static_cast<gid_t>(-1)) == 0) return;
    GTEST_FAIL() << "cannot give " << path << " to user " << owner << ": run these tests as root";
  }
  std::string make_directory(const std::string &name, mode_t mode) const {
    const std::string path = directory_.path() + "/" + name;
    EXPECT_EQ(::mkdir(path.c_str(), 0700), 0) << path;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0) << path;
    return path;
  }
  std::string link_to(const std::string &target, const std::string &name) const {
    const std::string path = directory_.path() + "/" + name;
    fs::create_symlink(target, path);
    return path;
  }

  regcred::testing::TemporaryDirectory directory_;
  std::string cure_;

 private:
  std::string reason(const Result<UniqueFd> &opened, const std::string &path) {
    cure_.clear();
    if (opened) return std::string(accepted);
    EXPECT_EQ(opened.error().code, ErrorCode::config);
    EXPECT_EQ(opened.error().where, path);
    EXPECT_FALSE(opened.error().cure.empty()) << path;
    cure_ = opened.error().cure;
    return opened.error().what;
  }
};

TEST_F(TrustedFile, F1_accepts_files_that_only_their_owner_can_change) {
  for (const unsigned mode : {0600U, 0400U, 0640U, 0644U, 0444U, 0755U, 0700U}) {
    EXPECT_EQ(judge(directory_.write("file", "x", mode)), accepted) << std::oct << mode;
  }
}

TEST_F(TrustedFile, F1_refuses_files_that_others_can_change_and_says_who) {
  struct Case {
    unsigned mode;
    std::string_view what;
  };
  const Case table[] = {
      {0620, "is writable by its group (mode 0620)"}, {0664, "is writable by its group (mode 0664)"},
      {0602, "is writable by everyone (mode 0602)"},  {0666, "is writable by everyone (mode 0666)"},
      {0777, "is writable by everyone (mode 0777)"},  {0420, "is writable by its group (mode 0420)"},
      {01666, "is writable by everyone (mode 1666)"},  // the sticky bit means nothing on a file
  };
  for (const auto &[mode, what] : table) {
    const std::string path = directory_.write("file", "x", mode);
    EXPECT_EQ(judge(path), what);
    EXPECT_EQ(cure_, "chmod go-w " + path);
  }
}

TEST_F(TrustedFile, F1_refuses_files_of_another_user) {
  const std::string path = directory_.write("file", "x", 0600);
  ASSERT_NO_FATAL_FAILURE(give_away(path));
  EXPECT_EQ(judge(path), "belongs to user 65534, not to root");
  EXPECT_EQ(cure_, "chown root " + path);
  EXPECT_EQ(judge(path, FileTrust::secret), "belongs to user 65534, not to root");
}

TEST_F(TrustedFile, F1_without_root_accepts_root_and_oneself_only) {
  const std::string mine = directory_.write("mine", "x", 0644);
  const std::string roots = directory_.write("roots", "x", 0644);
  const std::string others = directory_.write("others", "x", 0644);
  const std::string hidden = directory_.write("hidden", "x", 0600);
  ASSERT_NO_FATAL_FAILURE(give_away(mine));
  ASSERT_NO_FATAL_FAILURE(give_away(others, 4711));
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);

  ASSERT_EQ(::seteuid(stranger), 0);
  const std::string on_mine = judge(mine);
  const std::string on_roots = judge(roots);
  const std::string on_others = judge(others);
  const std::string on_hidden = judge(hidden);
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(on_mine, accepted);
  EXPECT_EQ(on_roots, accepted);
  EXPECT_EQ(on_others, "belongs to user 4711, not to root or user 65534");
  EXPECT_EQ(on_hidden, "user 65534 has no permission to read it");
}

TEST_F(TrustedFile, F1_refuses_what_is_not_a_regular_file) {
  const std::string fifo = directory_.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(judge(fifo), "is a FIFO, not a regular file");  // and does not wait for a writer
  EXPECT_EQ(judge(make_directory("folder", 0700)), "is a directory, not a regular file");
  EXPECT_EQ(judge("/"), "is a directory, not a regular file");
  EXPECT_EQ(judge("/dev/null"), "is a device, not a regular file");

  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = directory_.path() + "/socket";
  ASSERT_LT(name.size(), sizeof address.sun_path);
  name.copy(address.sun_path, name.size());
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
  EXPECT_EQ(judge(name), "is a socket, not a regular file");
  EXPECT_EQ(judge_directory(directory_.write("file", "x")), "is a regular file, not a directory");
}

TEST_F(TrustedFile, F1_judges_a_symlink_by_its_target) {
  const std::string good = directory_.write("good", "x", 0600);
  const std::string wide = directory_.write("wide", "x", 0666);
  EXPECT_EQ(judge(link_to(good, "to_good")), accepted);
  EXPECT_EQ(judge(link_to("to_good", "relative_twice")), accepted);
  EXPECT_EQ(judge(link_to(wide, "to_wide")), "the real file " + wide + " is writable by everyone (mode 0666)");
  EXPECT_EQ(cure_, "chmod go-w " + wide);
  EXPECT_EQ(judge(link_to("/dev/null", "to_device")), "is a device, not a regular file");

  const std::string moved = directory_.write("moved", "x", 0600);
  ASSERT_NO_FATAL_FAILURE(give_away(moved));
  EXPECT_EQ(judge(link_to(moved, "to_moved")), "the real file " + moved + " belongs to user 65534, not to root");

  make_directory("open", 0777);
  const std::string inside = directory_.write("open/file", "x", 0600);
  EXPECT_THAT(judge(link_to(inside, "to_inside")), HasSubstr("/open is writable by everyone"));
}

TEST_F(TrustedFile, F1_what_cannot_be_found_has_its_own_reasons) {
  const std::string file = directory_.write("file", "x");
  link_to("loop_b", "loop_a");
  EXPECT_EQ(judge(directory_.path() + "/missing"), "no such file, or a symlink in its path that points nowhere");
  EXPECT_THAT(cure_, StartsWith("create it or correct the path"));
  EXPECT_EQ(judge(link_to("missing", "dangling")), "no such file, or a symlink in its path that points nowhere");
  EXPECT_EQ(judge(link_to("loop_a", "loop_b")), "its symlinks lead in a circle or changed while they were followed");
  EXPECT_EQ(judge(file + "/below"), "a part of the path is not a directory");
  EXPECT_EQ(judge(""), "the path is empty");
  EXPECT_EQ(judge(std::string("/etc/\0hosts", 11)), "the path holds a NUL byte");
  EXPECT_THAT(judge("/" + std::string(300, 'x')), StartsWith("cannot be opened: "));
  EXPECT_THAT(judge_directory(directory_.path() + "/missing"), StartsWith("no such directory"));
}

TEST_F(TrustedFile, F2_judges_every_directory_on_the_way) {
  struct Case {
    unsigned mode;
    std::string_view what;  // after the directory's name; empty: accepted
  };
  const Case table[] = {
      {0700, ""},
      {0755, ""},
      {0555, ""},
      {01777, ""},  // sticky: nobody can replace an entry that is ours
      {01775, ""},
      {0777, " is writable by everyone (mode 0777)"},
      {0702, " is writable by everyone (mode 0702)"},
      {0770, " is writable by its group (mode 0770)"},
      {0775, " is writable by its group (mode 0775)"},
      {02775, " is writable by its group (mode 2775)"},
  };
  const std::string middle = make_directory("middle", 0700);
  const std::string path = directory_.write("middle/leaf/deeper/file", "x", 0600);
  for (const auto &[mode, what] : table) {
    ASSERT_EQ(::chmod(middle.c_str(), mode), 0);
    const std::string expected = what.empty() ? std::string(accepted) : "its directory " + middle + std::string(what);
    EXPECT_EQ(judge(path), expected);
    EXPECT_EQ(cure_, what.empty() ? "" : "chmod go-w " + middle);
    EXPECT_EQ(judge(path, FileTrust::secret), expected);
    EXPECT_EQ(judge_directory(middle + "/leaf"), expected);
  }
}

TEST_F(TrustedFile, F2_refuses_a_directory_of_another_user_sticky_or_not) {
  const std::string middle = make_directory("middle", 0755);
  const std::string path = directory_.write("middle/leaf/file", "x", 0600);
  for (const mode_t mode : {mode_t{0755}, mode_t{01777}}) {
    ASSERT_EQ(::chmod(middle.c_str(), mode), 0);
    ASSERT_NO_FATAL_FAILURE(give_away(middle));
    EXPECT_EQ(judge(path), "its directory " + middle + " belongs to user 65534, not to root");
    EXPECT_EQ(cure_, "chown root " + middle);
    ASSERT_NO_FATAL_FAILURE(give_away(middle, 0));
  }
}

TEST_F(TrustedFile, F2_in_a_sticky_directory_the_entry_must_be_ours) {
  make_directory("sticky", 01777);
  const std::string file = directory_.write("sticky/file", "x", 0600);
  const std::string below = directory_.write("sticky/theirs/file", "x", 0600);
  ASSERT_NO_FATAL_FAILURE(give_away(file));
  ASSERT_NO_FATAL_FAILURE(give_away(directory_.path() + "/sticky/theirs"));
  EXPECT_EQ(judge(file), "belongs to user 65534, not to root");
  EXPECT_THAT(judge(below), HasSubstr("/sticky/theirs belongs to user 65534"));
}

// In a child with a root of its own.
TEST_F(TrustedFile, F2_the_root_itself_is_judged) {
  directory_.write("file", "x", 0600);
  const auto judge_under_new_root = [&](mode_t mode) {
    if (::chroot(directory_.path().c_str()) != 0 || ::chdir("/") != 0 || ::chmod("/", mode) != 0) {
      std::cerr << "cannot change the root: run these tests as root";
    } else {
      std::cerr << judge("/file");
    }
    std::_Exit(0);
  };
  const auto exits = ::testing::ExitedWithCode(0);
  EXPECT_EXIT(judge_under_new_root(0755), exits, "^accepted");
  EXPECT_EXIT(judge_under_new_root(0777), exits, "^its directory / is writable by everyone \\(mode 0777\\)");
}

TEST_F(TrustedFile, F2_relative_paths_are_judged_up_to_the_root_as_well) {
  const std::string middle = make_directory("middle", 0777);
  const std::string path = directory_.write("middle/leaf/file", "x", 0600);
  const fs::path before = fs::current_path();
  fs::current_path(middle + "/leaf");
  EXPECT_EQ(judge("file"), "its directory " + middle + " is writable by everyone (mode 0777)");
  ASSERT_EQ(::chmod(middle.c_str(), 0755), 0);
  EXPECT_EQ(judge("file"), accepted);
  EXPECT_EQ(judge("../leaf/./file"), accepted);
  fs::current_path(before);
}

TEST_F(TrustedFile, F2_a_directory_is_judged_like_its_parents) {
  EXPECT_EQ(judge_directory("/"), accepted);
  EXPECT_EQ(judge_directory(make_directory("fine", 0755)), accepted);
  EXPECT_EQ(judge_directory(make_directory("sticky", 01777)), accepted);
  EXPECT_EQ(judge_directory(make_directory("wide", 0777)), "is writable by everyone (mode 0777)");
}

TEST_F(TrustedFile, S4_a_secret_has_mode_0600_or_0400) {
  EXPECT_EQ(judge(directory_.write("a", "x", 0600), FileTrust::secret), accepted);
  EXPECT_EQ(judge(directory_.write("b", "x", 0400), FileTrust::secret), accepted);
  for (const unsigned mode : {0640U, 0604U, 0644U, 0610U, 0601U, 0700U, 0500U, 0420U, 0666U, 04600U}) {
    const std::string path = directory_.write("wide", "x", mode);
    EXPECT_THAT(judge(path, FileTrust::secret), StartsWith("holds a secret, but has mode ")) << std::oct << mode;
    EXPECT_EQ(cure_, "chmod 0600 " + path);
  }
}

// The words that a shell makes of `command`, which is not run: what is tested may be wrong, and this is root.
std::vector<std::string> shell_words(const std::string &command) {
  const auto output = regcred::testing::run_process({{"/bin/sh", "-c", "printf '%s\\0' " + command}});
  EXPECT_EQ(output.status, 0) << command << output.err;
  std::vector<std::string> words;
  for (std::size_t at = 0; at < output.out.size(); at += words.back().size() + 1) {
    words.emplace_back(output.out.c_str() + at);
  }
  return words;
}

TEST_F(TrustedFile, F1_the_cure_can_be_pasted_into_a_shell_and_cures) {
  for (const std::string name : {"plain", "two words", "it's", "$(false);`false`\\\"", "new\nline", "*", "\xC3\xBC"}) {
    const std::string path = directory_.write(name, "x", 0666);
    ASSERT_NO_FATAL_FAILURE(give_away(path));
    EXPECT_NE(judge(path), accepted);
    EXPECT_THAT(shell_words(cure_), ElementsAre("chown", "root", path));
    ASSERT_NO_FATAL_FAILURE(give_away(path, 0));

    EXPECT_NE(judge(path), accepted);
    EXPECT_THAT(shell_words(cure_), ElementsAre("chmod", "go-w", path));
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    EXPECT_EQ(judge(path), accepted);

    EXPECT_NE(judge(path, FileTrust::secret), accepted);
    EXPECT_THAT(shell_words(cure_), ElementsAre("chmod", "0600", path));
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    EXPECT_EQ(judge(path, FileTrust::secret), accepted);
  }
}

TEST_F(TrustedFile, F1_the_descriptor_is_the_file_closed_on_exec_and_no_other_is_left_open) {
  const auto open_descriptors = [] {
    std::set<std::string> names;
    for (const auto &entry : fs::directory_iterator("/proc/self/fd")) names.insert(entry.path().filename());
    return names.size();
  };
  const std::string path = directory_.write("a/b/c/file", "content", 0600);
  const std::string wide = directory_.write("a/b/c/wide", "content", 0666);
  const std::size_t before = open_descriptors();
  {
    const auto fd = open_trusted(path, FileTrust::integrity, ErrorCode::config);
    ASSERT_TRUE(fd);
    struct stat expected {};
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &expected), 0);
    ASSERT_EQ(::fstat(fd->get(), &found), 0);
    EXPECT_EQ(found.st_ino, expected.st_ino);
    EXPECT_EQ(::fcntl(fd->get(), F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(::fcntl(fd->get(), F_GETFL) & O_ACCMODE, O_RDONLY);
    EXPECT_EQ(open_descriptors(), before + 1);
  }
  EXPECT_NE(judge(wide), accepted);
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace regcred::core
