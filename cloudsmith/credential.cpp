#include "credential.hpp"

#include <algorithm>
#include <regcred/jwt.hpp>
#include <string_view>
#include <utility>

namespace cloudsmith {
namespace {

using regcred::Credentials;
using regcred::Result;

// Cloudsmith's tokens live for about two hours. What claims to live longer than a day is cached for a day.
constexpr std::chrono::hours lifetime_max{24};
constexpr std::size_t token_bytes_max = 64U * 1024U;  // what the host takes as a password

// Empty when `token` can be a password: printable ASCII without blanks.
std::string_view fault_of(std::string_view token) {
  if (token.empty()) return "Cloudsmith's answer holds an empty token";
  if (token.size() > token_bytes_max) return "Cloudsmith's answer holds a token of more than 64 KiB";
  const bool plain = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
  return plain ? "" : "Cloudsmith's answer holds a token with blanks or control characters";
}

}  // namespace

Result<Credentials> read_credential(const regcred::HttpResponse &response, const std::string &username,
                                    const Exchange &exchange) {
  const auto unusable_since = [&](std::string_view finding) {
    return tl::make_unexpected(unusable(finding, exchange));
  };
  if (!response.ok() || is_web_page(response)) return tl::make_unexpected(refused(response, exchange));
  const std::optional<nlohmann::json> body = response.json_object();
  if (!body) return unusable_since("Cloudsmith's answer is no JSON object; check apiHost and the proxy");
  const auto found = body->find("token");
  if (found == body->end()) return unusable_since("Cloudsmith's answer holds no token; check apiHost");
  if (!found->is_string()) return unusable_since("Cloudsmith's answer holds a token that is no text; check apiHost");
  const std::string &token = found->get_ref<const std::string &>();
  if (const std::string_view fault = fault_of(token); !fault.empty()) return unusable_since(fault);

  Credentials credentials;
  const std::optional<regcred::UnverifiedClaims> claims = regcred::read_unverified_claims(token);
  if (claims && claims->expires_at) {
    const std::chrono::seconds left = std::chrono::seconds(*claims->expires_at) - exchange.unix_now;
    if (left <= std::chrono::seconds::zero()) {
      return unusable_since(
          "Cloudsmith's new token expired " + std::to_string(-left.count()) +
          " s ago by this node's clock, so the clock is probably ahead; check the time service (NTP)");
    }
    credentials.lifetime = std::min<std::chrono::seconds>(left, lifetime_max);
  }
  credentials.username = username;
  credentials.password = regcred::Secret(token);
  credentials.scope = exchange.target.scope;
  return credentials;
}

}  // namespace cloudsmith
