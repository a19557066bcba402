// SPDX-License-Identifier: Apache-2.0
// `regcred install-links DIR`: the names that the kubelet's configuration has, and nothing of anybody else's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/process.hpp"

namespace regcred::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char *two_audiences = R"(apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - { name: a, matchImages: [a.io], backend: cloudsmith, audience: first }
  - { name: b, matchImages: [b.io], backend: cloudsmith, audience: second.example.com }
)";

class InstallLinks : public ::testing::Test {
 protected:
  InstallLinks() { fs::create_directory(bin()); }
  [[nodiscard]] std::string bin() const { return directory_.path() + "/bin"; }
  ProcessOutput run(const std::string &config = two_audiences) { return run_in(bin(), config); }
  ProcessOutput run_in(const std::string &directory, const std::string &config = two_audiences) {
    return run_process(
        {{REGCRED_PROGRAM, "install-links", directory, "--config", directory_.write("config.yaml", config)}, "", {}});
  }

  TemporaryDirectory directory_;
};

TEST_F(InstallLinks, one_name_for_each_provider_and_again_without_harm) {
  const ProcessOutput first = run();
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(fs::read_symlink(bin() + "/regcred"), fs::canonical(REGCRED_PROGRAM));
  EXPECT_EQ(fs::read_symlink(bin() + "/regcred-second-example-com"), fs::canonical(REGCRED_PROGRAM));
  EXPECT_EQ(std::distance(fs::directory_iterator(bin()), {}), 2);
  const ProcessOutput second = run();
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("(as it was)"));
}

TEST_F(InstallLinks, the_names_are_those_that_generate_writes) {
  ASSERT_EQ(run().status, 0);
  const ProcessOutput generated = run_process(
      {{REGCRED_PROGRAM, "generate", "kubelet-config", "--config", directory_.write("config.yaml", two_audiences)},
       "",
       {}});
  for (const auto &link : fs::directory_iterator(bin())) {
    EXPECT_THAT(generated.out, HasSubstr("- name: " + link.path().filename().string() + "\n"));
  }
}

TEST_F(InstallLinks, an_older_installation_is_replaced) {
  fs::create_symlink("/opt/old/bin/regcred", bin() + "/regcred");
  EXPECT_EQ(run().status, 0);
  EXPECT_EQ(fs::read_symlink(bin() + "/regcred"), fs::canonical(REGCRED_PROGRAM));
}

TEST_F(InstallLinks, what_is_somebody_elses_is_left_alone_and_nothing_is_made) {
  directory_.write("bin/regcred-second-example-com", "#!/bin/sh\n");
  const ProcessOutput file = run();
  EXPECT_EQ(file.status, 2);
  EXPECT_THAT(file.err, HasSubstr("regcred-second-example-com: is a file of its own"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(bin() + "/regcred")));

  fs::remove(bin() + "/regcred-second-example-com");
  fs::create_symlink("/bin/sh", bin() + "/regcred");
  EXPECT_THAT(run().err, HasSubstr("is a link to /bin/sh"));
}

TEST_F(InstallLinks, files_with_other_names_stay_as_they_are) {
  directory_.write("bin/regcred.new", "mine");
  fs::create_symlink("/opt/old/bin/regcred", bin() + "/regcred");
  EXPECT_EQ(run().status, 0);
  EXPECT_TRUE(fs::is_regular_file(bin() + "/regcred.new"));
  EXPECT_EQ(std::distance(fs::directory_iterator(bin()), {}), 3) << "two links and that file, nothing else";
}

TEST_F(InstallLinks, the_programs_own_directory_under_another_name) {
  const fs::path tree = fs::path(REGCRED_PROGRAM).parent_path().parent_path();
  fs::copy(tree, directory_.path() + "/tree", fs::copy_options::recursive);
  fs::create_directory_symlink(directory_.path() + "/tree/bin", directory_.path() + "/other");
  const std::string config = directory_.write("config.yaml", two_audiences);
  const ProcessOutput output = run_process(
      {{directory_.path() + "/tree/bin/regcred", "install-links", directory_.path() + "/other", "--config", config},
       "",
       {}});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("/tree/bin/regcred is this program\n"));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(directory_.path() + "/tree/bin/regcred")));
}

TEST_F(InstallLinks, entries_that_no_provider_can_serve_are_named) {
  const ProcessOutput output =
      run("apiVersion: regcred/v1\nkind: RegistryConfig\nregistries:\n"
          "  - { name: fine, matchImages: [a.io], backend: cloudsmith, audience: first }\n"
          "  - { name: nobody, matchImages: [b.io], backend: cloudsmith }\n");
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.out, HasSubstr("/regcred -> "));
  EXPECT_THAT(output.err, HasSubstr("registry \"nobody\""));
}

TEST_F(InstallLinks, F2_a_directory_that_others_may_write_is_refused) {
  ASSERT_EQ(::chmod(bin().c_str(), 0777), 0);
  const ProcessOutput output = run();
  EXPECT_EQ(output.status, 2);
  EXPECT_THAT(output.err, HasSubstr("chmod"));
  fs::remove(bin());
  EXPECT_EQ(run().status, 2);
}

// Whoever may add names to the directory may be started by the kubelet.
TEST_F(InstallLinks, F2_a_sticky_directory_is_refused) {
  ASSERT_EQ(::chmod(bin().c_str(), 01777), 0);
  const ProcessOutput output = run();
  EXPECT_EQ(output.status, 2);
  EXPECT_THAT(output.err, HasSubstr("is writable by everyone (mode 1777); chmod go-w " + bin()));
  EXPECT_TRUE(fs::is_empty(bin()));
}

TEST_F(InstallLinks, F2_a_directory_behind_a_link_of_another_user_is_refused) {
  const std::string link = directory_.path() + "/link";
  fs::create_directory_symlink(bin(), link);
  ASSERT_EQ(::lchown(link.c_str(), 65534, 65534), 0) << "run these tests as root";
  for (const std::string &path : {link, link + "/", link + "/../bin"}) {
    const ProcessOutput output = run_in(path);
    EXPECT_EQ(output.status, 2) << path;
    EXPECT_THAT(output.err, HasSubstr("its symlink " + link + " belongs to user 65534, not to root")) << path;
  }
  EXPECT_TRUE(fs::is_empty(bin()));
}

TEST_F(InstallLinks, F3_the_directory_that_was_judged_gets_the_links) {
  fs::create_directories(directory_.path() + "/elsewhere/deep");
  fs::create_directories(directory_.path() + "/elsewhere/plugins");
  fs::create_directories(directory_.path() + "/plugins");
  fs::create_directory_symlink("elsewhere/deep", directory_.path() + "/link");
  ASSERT_EQ(::chmod((directory_.path() + "/plugins").c_str(), 0777), 0);
  const ProcessOutput output = run_in(directory_.path() + "/link/../plugins");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr(directory_.path() + "/elsewhere/plugins/regcred -> "));
  EXPECT_TRUE(fs::is_empty(directory_.path() + "/plugins"));
  EXPECT_TRUE(fs::is_symlink(directory_.path() + "/elsewhere/plugins/regcred"));
}

}  // namespace
}  // namespace regcred::testing
