// SPDX-License-Identifier: Apache-2.0
// What is not stored, and what happens when something is wrong with what is.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "cache/file_names.hpp"
#include "unit/dispatch/memory_fixture.hpp"

namespace regcred::core {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(Caching, what_cannot_be_shared_is_not_stored) {
  const auto stores = [&](auto change) {
    worker_.answer = [&, change](const BackendJob &job) {
      WorkerResult result = password(job);
      change(result);
      return result;
    };
    EXPECT_EQ(use(), "miss");
    return stored();
  };
  EXPECT_EQ(stores([](WorkerResult &result) { result.lifetime_seconds = 0; }), 0U);
  EXPECT_EQ(stores([](WorkerResult &result) { result.lifetime_seconds = REGCRED_LIFETIME_UNKNOWN; }), 0U);
  EXPECT_EQ(stores([](WorkerResult &result) { result.auth[0].password = Secret("header.claims.signature"); }), 0U);
  EXPECT_EQ(stores([](WorkerResult &result) { result.auth[0].password = Secret("x header.claims.signature x"); }), 0U);
  EXPECT_EQ(stores([](WorkerResult &result) { result.auth[0].username = "header.claims.signature"; }), 0U);
  EXPECT_EQ(stores([](WorkerResult &result) { result.code = REGCRED_NO_CREDENTIALS; }), 0U);
  EXPECT_EQ(stores([](WorkerResult &result) { result.auth[0].registry = "evil.io"; }), 0U);
  entry_.cache_max = std::chrono::seconds(0);
  EXPECT_EQ(stores([](WorkerResult &) {}), 0U);
  entry_.cache_max.reset();
  EXPECT_EQ(stores([](WorkerResult &) {}), 1U);
}

TEST_F(Caching, answers_of_static_are_not_stored) {
  directory_.write("backends/static.so", "");
  entry_.backend = "static";
  EXPECT_EQ(use(), "");
  EXPECT_EQ(use(), "");
}

TEST_F(Caching, C2_a_stored_answer_is_judged_like_a_worker) {
  EXPECT_EQ(use(), "miss");
  NodeCache node = cache();
  CacheEntry entry = std::move(*node.find(keys().registry).entry);
  WorkerResult forged = says(REGCRED_OK);
  forged.scope = REGCRED_SCOPE_REGISTRY;
  forged.auth.push_back({"evil.io", "user", Secret("password")});
  entry.payload = encoded(forged);
  ASSERT_EQ(node.put(entry), 0);
  EXPECT_EQ(ask(), "password 2");
  EXPECT_EQ(use_, "miss");
  EXPECT_TRUE(note_.corrupt);
  EXPECT_EQ(use(), "hit") << "it was replaced";
}

TEST_F(Caching, C2_whatever_lies_there_the_answer_is_right) {
  EXPECT_EQ(use(), "miss");
  const std::string file = cache_directory() + '/' + data_name(keys().registry);
  const auto broken = [&](auto act) {
    act();
    EXPECT_THAT(ask(), HasSubstr("password"));
    EXPECT_EQ(use_, "miss");
    std::filesystem::remove_all(file);
    EXPECT_EQ(use(), "miss");
    EXPECT_EQ(use(), "hit");
  };
  broken([&] { std::filesystem::resize_file(file, 100); });
  broken([&] { std::filesystem::resize_file(file, 1 << 20); });
  broken([&] { ASSERT_EQ(::chmod(file.c_str(), 0644), 0); });
  broken([&] { ASSERT_EQ(::link(file.c_str(), (file + "x").c_str()), 0); });
  broken([&] {
    std::filesystem::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  });
  broken([&] {
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
  });
  broken([&] {
    std::filesystem::rename(file, file + "y");
    std::filesystem::create_symlink(file + "y", file);
  });
  broken([&] { clock_.node.wall_ms -= 7'200'000; });
  clock_.node.wall_ms += 7'200'000;
}

TEST_F(Caching, C2_a_directory_that_cannot_be_used_is_one_warning) {
  EXPECT_EQ(use(), "miss");
  ASSERT_EQ(::chmod(cache_directory().c_str(), 0755), 0);
  EXPECT_EQ(ask(), "password 2");
  EXPECT_EQ(use_, "");
  ASSERT_THAT(log_.lines, SizeIs(1));
  EXPECT_THAT(log_.lines[0], HasSubstr("node cache: " + cache_directory() + ": is open to others"));
}

TEST_F(Caching, C2_a_full_disk_is_one_warning) {
  static_cast<void>(cache());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit none{0, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  const std::string answer = ask();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(answer, "password 1");
  ASSERT_THAT(log_.lines, SizeIs(1));
  EXPECT_THAT(log_.lines[0], HasSubstr("cannot be written to"));
  EXPECT_EQ(use(), "miss");
}

TEST_F(Caching, C2_what_cannot_be_renewed_is_given_while_it_lives) {
  request_.token_claims->expires_at = now_s() + 100'000;
  EXPECT_EQ(use(), "miss");
  clock_.node.pass_ms(3'220'000);
  worker_says(REGCRED_UNAVAILABLE, "no connection");
  EXPECT_EQ(use(), "stale");
  EXPECT_EQ(cache_duration(), 19) << "no longer than the kubelet was told at first";
  clock_.node.pass_ms(80'000);
  log_.lines.clear();
  EXPECT_EQ(ask(), "password 1");
  EXPECT_EQ(use_, "stale");
  EXPECT_EQ(cache_duration(), 269);
  ASSERT_THAT(log_.lines, SizeIs(1));
  EXPECT_THAT(log_.lines[0], HasSubstr("could not be renewed"));
  worker_.answer = [](const BackendJob &) { return fail(ErrorCode::deadline, "", "no time"); };
  EXPECT_EQ(use(), "stale");
  worker_says(REGCRED_DENIED, "this account was removed");
  EXPECT_THAT(ask(), HasSubstr("this account was removed")) << "a refusal counts";
  worker_says(REGCRED_NO_CREDENTIALS);
  EXPECT_EQ(ask(), "none");
  worker_says(REGCRED_UNAVAILABLE, "no connection");
  clock_.node.pass_ms(275'000);
  EXPECT_THAT(ask(), HasSubstr("no connection")) << "25 s before its end";
  clock_.node.pass_ms(60'000);
  EXPECT_THAT(ask(), HasSubstr("no connection")) << "and behind it";
}

}  // namespace
}  // namespace regcred::core
