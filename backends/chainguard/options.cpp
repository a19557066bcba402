// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/setting_rules.hpp>
#include <utility>

namespace chainguard {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;

constexpr std::size_t identity_bytes_max = 256;
constexpr std::size_t identities_max = 1024;

bool is_identity(std::string_view text) {
  constexpr std::string_view allowed = "-_./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.size() <= identity_bytes_max &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

Result<void> check_identity(std::string_view key, std::string_view text) {
  if (is_identity(text)) return {};
  return failure(Code::bad_config, "settings." + std::string(key) + ": " + regcred::shown(text) +
                                       " is not a UIDP; copy the identity's id from Chainguard");
}

}  // namespace

Result<Options> read_options(regcred::Settings &settings) {
  Options options;
  options.identity = settings.text("identity");
  options.allowed_identities = settings.texts("allowedIdentities");
  Result<std::optional<std::string>> issuer_host = regcred::read_host(settings, "issuerHost");
  Result<std::optional<std::string>> username = regcred::read_username(settings, "username");
  Result<regcred::HttpHeaders> headers = regcred::read_headers(settings, "headers");

  if (options.identity) {
    if (Result<void> good = check_identity("identity", *options.identity); !good)
      return tl::make_unexpected(good.error());
  }
  for (const std::string &identity : options.allowed_identities) {
    if (Result<void> good = check_identity("allowedIdentities", identity); !good)
      return tl::make_unexpected(good.error());
  }
  if (options.allowed_identities.size() > identities_max) {
    return failure(Code::bad_config, "settings.allowedIdentities: more than 1024 identities");
  }
  if (!options.identity && options.allowed_identities.empty()) {
    return failure(Code::bad_config,
                   "settings.identity: is missing; write the UIDP to assume, or let service accounts choose among "
                   "settings.allowedIdentities");
  }
  if (!issuer_host) return tl::make_unexpected(std::move(issuer_host.error()));
  if (!username) return tl::make_unexpected(std::move(username.error()));
  if (!headers) return tl::make_unexpected(std::move(headers.error()));
  options.issuer_host = issuer_host->value_or("issuer.enforce.dev");
  options.username = username->value_or("_token");
  options.headers = std::move(*headers);
  return options;
}

}  // namespace chainguard
