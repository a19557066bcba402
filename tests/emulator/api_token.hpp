// SPDX-License-Identifier: Apache-2.0
// The token that Cloudsmith gives for a cluster's token, and that is the registry's password.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "support/certificates.hpp"

namespace regcred::emulator {

struct ApiIdentity {
  std::string org;
  std::string service;
};

class ApiTokens {
 public:
  // Documented: "active for 2 hours".
  static constexpr std::chrono::seconds default_lifetime{7200};

  ApiTokens();
  [[nodiscard]] std::string issue(const ApiIdentity &identity, std::chrono::seconds lifetime = default_lifetime) const;
  // Empty when `token` is not of our making, or expired.
  [[nodiscard]] std::optional<ApiIdentity> verify(const std::string &token) const;

 private:
  testing::KeyPtr key_;
};

}  // namespace regcred::emulator
