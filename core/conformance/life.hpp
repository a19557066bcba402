// SPDX-License-Identifier: Apache-2.0
// One backend instance: create, get_credentials, destroy, with everything that it reports.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <optional>
#include <regcred/testing.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/lent_host.hpp"

namespace regcred::conformance {

struct SaidAuth {
  std::string registry;
  std::string username;
  std::string secret;
  bool operator==(const SaidAuth &) const = default;
};

struct SaidFailure {
  std::int32_t code;
  std::int64_t retry_after_seconds;
  std::string text;
};

struct SaidCache {
  std::int32_t scope;
  std::int64_t lifetime_seconds;
  bool has_margin = false;  // by set_cache_duration
};

// What a backend reported and did, as facts for the checks. Everything is in the order of its arrival.
struct Said {
  std::int32_t create_code = REGCRED_INTERNAL;
  std::int32_t code = REGCRED_INTERNAL;     // of get_credentials, or of create when that failed
  std::vector<SaidFailure> failures;        // each sink->fail
  std::vector<SaidAuth> auth;               // each add_auth that was taken
  std::vector<SaidCache> cache;             // each set_cache and set_cache_duration
  std::size_t network_calls_in_create = 0;  // and programs
  std::size_t programs_run = 0;
  std::vector<test::RecordedCall> network_calls;
  std::vector<std::string> log;
  std::vector<std::int32_t> log_levels;  // of each line
  std::vector<std::string> host_calls;   // every function of host and sink it called, by name
  std::vector<std::string> differences;  // from the conversation, and from the HTTP service's rules

  // The credential's lifetime in seconds; nullopt when the backend set none, or unknown.
  [[nodiscard]] std::optional<std::int64_t> lifetime_seconds() const;
  // OK with a credential, after the network calls of the conversation and no other.
  [[nodiscard]] bool is_success() const { return code == REGCRED_OK && !auth.empty() && differences.empty(); }
  // `denied: "the text"`: the code and the last text, printable, without the token, and cut.
  [[nodiscard]] std::string summary(const Subject &subject) const;
};

// The steps one by one, for checks that interleave them; live() below takes them all. A scene outlives its instances.
class Life {
 public:
  Life(const regcred_backend_v1 &table, const Subject &subject, const Scene &scene, const Progress &progress);
  Life(const Life &) = delete;
  Life &operator=(const Life &) = delete;

  // Calls create. Gives its code; `instance()` is what it stored, or the pointer that stood there before.
  std::int32_t create();
  std::int32_t get_credentials();
  // Only for a backend that has serves_registry, after create.
  std::int32_t serves_registry(std::string_view registry);
  // Only for a backend that has expected_audiences, after create.
  struct Audiences {
    std::int32_t code = REGCRED_INTERNAL;
    std::vector<std::string> values;
    std::vector<std::string> accepted_by;
    bool operator==(const Audiences &) const = default;
  };
  Audiences expected_audiences(std::string_view registry);
  void destroy();

  [[nodiscard]] const void *instance() const { return instance_; }
  // What stands in the instance pointer before create.
  [[nodiscard]] static void *untouched();
  // Everything reported so far.
  [[nodiscard]] Said said() const;

 private:
  static std::int32_t add_auth(void *context, regcred_slice registry, regcred_slice username,
                               regcred_slice secret) noexcept;
  static std::int32_t set_cache(void *context, std::int32_t scope, std::int64_t lifetime_seconds) noexcept;
  static std::int32_t set_cache_duration(void *context, std::int32_t scope, std::int64_t seconds) noexcept;
  static std::int32_t fail(void *context, std::int32_t code, std::int64_t retry_after_seconds,
                           regcred_slice text) noexcept;
  [[nodiscard]] regcred_sink_v1 sink_table();

  const regcred_backend_v1 &table_;
  const Subject &subject_;
  const Scene &scene_;
  HostCalls calls_;
  LentHost host_;
  Shaped<regcred_sink_v1> sink_;
  Said said_;
  void *instance_;
};

// create; when it succeeds, also get_credentials and destroy.
[[nodiscard]] Said live(const regcred_backend_v1 &table, const Subject &subject, const Scene &scene,
                        const Progress &progress);

using test::code_name;  // "denied", or "unknown code 4711"

}  // namespace regcred::conformance
