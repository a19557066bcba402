// SPDX-License-Identifier: Apache-2.0
// Steps about the service account token: what it says, and whether that fits the entry. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <regcred/jwt.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/report.hpp"
#include "common/registry_config.hpp"
#include "dispatch/worker_result.hpp"

namespace regcred::core {

// A token that could be read. Unverified, so every text is hostile.
struct TokenFacts {
  std::string_view token;
  std::string algorithm;  // of its header
  std::string key_id;
  UnverifiedClaims claims;
};

inline const std::vector<std::string> token_steps = {"token", "token-audience", "token-expiry"};

// For whom the token must be: as the entry that answers says, null when none does, and as its backend expects.
struct WantedAudience {
  const RegistryEntry *entry = nullptr;
  RegistryOpinion opinion = {};
};

// Empty when `token` is not a JWT: the step has failed then.
[[nodiscard]] std::optional<TokenFacts> examine_token(std::string_view token, const WantedAudience &wanted,
                                                      std::int64_t unix_now, DoctorReport &report);

}  // namespace regcred::core
