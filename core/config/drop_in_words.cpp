// SPDX-License-Identifier: Apache-2.0
#include "config/drop_in_words.hpp"

#include <string_view>

namespace regcred::core {

std::string in_drop_in_words(std::string text) {
  struct Word {
    std::string_view configured;
    std::string_view drop_in;
  };
  constexpr Word words[] = {
      {"settings.", ""},
      {"orgSlug", "CLOUDSMITH_ORG_SLUG"},
      {"serviceSlug", "CLOUDSMITH_SERVICE_SLUG"},
      {"apiHost", "CLOUDSMITH_API_HOST"},
      {"allowedApiHosts", "CLOUDSMITH_ALLOWED_API_HOST_SUFFIXES"},
      {"registryHosts", "CLOUDSMITH_REGISTRY_HOSTS"},
      {"`audience` at environment (drop-in mode)", "CLOUDSMITH_OIDC_AUDIENCE"},
      {"write audience: with", "set CLOUDSMITH_OIDC_AUDIENCE to"},
      {"choose an audience that only the registry takes, here and in",
       "choose an audience that only the registry takes, in CLOUDSMITH_OIDC_AUDIENCE and in"},
      {"narrow matchImages", "narrow this provider's matchImages in the CredentialProviderConfig"},
  };
  for (const auto &[configured, drop_in] : words) {
    for (std::size_t at = text.find(configured); at != std::string::npos; at = text.find(configured, at)) {
      text.replace(at, configured.size(), drop_in);
      at += drop_in.size();
    }
  }
  return text;
}

}  // namespace regcred::core
