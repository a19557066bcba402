// SPDX-License-Identifier: Apache-2.0
#include "emulator/organisations.hpp"

#include <algorithm>

namespace regcred::emulator {
namespace {

bool value_matches(std::string_view wanted, std::string_view value) {
  if (!wanted.ends_with(".*")) return wanted == value;
  return value.starts_with(wanted.substr(0, wanted.size() - 2));
}

bool claim_matches(std::string_view wanted, const nlohmann::json &claim) {
  const auto is_it = [wanted](const nlohmann::json &value) {
    return value.is_string() && value_matches(wanted, value.get_ref<const std::string &>());
  };
  if (claim.is_array()) return std::any_of(claim.begin(), claim.end(), is_it);
  return is_it(claim);
}

OidcSetting read_setting(const nlohmann::json &from, const std::string &issuer) {
  OidcSetting setting;
  setting.provider_url = from.at("provider_url").get<std::string>();
  if (setting.provider_url == "{issuer}") setting.provider_url = issuer;
  setting.claims = from.value("claims", std::map<std::string, std::string>{});
  setting.service_accounts = from.value("service_accounts", std::vector<std::string>{});
  setting.mapping_claim = from.value("mapping_claim", "");
  for (const nlohmann::json &mapping : from.value("dynamic_mappings", nlohmann::json::array())) {
    setting.dynamic_mappings[mapping.at("claim_value")] = mapping.at("service_account");
  }
  return setting;
}

}  // namespace

Organisations read_organisations(const nlohmann::json &document, const std::string &issuer) {
  Organisations organisations;
  for (const auto &[slug, from] : document.at("organisations").items()) {
    Organisation &organisation = organisations.by_slug[slug];
    for (const nlohmann::json &setting : from.at("oidc")) organisation.oidc.push_back(read_setting(setting, issuer));
    organisation.services = from.at("services").get<std::map<std::string, std::vector<std::string>>>();
  }
  organisations.publishers = document.value("publishers", std::map<std::string, std::string>{});
  return organisations;
}

bool claims_match(const OidcSetting &setting, const nlohmann::json &claims) {
  return std::all_of(setting.claims.begin(), setting.claims.end(), [&claims](const auto &wanted) {
    const auto claim = claims.find(wanted.first);
    return claim != claims.end() && claim_matches(wanted.second, *claim);
  });
}

std::optional<std::string> service_for(const OidcSetting &setting, const std::optional<std::string> &asked,
                                       const nlohmann::json &claims) {
  if (asked) {
    const auto &listed = setting.service_accounts;
    return std::find(listed.begin(), listed.end(), *asked) != listed.end() ? asked : std::nullopt;
  }
  const auto claim = claims.find(setting.mapping_claim);
  if (claim == claims.end() || !claim->is_string()) return std::nullopt;
  const auto mapping = setting.dynamic_mappings.find(claim->get<std::string>());
  if (mapping == setting.dynamic_mappings.end()) return std::nullopt;
  return mapping->second;
}

}  // namespace regcred::emulator
