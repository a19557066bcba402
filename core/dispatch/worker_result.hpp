// SPDX-License-Identifier: Apache-2.0
// The result of one call of a backend, and its fields on the worker's pipe. The parent treats them as hostile.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/limits.hpp"
#include "common/request.hpp"
#include "services/http/recorded_http.hpp"
#include "services/http/throttle_watch.hpp"
#include "worker/wire.hpp"

namespace regcred::core {

struct WorkerResult {
  std::int32_t code = REGCRED_INTERNAL;   // REGCRED_*, as the backend returned it: may be any number
  std::string text;                       // from sink->fail, at most limits::backend_text_bytes_max
  std::int64_t retry_after_seconds = -1;  // -1: unknown
  std::int32_t scope = REGCRED_SCOPE_IMAGE;
  std::int64_t lifetime_seconds = REGCRED_LIFETIME_UNKNOWN;
  bool lifetime_has_margin = false;  // nothing is to be subtracted
  std::vector<AuthEntry> auth;
  std::vector<HttpCall> calls = {};              // that were made, when somebody wants them (RunnerContext::calls)
  std::vector<AskedAuthority> authorities = {};  // that were asked, or would have been (throttle_watch.hpp)
};

template <class Wire>
void on_wire(Wire &wire, AuthEntry &entry) {
  wire.text(entry.registry, limits::image_bytes_max);
  wire.text(entry.username, limits::username_bytes_max);
  wire.secret(entry.password, limits::password_bytes_max);
  wire.flag(entry.username_is_secret);
}

template <class Wire>
void on_wire(Wire &wire, HttpCall &call) {
  for (std::string *text : {&call.party, &call.method, &call.url, &call.failure}) on_wire(wire, *text);
  wire.number(call.status);
  wire.number(call.attempts);
  wire.number(call.ms);
}

template <class Wire>
void on_wire(Wire &wire, AskedAuthority &asked) {
  wire.text(asked.authority, limits::authority_bytes_max);
  wire.choice(asked.outcome, AuthorityOutcome::no_answer, AuthorityOutcome::held_back);
  wire.number(asked.wait_seconds);
}

template <class Wire>
void on_wire(Wire &wire, WorkerResult &result) {
  wire.number(result.code);
  wire.text(result.text, limits::backend_text_bytes_max);
  wire.number(result.retry_after_seconds);
  wire.number(result.scope);
  wire.number(result.lifetime_seconds);
  wire.flag(result.lifetime_has_margin);
  wire.list(result.auth, limits::auth_entries_max);  // guard: auth-entries-limit
  wire.list(result.calls, recorded_calls_max);
  wire.list(result.authorities, asked_authorities_max);
}

// What a backend says of a registry, or of a pattern's, with the settings of one entry.
struct RegistryOpinion {
  std::string unserved;                // why it can never serve it; empty when it can
  std::vector<std::string> audiences;  // of the pod's token, that are accepted by default: first the one to use
  std::string accepted_by;             // what to change so that another one is; empty: not known
};

template <class Wire>
void on_wire(Wire &wire, RegistryOpinion &opinion) {
  on_wire(wire, opinion.unserved);
  wire.list(opinion.audiences, limits::expected_audiences_max);
  on_wire(wire, opinion.accepted_by);
}

}  // namespace regcred::core
