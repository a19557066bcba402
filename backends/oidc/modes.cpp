// SPDX-License-Identifier: Apache-2.0
#include "modes.hpp"

#include <vector>

namespace oidc {
namespace {

const std::vector<Mode> &modes() {
  static const std::vector<Mode> table = {
      {"tokenExchange",
       Kind::body,
       "subject_token",
       {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
        {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"}},
       "grant_type"},
      {"jwtBearer",
       Kind::body,
       "assertion",
       {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}},
       "grant_type"},
      {"clientAssertion",
       Kind::body,
       "client_assertion",
       {{"grant_type", "client_credentials"},
        {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}},
       "client_assertion_type"},
      {"custom", Kind::body, "", {}, ""},
      {"bearer", Kind::bearer, "", {}, ""},
      {"passThrough", Kind::pass_through, "", {}, ""},
  };
  return table;
}

}  // namespace

std::optional<Mode> find_mode(std::string_view name) {
  for (const Mode &mode : modes()) {
    if (mode.name == name) return mode;
  }
  return std::nullopt;
}

std::string mode_names() {
  std::string names;
  for (const Mode &mode : modes()) names += (names.empty() ? "" : ", ") + std::string(mode.name);
  return names;
}

}  // namespace oidc
