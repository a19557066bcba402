// SPDX-License-Identifier: Apache-2.0
// Symbolic links on the way to a trusted file: who may swap one decides what is read.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "common/trusted_file.hpp"
#include "support/process.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr uid_t stranger = 65534;

class TrustedLinks : public ::testing::Test {
 protected:
  TrustedLinks() {
    directory_.write("real/deep/file", "x", 0600);
    for (const char *name : {"sticky", "theirs", "theirs/inner", "ours"}) fs::create_directory(at(name));
    EXPECT_EQ(::chmod(at("sticky").c_str(), 01777), 0);
    EXPECT_EQ(::lchown(at("theirs").c_str(), stranger, stranger), 0) << "run these tests as root";
  }

  [[nodiscard]] std::string at(const std::string &name) const { return directory_.path() + "/" + name; }
  // A link called `name`, of `owner`. `target` is written into it as it stands.
  std::string link(const std::string &name, const std::string &target, uid_t owner = 0) const {
    EXPECT_EQ(::symlink(target.c_str(), at(name).c_str()), 0) << name;
    EXPECT_EQ(::lchown(at(name).c_str(), owner, owner), 0) << name;
    return at(name);
  }
  static std::string judge(const std::string &path, FileTrust trust = FileTrust::integrity) {
    const auto opened = open_trusted(path, trust, ErrorCode::config);
    return opened ? "accepted" : opened.error().what;
  }
  static std::string judge_directory(const std::string &path) {
    const auto opened = open_trusted_directory(path, ErrorCode::config);
    return opened ? "accepted" : opened.error().what;
  }
  [[nodiscard]] std::string of_stranger(const std::string &name) const {
    return "its symlink " + at(name) + " belongs to user 65534, not to root";
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(TrustedLinks, F2_links_of_root_are_followed_wherever_they_stand) {
  const std::string file = at("real/deep/file");
  EXPECT_EQ(judge(link("ours/last", file)), "accepted");
  EXPECT_EQ(judge(link("ours/relative", "../real/./deep//file")), "accepted");
  EXPECT_EQ(judge(link("sticky/last", file)), "accepted");
  link("ours/middle", at("real"));
  EXPECT_EQ(judge(at("ours/middle/deep/file")), "accepted");
  EXPECT_EQ(judge(at("ours/middle/../real/deep/file"), FileTrust::secret), "accepted") << ".. of the link's target";
  link("ours/second", "middle/deep");
  EXPECT_EQ(judge(link("ours/third", "second/file")), "accepted");
  EXPECT_EQ(judge_directory(link("ours/folder", at("real/deep/"))), "accepted");
  EXPECT_EQ(judge_directory(at("ours/folder/")), "accepted");
  EXPECT_EQ(judge_directory(link("ours/root", "/")), "accepted");
}

TEST_F(TrustedLinks, F2_below_a_root_links_lead_where_they_lead_there_and_never_out_of_it) {
  const std::string root = at("theirs/inner");  // whoever owns what is above the root: it is taken as it is given
  fs::create_directories(root + "/opt/regcred");
  link("theirs/inner/absolute", "/opt");
  link("theirs/inner/out", "../../../opt");
  link("theirs/inner/given", "/opt", stranger);
  const auto open = [&root](const std::string &path) -> std::string {
    const auto opened = open_trusted_directory_below(root, path, ErrorCode::config);
    if (!opened) return opened.error().what;
    return fs::read_symlink("/proc/self/fd/" + std::to_string(opened->get())).string();
  };
  EXPECT_EQ(open("/opt/regcred"), root + "/opt/regcred");
  EXPECT_EQ(open("/absolute/regcred/"), root + "/opt/regcred");
  EXPECT_EQ(open("/out/regcred"), root + "/opt/regcred");
  EXPECT_EQ(open("/.."), root);
  EXPECT_EQ(open("/given/regcred"), of_stranger("theirs/inner/given"));
  ASSERT_EQ(::chmod((root + "/opt").c_str(), 01777), 0);
  EXPECT_EQ(open("/absolute"), "the real file " + root + "/opt is writable by everyone (mode 1777)");
  EXPECT_EQ(open("/opt/regcred"), "its directory " + root + "/opt is writable by everyone (mode 1777)");
}

TEST_F(TrustedLinks, F2_a_link_of_another_user_is_refused_wherever_it_stands) {
  const std::string file = at("real/deep/file");
  EXPECT_EQ(judge(link("sticky/last", file, stranger)), of_stranger("sticky/last"));
  EXPECT_EQ(judge(at("sticky/last"), FileTrust::secret), of_stranger("sticky/last"));
  EXPECT_EQ(judge(link("ours/given", file, stranger)), of_stranger("ours/given"));
  link("sticky/middle", at("real"), stranger);
  EXPECT_EQ(judge(at("sticky/middle/deep/file")), of_stranger("sticky/middle"));
  EXPECT_EQ(judge_directory(at("sticky/middle/deep")), of_stranger("sticky/middle"));
  EXPECT_EQ(judge_directory(at("sticky/middle")), of_stranger("sticky/middle"));
  EXPECT_EQ(judge_directory(at("sticky/middle/")), of_stranger("sticky/middle"));
  EXPECT_EQ(judge(link("ours/chain", "../sticky/last")), of_stranger("sticky/last")) << "behind a link of root";
  EXPECT_EQ(judge(at("sticky/middle/../real/deep/file")), of_stranger("sticky/middle")) << ".. does not undo it";
}

TEST_F(TrustedLinks, F2_the_directory_of_a_link_is_judged) {
  const std::string theirs = "its directory " + at("theirs") + " belongs to user 65534, not to root";
  const std::string file = at("real/deep/file");
  EXPECT_EQ(judge(link("theirs/last", file, stranger)), theirs);
  EXPECT_EQ(judge(link("theirs/of_root", file)), theirs) << "its owner may put another there";
  link("theirs/inner/middle", at("real"));
  EXPECT_EQ(judge(at("theirs/inner/middle/deep/file")), theirs);
  EXPECT_EQ(judge_directory(at("theirs/inner/middle/deep")), theirs);
  EXPECT_EQ(judge(link("ours/chain", "../theirs/of_root")), theirs);
  EXPECT_EQ(judge(at("theirs/../real/deep/file")), theirs) << "a directory that may be moved";

  ASSERT_EQ(::chmod(at("ours").c_str(), 0777), 0);
  EXPECT_EQ(judge(link("ours/last", file)), "its directory " + at("ours") + " is writable by everyone (mode 0777)");
}

TEST_F(TrustedLinks, F2_without_root_ones_own_links_count) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  fs::permissions(at("real"), fs::perms(0755));
  fs::permissions(at("real/deep"), fs::perms(0755));
  fs::permissions(at("real/deep/file"), fs::perms(0644));
  link("sticky/mine", at("real/deep/file"), stranger);
  link("sticky/others", at("real/deep/file"), 4711);
  ASSERT_EQ(::seteuid(stranger), 0);
  const std::string on_mine = judge(at("sticky/mine"));
  const std::string on_others = judge(at("sticky/others"));
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(on_mine, "accepted");
  EXPECT_EQ(on_others, "its symlink " + at("sticky/others") + " belongs to user 4711, not to root or user 65534");
}

TEST_F(TrustedLinks, F2_the_cure_names_the_link) {
  const std::string path = link("sticky/two words", at("real/deep/file"), stranger);
  const auto opened = open_trusted(path, FileTrust::integrity, ErrorCode::config);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().where, path);
  EXPECT_EQ(opened.error().cure, "name the file itself, or see where it leads and: chown -h root '" + path + "'");
}

