// SPDX-License-Identifier: Apache-2.0
// Tests for backends without a network, a kubelet or regcred itself. START HERE.
//
//   FakeHost host;
//   host.expect("POST", "https://api.example.com/exchange")
//       .with_json({{"token", token}})
//       .reply(200, R"({"password":"s3cret-s3cret"})");
//   const Outcome outcome = run(*regcred_backend_entry_v1(), R"({"org":"acme"})",
//                               FakeRequest("registry.example.com/acme/app").token(token), host);
//   EXPECT_THAT(outcome, IsOk());                                       // testing/matchers.hpp, needs gmock
//   EXPECT_EQ(outcome.auth.at(0).password, "s3cret-s3cret");
//
// The backend is run through its C table, the way the host runs it; so what passes here also crosses the boundary.
// Nothing in this header needs GoogleTest. All of it is for tests only: secrets are plain strings here.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/testing/fake_host.hpp>
#include <regcred/testing/fake_request.hpp>
#include <regcred/testing/leaks.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace regcred::test {

// The name of a REGCRED_* code in lower case, "bad_config", for messages; "unknown code N" for others.
[[nodiscard]] inline std::string code_name(std::int32_t code);

// One add_auth that the host accepts: username of 1 byte to 4 KiB, password of at most 64 KiB, no control characters.
// Others get BAD_REQUEST and are not kept.
struct AuthEntry {
  std::string registry;
  std::string username;
  std::string password;
};

// All that a backend said about one request.
struct Outcome {
  std::int32_t code = REGCRED_INTERNAL;             // of get_credentials, or of create when that failed
  std::string text;                                 // of sink->fail
  std::optional<std::chrono::seconds> retry_after;  // of sink->fail
  std::vector<AuthEntry> auth;                      // in the order added
  std::optional<Scope> scope;                       // nullopt: set_cache was not called
  std::optional<std::chrono::seconds> lifetime;     // nullopt: unknown
  bool lifetime_has_margin = false;                 // it came by set_cache_duration
  // Broken rules of the ABI (abi.h), the token or a password in a text or log line (leaks.hpp), a network call or a
  // program where none may be, and FakeHost::problems(): one sentence each. A test expects none.
  std::vector<std::string> problems;
};

// create() and destroy() alone: what becomes of `settings_json`, a JSON object. It may make no network call, so the
// script of `host` stays as it is.
[[nodiscard]] inline Outcome create_only(const regcred_backend_v1 &table, std::string_view settings_json,
                                         FakeHost &host);

// create(), serves_registry() and destroy(), as `regcred check` does it for one pattern of matchImages. `registry` is
// host[:port]. REGCRED_OK also when the table has no serves_registry: every registry is served then.
[[nodiscard]] inline Outcome serves(const regcred_backend_v1 &table, std::string_view settings_json,
                                    std::string_view registry, FakeHost &host);

// create(), expected_audiences() and destroy(), as `regcred check` does it for one pattern of matchImages, with its
// wildcards. Nothing when create() fails, or the table has no expected_audiences. A value that breaks a rule of abi.h,
// and a network call, is shown as "problem: WHAT" among the values.
[[nodiscard]] inline ExpectedAudiences expected_audiences(const regcred_backend_v1 &table,
                                                          std::string_view settings_json, std::string_view registry,
                                                          FakeHost &host);

// create(), get_credentials() and destroy(), as the host does it for one request. One FakeHost may serve several; calls
// that the script expects and that have not come by the end of this one are problems.
[[nodiscard]] inline Outcome run(const regcred_backend_v1 &table, std::string_view settings_json,
                                 const FakeRequest &request, FakeHost &host);

// What the backend's table declares: its name; its JSON Schema as text, empty when it gives none; the annotation keys,
// in order.
[[nodiscard]] inline std::string backend_name(const regcred_backend_v1 &table);
[[nodiscard]] inline std::string settings_schema(const regcred_backend_v1 &table);
[[nodiscard]] inline std::vector<std::string> annotation_keys(const regcred_backend_v1 &table);

}  // namespace regcred::test

#include <regcred/detail/testing_impl.hpp>
