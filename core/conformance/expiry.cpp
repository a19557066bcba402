// SPDX-License-Identifier: Apache-2.0
#include "conformance/expiry.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <regcred/jwt.hpp>
#include <regcred/testing/fake_request.hpp>

#include "common/ascii.hpp"

namespace regcred::conformance {
namespace {

using nlohmann::json;

constexpr std::int64_t past_seconds = 3600;

// Larger numbers are a time, not a span; still larger ones count milliseconds.
constexpr double seconds_since_1970 = 1e9;
constexpr double milliseconds_since_1970 = 1e11;

bool tells_expiry(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-') plain.push_back(core::to_lower(c));
  }
  return plain == "exp" || plain == "ttl" || plain == "leaseduration" || plain.find("expir") != std::string::npos;
}

std::string rfc3339(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

// Another value in the same notation; null when the notation is not known.
json moved_to_past(const json &value, std::chrono::seconds now) {
  const std::int64_t past = now.count() - past_seconds;
  if (value.is_number()) {
    const double number = value.get<double>();
    if (number >= milliseconds_since_1970) return past * 1000;
    return number >= seconds_since_1970 ? past : -past_seconds;
  }
  if (!value.is_string()) return nullptr;
  const auto &text = value.get_ref<const std::string &>();
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos && text.size() < 15;
  if (digits) return std::to_string(moved_to_past(json(std::stoll(text)), now).get<std::int64_t>());
  const bool time = text.size() >= 19 && text[4] == '-' && text[10] == 'T';
  return time ? json(rfc3339(past)) : json(nullptr);
}

std::optional<std::string> jwt_with_expiry(const std::string &token, ExpiryChange change, std::chrono::seconds now) {
  std::optional<UnverifiedClaims> claims = read_unverified_claims(token);
  if (!claims || !claims->expires_at) return std::nullopt;
  if (change == ExpiryChange::removed) {
    claims->all.erase("exp");
  } else {
    claims->all["exp"] = now.count() - past_seconds;
  }
  const std::size_t first = token.find('.');
  return token.substr(0, first + 1) + base64url_encode(claims->all.dump()) + token.substr(token.rfind('.'));
}

// Changes `value` and all below it. Gives whether anything was found.
bool change_expiry(json &value, ExpiryChange change, std::chrono::seconds now) {
  if (value.is_string()) {
    std::optional<std::string> token = jwt_with_expiry(value.get_ref<const std::string &>(), change, now);
    if (token) value = std::move(*token);
    return token.has_value();
  }
  bool found = false;
  if (value.is_array()) {
    for (json &item : value) found = change_expiry(item, change, now) || found;
  }
  if (!value.is_object()) return found;
  for (auto member = value.begin(); member != value.end();) {
    const json past = tells_expiry(member.key()) ? moved_to_past(member.value(), now) : json(nullptr);
    if (past.is_null()) {
      found = change_expiry(member.value(), change, now) || found;
      ++member;
      continue;
    }
    found = true;
    if (change == ExpiryChange::past) {
      member.value() = past;
      ++member;
    } else {
      member = value.erase(member);
    }
  }
  return found;
}

}  // namespace

std::optional<std::string> with_expiry(std::string_view body, ExpiryChange change, std::chrono::seconds now) {
  json value = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded() || !change_expiry(value, change, now)) return std::nullopt;
  return value.dump();
}

}  // namespace regcred::conformance
