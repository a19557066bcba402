// SPDX-License-Identifier: Apache-2.0
// An installation that ends at any step, and a kubelet that does not come up: what is on the node then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/node/install_site.hpp"

namespace regcred::core {
namespace {

using testing::entry;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::never;
using ::testing::Not;
using testing::providers_head;
using testing::Site;

const std::string theirs = "# by hand\n" + std::string(providers_head) + entry("theirs", "a.example.com");

TEST(Installer, everything_is_put_and_the_kubelet_is_restarted_once) {
  Site site;
  site.merge_into(theirs);
  const Result<InstallResult> done = site.install();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_TRUE(done->restarted);
  EXPECT_EQ(site.kubelet_.restarts, 1);
  EXPECT_EQ(site.kubelet_.judged,
            "/opt/regcred/versions/0.1.0-0123456789ab/bin/regcred /var/lib/regcred/node/staged/config.d\n");
  EXPECT_THAT(site.read("/etc/p.yaml"), HasSubstr("# by hand"));
  EXPECT_EQ(site.read("/opt/plugins/regcred"), "bin/regcred");
  EXPECT_EQ(site.read("/etc/regcred/config.d/20-b.yaml"), "second: 1\n");
  EXPECT_TRUE(site.is_up_to_date());
  EXPECT_THAT(site.leftovers(), IsEmpty());
  struct stat status {};
  ASSERT_EQ(::stat(site.node_.here("/etc/p.yaml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST(Installer, N4_new_settings_and_a_new_program_restart_nothing) {
  Site site;
  site.merge_into(theirs);
  ASSERT_TRUE(site.install());
  site.own_.registries = {{"config.d/10-a.yaml", "first: 2\n", 0644}};
  site.own_.tree_id = "0.2.0-000000000000";
  const Result<InstallResult> done = site.install();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_FALSE(done->restarted);
  EXPECT_EQ(site.kubelet_.restarts, 1);
  EXPECT_EQ(site.read("/etc/regcred/config.d/10-a.yaml"), "first: 2\n");
  EXPECT_EQ(site.read("/etc/regcred/config.d/20-b.yaml"), "(none)");
  EXPECT_TRUE(site.root_.is_directory("/opt/regcred/versions/0.1.0-0123456789ab"));  // calls may still use it
  site.own_.tree_id = "0.3.0-000000000000";
  ASSERT_TRUE(site.install());
  EXPECT_FALSE(site.root_.is_directory("/opt/regcred/versions/0.1.0-0123456789ab"));
  EXPECT_EQ(site.kubelet_.restarts, 1);
}

TEST(Installer, N4_without_a_restart_it_is_told_and_done_the_next_time) {
  Site site;
  site.with_flags();
  const Result<InstallResult> waiting = site.install(never, RestartMode::never);
  ASSERT_TRUE(waiting) << waiting.error().what;
  EXPECT_THAT(waiting->waiting, Not(IsEmpty()));
  EXPECT_EQ(site.kubelet_.restarts, 0);
  const Result<InstallResult> done = site.install();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_TRUE(done->restarted);
  EXPECT_EQ(site.kubelet_.restarts, 1);
}

TEST(Installer, N1_a_configuration_that_the_new_program_refuses_changes_nothing_in_use) {
  Site site;
  site.merge_into(theirs);
  site.kubelet_.refuses_configuration = true;
  EXPECT_FALSE(site.install());
  EXPECT_EQ(site.read("/etc/p.yaml"), theirs);
  EXPECT_EQ(site.read("/etc/regcred/config.d/10-a.yaml"), "(none)");
  EXPECT_FALSE(site.root_.is_file("/opt/plugins/regcred"));
  EXPECT_THAT(site.leftovers(), IsEmpty());
}

TEST(Installer, N2_a_kubelet_that_does_not_come_up_gets_the_old_bytes_back_and_the_content_is_not_tried_again) {
  for (const bool with_flags : {false, true}) {
    Site site;
    with_flags ? site.with_flags() : site.merge_into(theirs);
    site.kubelet_.dislikes = "registry.example.com";
    const Result<InstallResult> failed = site.install();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::deadline);
    EXPECT_THAT(failed.error().what, HasSubstr("did not come up: exit status 1; it runs with its old files again"));
    EXPECT_EQ(site.kubelet_.restarts, 2);
    if (with_flags) {
      EXPECT_EQ(site.read("/etc/default/kubelet"), "KUBELET_EXTRA_ARGS=\"--v=2\"\n");
      EXPECT_EQ(site.read("/opt/regcred/kubelet/providers.yaml"), "(none)");
    } else {
      EXPECT_EQ(site.read("/etc/p.yaml"), theirs);
    }
    EXPECT_EQ(site.read("/etc/regcred/config.d/10-a.yaml"), "(none)") << "its audiences are those of the new providers";
    EXPECT_NE(site.kubelet_.running(), "");
    const Result<InstallResult> again = site.install();
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().what, HasSubstr("did not come up with this content before: exit status 1"));
    EXPECT_EQ(site.kubelet_.restarts, 2);
    EXPECT_THAT(site.leftovers(), IsEmpty());
  }
}

// Every number of steps until the work is complete; after each stop, and every second time a reboot, a kubelet starts
// there, and the next run completes the work; there is one restart in all.
void stop_at_every_step(bool with_flags) {
  int steps = 0;
  for (bool has_stopped = true; has_stopped; ++steps) {
    Site site;
    with_flags ? site.with_flags() : site.merge_into(theirs);
    static_cast<void>(site.install(steps));
    has_stopped = site.has_stopped_;
    ASSERT_EQ(site.kubelet_.fault(), "") << "after " << steps << " steps";
    ASSERT_EQ(site.kubelet_.refusal_by_kubelet(), "") << "after " << steps << " steps";
    if (steps % 2 == 1) site.kubelet_.start();
    ASSERT_NE(site.kubelet_.running(), "");
    const Result<InstallResult> done = site.install();
    ASSERT_TRUE(done) << "after " << steps << " steps: " << done.error().where << ' ' << done.error().what;
    ASSERT_EQ(site.kubelet_.fault(), "");
    ASSERT_LE(site.kubelet_.restarts, 1) << "after " << steps << " steps";
    ASSERT_TRUE(site.is_up_to_date()) << "after " << steps << " steps";
    ASSERT_THAT(site.leftovers(), IsEmpty()) << "after " << steps << " steps";
    for (const char *name : {"bin/regcred", "lib/regcred/backends/static.so", "share/regcred/schema/s.json"}) {
      ASSERT_EQ(site.read(std::string("/opt/regcred/current/") + name), name) << "after " << steps << " steps";
    }
    ASSERT_THAT(site.read(with_flags ? "/etc/default/kubelet" : "/etc/p.yaml"),
                HasSubstr(with_flags ? std::string("--v=2") : "# by hand\n" + std::string(providers_head)));
  }
  EXPECT_GT(steps, 40);
}

TEST(Installer, N1_N3_killed_at_every_step_of_a_merge) { stop_at_every_step(false); }
TEST(Installer, N1_N3_killed_at_every_step_with_flags) { stop_at_every_step(true); }

TEST(Installer, N1_killed_at_every_step_with_a_kubelet_that_does_not_come_up) {
  int steps = 0;
  for (bool has_stopped = true; has_stopped; ++steps) {
    Site site;
    site.with_flags();
    site.kubelet_.dislikes = "registry.example.com";
    static_cast<void>(site.install(steps));
    has_stopped = site.has_stopped_;
    static_cast<void>(site.install());
    ASSERT_EQ(site.kubelet_.fault(), "") << "after " << steps << " steps";
    ASSERT_EQ(site.kubelet_.refusal_by_kubelet(), "") << "after " << steps << " steps";
    ASSERT_NE(site.kubelet_.running(), "") << "after " << steps << " steps";
    ASSERT_EQ(site.read("/etc/default/kubelet"), "KUBELET_EXTRA_ARGS=\"--v=2\"\n") << "after " << steps << " steps";
    const int restarts = site.kubelet_.restarts;
    static_cast<void>(site.install());
    ASSERT_EQ(site.kubelet_.restarts, restarts) << "tried again, after " << steps << " steps";
  }
  EXPECT_GT(steps, 40);
}

TEST(Installer, N3_a_removal_leaves_what_others_wrote) {
  for (const bool with_flags : {false, true}) {
    Site site;
    with_flags ? site.with_flags() : site.merge_into(theirs);
    ASSERT_TRUE(site.install());
    const Result<InstallResult> done = site.remove();
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_TRUE(done->restarted);
    EXPECT_EQ(site.kubelet_.restarts, 2);
    EXPECT_EQ(site.read(with_flags ? "/etc/default/kubelet" : "/etc/p.yaml"),
              with_flags ? "KUBELET_EXTRA_ARGS=--v=2\n" : theirs);
    for (const char *path : {"/opt/plugins/regcred", "/opt/regcred/kubelet/providers.yaml", "/opt/regcred/current",
                             "/opt/regcred/versions", "/etc/regcred/config.d/10-a.yaml", installed_state_path}) {
      EXPECT_FALSE(std::filesystem::exists(site.node_.here(path))) << path;
    }
    EXPECT_EQ(site.kubelet_.fault(), "");
  }
}

TEST(Installer, N1_a_removal_that_would_leave_no_provider_is_refused) {
  Site site;
  site.merge_into(theirs);
  ASSERT_TRUE(site.install());
  std::string only = site.read("/etc/p.yaml");
  only.erase(only.find("  - name: theirs"), entry("theirs", "a.example.com").size());
  site.node_.write("/etc/p.yaml", only);
  const Result<InstallResult> refused = site.remove();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("no kubelet starts without one"));
  EXPECT_EQ(site.read("/etc/p.yaml"), only);
}

TEST(Installer, N1_a_program_that_another_entry_names_is_not_removed) {
  Site site;
  site.node_.write("/etc/p.d/10-theirs.yaml", theirs);
  site.node_.write("/opt/plugins/theirs", "x", 0755);
  site.start_with("/etc/p.d", "/opt/plugins");
  site.kubelet_.flags_of_command_line = {"/etc/p.d", "/opt/plugins", ""};
  ASSERT_TRUE(site.install());
  const std::string own = site.read("/etc/p.d/50-regcred.yaml");
  site.node_.write("/etc/p.d/20-moved.yaml", own);
  std::filesystem::remove(site.node_.here("/etc/p.d/50-regcred.yaml"));
  const Result<InstallResult> refused = site.remove();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("names the program of \"regcred\""));
  EXPECT_EQ(site.kubelet_.fault(), "");
}

TEST(Installer, N4_a_removal_without_a_restart_is_completed_by_the_next) {
  Site site;
  site.with_flags();
  ASSERT_TRUE(site.install());
  const Result<InstallResult> waiting = site.remove(never, RestartMode::never);
  ASSERT_TRUE(waiting) << waiting.error().what;
  EXPECT_THAT(waiting->waiting, Not(IsEmpty()));
  EXPECT_TRUE(site.root_.is_file("/opt/regcred/kubelet/providers.yaml"));
  EXPECT_TRUE(site.root_.is_file("/opt/regcred/kubelet/bin/regcred"));
  const Result<InstallResult> done = site.remove();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(site.kubelet_.restarts, 2);
  EXPECT_FALSE(site.root_.is_file("/opt/regcred/kubelet/providers.yaml"));
}

TEST(Installer, N1_a_removal_that_is_killed_at_every_step) {
  for (const bool with_flags : {false, true}) {
    int steps = 0;
    for (bool has_stopped = true; has_stopped; ++steps) {
      Site site;
      with_flags ? site.with_flags() : site.merge_into(theirs);
      ASSERT_TRUE(site.install());
      static_cast<void>(site.remove(steps));
      has_stopped = site.has_stopped_;
      ASSERT_EQ(site.kubelet_.fault(), "") << "after " << steps << " steps";
      ASSERT_EQ(site.kubelet_.refusal_by_kubelet(), "") << "after " << steps << " steps";
      if (steps % 2 == 1) site.kubelet_.start();
      ASSERT_NE(site.kubelet_.running(), "");
      const Result<InstallResult> done = site.remove();
      ASSERT_TRUE(done) << "after " << steps << " steps: " << done.error().where << ' ' << done.error().what;
      ASSERT_EQ(site.kubelet_.fault(), "");
      ASSERT_LE(site.kubelet_.restarts, 2) << "after " << steps << " steps";
      ASSERT_FALSE(std::filesystem::exists(site.node_.here("/opt/regcred/current"))) << "after " << steps << " steps";
      ASSERT_THAT(site.leftovers(), IsEmpty()) << "after " << steps << " steps";
      if (!with_flags) {
        ASSERT_EQ(site.read("/etc/p.yaml"), theirs);
      }
    }
    EXPECT_GT(steps, 15);
  }
}

TEST(Installer, N2_a_kubelet_that_does_not_come_up_after_a_removal_gets_its_files_back) {
  Site site;
  site.merge_into(theirs);
  ASSERT_TRUE(site.install());
  const std::string before = site.read("/etc/p.yaml");
  site.kubelet_.needs = "regcred";
  const Result<InstallResult> failed = site.remove();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().what, HasSubstr("it runs with its old files again"));
  EXPECT_EQ(site.read("/etc/p.yaml"), before);
  EXPECT_TRUE(site.root_.is_file("/opt/plugins/regcred"));
  EXPECT_NE(site.kubelet_.running(), "");
}

// Last, for who asked for judgements: how many there were.
class Judgements : public ::testing::Environment {
  void TearDown() override {
    if (std::getenv("KUBELET_JUDGE") != nullptr) std::printf("judged %d times\n", testing::FakeKubelet::judgements);
  }
};
const auto *const judgements = ::testing::AddGlobalTestEnvironment(new Judgements);

}  // namespace
}  // namespace regcred::core
