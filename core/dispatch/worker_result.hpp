// SPDX-License-Identifier: Apache-2.0
// The result of one call of a backend, and its fields on the worker's pipe. The parent treats them as hostile.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/limits.hpp"
#include "common/request.hpp"
#include "common/result.hpp"
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
};

template <class Wire>
void on_wire(Wire &wire, AuthEntry &entry) {
  wire.text(entry.registry, limits::image_bytes_max);
  wire.text(entry.username, limits::username_bytes_max);
  wire.secret(entry.password, limits::password_bytes_max);
  wire.flag(entry.username_is_secret);
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
}

}  // namespace regcred::core
