// SPDX-License-Identifier: Apache-2.0
// A small crowd, for every run of the tests: sixty requests at once, of every kind. Says nothing about time; for that,
// and for larger crowds, `./dev load`.
#include <gtest/gtest.h>

#include <algorithm>

#include "load/crowd.hpp"
#include "load/registries.hpp"
#include "load/verdict.hpp"
#include "support/process.hpp"

namespace regcred::testing {
namespace {

TEST(Load, L1_L5_L6_M2_sixty_at_once_each_get_what_is_theirs) {
  const TemporaryDirectory directory;
  const Registries registries(directory.path());
  Crowd crowd({registries.server()});
  for (int number = 0; number < 60; ++number) {
    crowd.start(number, {REGCRED_PROGRAM, "--config", registries.config_file()}, Registries::mixed(number).input);
  }
  long peak_kib = 0;
  while (crowd.running() > 0) {
    const Finished finished = crowd.wait_for_one();
    EXPECT_EQ(what_is_wrong(Registries::mixed(finished.number), finished), "");
    peak_kib = std::max(peak_kib, finished.peak_kib);
  }
  EXPECT_EQ(crowd.left_behind(), 0);
#ifndef REGCRED_SANITIZED
  EXPECT_LT(peak_kib, 40 * 1024) << "one process of one request";
#endif
}

// The judge itself: what it is there to find, it finds.
TEST(Load, what_is_wrong_is_seen) {
  const LoadRequest fine = Registries::plain(1);
  const LoadRequest denied = Registries::mixed(6);
  ASSERT_EQ(denied.kind, "denied");
  const auto answer = [](const std::string &host, const std::string &password) {
    return R"({"auth":{")" + host + R"(":{"username":"u","password":")" + password + "\"}}}\n";
  };
  EXPECT_EQ(what_is_wrong(fine, {1, 0, answer("quick.example.com", fine.password), ""}), "");
  EXPECT_EQ(what_is_wrong(denied, {6, 6, "", "regcred: denied\n"}), "");
  const std::pair<LoadRequest, Finished> wrong[] = {
      {fine, {1, 7, "", "regcred: timed out\n"}},
      {fine, {1, 0, answer("quick.example.com", Registries::plain(2).password), ""}},
      {fine, {1, 0, answer("slow.example.com", fine.password), ""}},
      {fine, {1, 0, answer("quick.example.com", fine.password).substr(0, 30), ""}},
      {fine, {1, 0, answer("quick.example.com", fine.password), "regcred: " + fine.token + "\n"}},
      {denied, {6, 6, "{}", "regcred: denied\n"}},
      {denied, {6, 6, "", "regcred: denied\nand more\n"}},
      {denied, {6, 6, "", "regcred: unavailable\n"}},
  };
  for (const auto &[request, finished] : wrong) EXPECT_NE(what_is_wrong(request, finished), "") << finished.err;
}

}  // namespace
}  // namespace regcred::testing