TEST_F(TrustedLinks, H5_chains_end) {
  link("ours/0", at("real/deep/file"));
  for (int i = 1; i <= 50; ++i) link("ours/" + std::to_string(i), std::to_string(i - 1));
  EXPECT_EQ(judge(at("ours/30")), "accepted");
  const std::string circle = "its symlinks lead in a circle or changed while they were followed";
  EXPECT_EQ(judge(at("ours/50")), circle);
  EXPECT_EQ(judge(link("ours/self", "self/self/self")), circle);
}

TEST_F(TrustedLinks, F1_a_path_means_what_it_means_to_open) {
  EXPECT_EQ(judge(at("real/deep/file/")), "a part of the path is not a directory");
  EXPECT_EQ(judge(at("real/deep/file/.")), "a part of the path is not a directory");
  EXPECT_EQ(judge(at("real/deep/file/..")), "a part of the path is not a directory");
  EXPECT_EQ(judge(link("ours/slash", at("real/deep/file/"))), "a part of the path is not a directory");
  EXPECT_EQ(judge("//" + at("real//deep/./file")), "accepted");
  EXPECT_EQ(judge("/../.." + at("real/deep/../deep/file")), "accepted");
  EXPECT_EQ(judge(at("real/deep/")), "is a directory, not a regular file");
}

// As a container sees its node: the text of the link /proc/PID/root is "/", which is the container's own.
TEST_F(TrustedLinks, F3_the_root_of_a_process_is_its_own) {
  const std::string file = at("here");
  directory_.write("here", "ours", 0600);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool done = ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0 &&
                      ::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "mode=0755") == 0 &&
                      ::chroot(directory_.path().c_str()) == 0 && ::mkdir("/etc", 0755) == 0 &&
                      ::close(::open("/etc/theirs", O_CREAT | O_WRONLY, 0600)) == 0;
    [[maybe_unused]] const ssize_t said = ::write(ready[1], done ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char said = ' ';
  EXPECT_EQ(::read(ready[0], &said, 1), 1);
  EXPECT_EQ(said, 'y') << "run these tests as root";
  const std::string root = "/proc/" + std::to_string(child) + "/root";
  EXPECT_EQ(judge(root + "/etc/theirs"), "accepted");
  EXPECT_NE(judge(root + file), "accepted");
  EXPECT_EQ(judge_directory(root + "/etc"), "accepted");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (const int end : ready) ::close(end);
}

}  // namespace
}  // namespace regcred::core
