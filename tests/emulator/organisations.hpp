// SPDX-License-Identifier: Apache-2.0
// What the emulated Cloudsmith knows: organisations, their OIDC settings, service accounts and repositories.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regcred::emulator {

// One OIDC setting of an organisation; fields as in Cloudsmith's API (orgs/{org}/openid-connect/).
struct OidcSetting {
  std::string provider_url;                   // equal to the token's iss
  std::map<std::string, std::string> claims;  // all must be there; ".*" at the end of a value matches anything
  std::vector<std::string> service_accounts;  // which may be asked for
  std::string mapping_claim;                  // or: this claim's value chooses, by
  std::map<std::string, std::string> dynamic_mappings;
};

struct Organisation {
  std::vector<OidcSetting> oidc;
  std::map<std::string, std::vector<std::string>> services;  // slug to the repositories that it may pull from
};

struct Organisations {
  std::map<std::string, Organisation> by_slug;
  std::map<std::string, std::string> publishers;  // username to password: may push everywhere
};

// From JSON as in tests/emulator/demo.json; "{issuer}" in a provider_url stands for `issuer`. Throws
// nlohmann::json::exception when it has another shape.
[[nodiscard]] Organisations read_organisations(const nlohmann::json &document, const std::string &issuer);

// Whether all claims of `setting` are in `claims`; a list (as in aud) matches when one of its items does.
[[nodiscard]] bool claims_match(const OidcSetting &setting, const nlohmann::json &claims);

// The service account that `setting` gives for the one asked for (or, without, by the mapping claim); empty: none.
[[nodiscard]] std::optional<std::string> service_for(const OidcSetting &setting,
                                                     const std::optional<std::string> &asked,
                                                     const nlohmann::json &claims);

}  // namespace regcred::emulator
