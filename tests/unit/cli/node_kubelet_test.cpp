// SPDX-License-Identifier: Apache-2.0
// Restarting and watching a kubelet, and judging a program on another root, without a systemd.
#include "cli/node/node_kubelet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/node/fake_node.hpp"
#include "unit/services/fake_clock.hpp"

namespace regcred::core {
namespace {

using testing::FakeNode;
using ::testing::HasSubstr;

constexpr const char *first = "911@1000000005";

class NodeKubeletTest : public ::testing::Test {
 protected:
  NodeKubeletTest() : root_(node_.root()) {}
  void start(int id) { node_.add({id, 1, "/usr/bin/kubelet", "/usr/bin/kubelet --v=2"}); }
  [[nodiscard]] Status watch() {
    NodeKubelet kubelet(root_, clock_, {});
    return kubelet.watch(first);
  }

  FakeNode node_;
  HostRoot root_;
  FakeClock clock_;
};

TEST_F(NodeKubeletTest, N2_a_new_process_that_stays_for_15_seconds_is_up) {
  start(912);
  const std::int64_t from_ms = clock_.monotonic_ms();
  const Status up = watch();
  EXPECT_TRUE(up) << up.error().what;
  EXPECT_GE(clock_.monotonic_ms() - from_ms, 15'000);
  EXPECT_LE(clock_.monotonic_ms() - from_ms, 16'000);
}

TEST_F(NodeKubeletTest, N2_the_old_process_is_not_the_new_one) {
  start(911);
  const std::int64_t from_ms = clock_.monotonic_ms();
  const Status up = watch();
  ASSERT_FALSE(up);
  EXPECT_EQ(up.error().code, ErrorCode::deadline);
  EXPECT_EQ(up.error().what, "no new process of it within 90 s");
  EXPECT_LE(clock_.monotonic_ms() - from_ms, 91'000);
}

TEST_F(NodeKubeletTest, a_program_that_is_not_on_the_node_cannot_restart_it) {
  NodeKubelet kubelet(root_, clock_, {});
  const Status restarted = kubelet.restart();
  ASSERT_FALSE(restarted);
  EXPECT_EQ(restarted.error().where, "systemctl");
  EXPECT_THAT(restarted.error().cure, HasSubstr("--restart COMMAND"));
}

TEST_F(NodeKubeletTest, a_program_that_does_not_start_on_the_node_is_named) {
  NodeKubelet kubelet(root_, clock_, {});
  const Status judged = kubelet.judge("/opt/regcred/bin/regcred", "");
  ASSERT_FALSE(judged);
  EXPECT_THAT(judged.error().what, HasSubstr("does not start on this node"));
}

}  // namespace
}  // namespace regcred::core
