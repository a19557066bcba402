// SPDX-License-Identifier: Apache-2.0
// One request after the other, each as a process of its own would answer it, on a node that remembers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "dispatch/caching_runner.hpp"
#include "dispatch/throttled_runner.hpp"
#include "support/process.hpp"
#include "support/recording_log.hpp"
#include "unit/cache/cache_fixture.hpp"

namespace regcred::core {

// Does something during each sleep, as another process would.
class BusyClock final : public Clock {
 public:
  testing::NodeClock node;
  std::function<void()> on_sleep;

  [[nodiscard]] std::int64_t unix_ms() override { return node.unix_ms(); }
  [[nodiscard]] std::int64_t monotonic_ms() override { return node.monotonic_ms(); }
  void sleep_ms(std::int64_t ms) override {
    node.pass_ms(ms);
    if (on_sleep) on_sleep();
  }
};

// Stands for the worker.
class ScriptedWorker final : public BackendRunner {
 public:
  std::function<Result<WorkerResult>(const BackendJob &)> answer;
  int calls = 0;
  std::vector<HeldAuthority> held;  // of the last job

  [[nodiscard]] Result<WorkerResult> run(const BackendJob &job) override {
    ++calls;
    held = job.held == nullptr ? std::vector<HeldAuthority>{} : *job.held;
    return answer(job);
  }
};

[[nodiscard]] inline WorkerResult says(std::int32_t code, std::string text = {}) {
  WorkerResult result;
  result.code = code;
  result.text = std::move(text);
  return result;
}

class OnNode : public ::testing::Test {
 protected:
  OnNode() {
    directory_.write("backends/fake.so", "not loaded here");
    config_.node_cache = testing::cache_at(directory_.path() + "/cache");
    config_.throttle.directory = directory_.path() + "/throttle";
    entry_.name = "one";
    entry_.backend = "fake";
    entry_.cache_node = NodeCacheMode::service_account;
    entry_.settings_json = R"({"host":"api.example.com"})";
    request_.image = ImageReference("reg.io/team/app");
    request_.service_account_token = Secret("header.claims.signature");
    request_.token_claims = TokenClaims{{"registry"}, "team-a/default", "uid-1", "https://issuer", now_s() + 600, {}};
    worker_.answer = [this](const BackendJob &job) { return password(job); };
  }

  std::int64_t now_s() { return clock_.unix_ms() / 1000; }
  // A password for all of the registry that lives an hour, another one each time.
  WorkerResult password(const BackendJob &job) {
    WorkerResult result = says(REGCRED_OK);
    result.scope = REGCRED_SCOPE_REGISTRY;
    result.lifetime_seconds = 3600;
    const std::string host(job.request.image.registry());
    result.auth.push_back({host, "user", Secret("password " + std::to_string(worker_.calls))});
    return result;
  }
  void worker_says(std::int32_t code, std::string text = {}) {
    worker_.answer = [code, text](const BackendJob &) { return says(code, text); };
  }

  RunnerContext context() {
    return {config_, installation_, loader_, credentials_directory_, {started_ms_ + deadline_ms_}, clock_, log_};
  }
  // The password, or the error's line; `use_` and `answered_` have the rest.
  std::string ask() {
    clock_.node.pass_ms(1);  // a process does not start in the moment in which another ends
    started_ms_ = clock_.monotonic_ms();
    ThrottledRunner throttled(worker_, context());
    CachingRunner runner(throttled, context());
    Route route;
    route.candidates = {&entry_};
    route.whole_registry = whole_registry_;
    answered_ = dispatch(request_, route, runner, clock_, log_);
    note_ = runner.note();
    refused_ = throttled.refused();
    use_ = std::string(name_of(note_.use));
    if (!answered_.answer) return answered_.answer.error().what + "; " + answered_.answer.error().cure;
    return answered_.answer->auth.empty() ? "none" : std::string(answered_.answer->auth.front().password.reveal());
  }
  std::int64_t cache_duration() const {
    return answered_.answer->cache_duration.value_or(std::chrono::seconds(-1)).count();
  }
  // How the request was answered: "hit", "miss" ...
  std::string use() {
    static_cast<void>(ask());
    return use_;
  }

  testing::TemporaryDirectory directory_;
  Config config_;
  Installation installation_;
  BackendLoader loader_{{directory_.path() + "/backends"}};
  std::string credentials_directory_;
  BusyClock clock_;
  testing::RecordingLog log_{REGCRED_LOG_WARN};
  RegistryEntry entry_;
  Request request_;
  bool whole_registry_ = true;
  std::int64_t deadline_ms_ = 45'000;
  std::int64_t started_ms_ = 0;
  ScriptedWorker worker_;
  Answered answered_{fail(ErrorCode::internal, "", ""), nullptr, {}, {}};
  CacheNote note_;
  bool refused_ = false;
  std::string use_;
};

// With what is stored.
class Caching : public OnNode {
 protected:
  std::string cache_directory() const { return config_.node_cache.directory; }
  NodeCache cache() { return std::move(*NodeCache::open(config_.node_cache, clock_, PrivateDirectory::Missing::make)); }
  CallKeys keys() {
    Route route;
    route.whole_registry = whole_registry_;
    return cache_keys({entry_, route, request_}, context()).value_or(CallKeys{});
  }
  std::size_t stored() { return cache().list().size(); }
};

}  // namespace regcred::core
