// SPDX-License-Identifier: Apache-2.0
#include "federation.hpp"

#include <array>
#include <regcred/base64.hpp>
#include <regcred/secret.hpp>

namespace quay {
namespace {

using regcred::Code;

// RFC 7617, section 2. Every buffer that held the token is wiped; the value is, by Exchange::send.
std::string basic(std::string_view user, std::string_view password) {
  std::string pair;
  pair.reserve(user.size() + 1 + password.size());
  pair.append(user).append(":").append(password);
  std::string encoded = regcred::base64_encode(pair);
  std::string value;
  value.reserve(6 + encoded.size());
  value.append("Basic ").append(encoded);
  regcred::wipe(pair);
  regcred::wipe(encoded);
  return value;
}

constexpr std::string_view does_not_fit =
    "no token for this robot: it does not exist, its federation lists another issuer or subject, or Quay cannot read "
    "the "
    "issuer's discovery";
constexpr std::array<regcred::Refusal, 5> table = {{
    {400, "", Code::denied, does_not_fit},
    {401, "", Code::denied, does_not_fit},
    {403, "", Code::denied, does_not_fit},
    {404, "", Code::bad_upstream,
     "no robot federation at this address; it needs Quay 3.13 or later; check settings.apiHost"},
    {500, "", Code::unavailable,
     "is failing, as it also does when the robot's federation does not fit; compare its issuer and subject with these, "
     "else see its status page"},
}};

}  // namespace

regcred::HttpRequest federation_request(std::string_view api_host, std::string_view robot, std::string_view token) {
  regcred::HttpRequest request;
  request.method = "GET";
  request.url = "https://" + std::string(api_host) + "/oauth2/federation/robot/token";
  request.headers = {{"Accept", "application/json"}};
  request.headers.emplace_back("Authorization", basic(robot, token));
  return request;
}

std::span<const regcred::Refusal> refusals() { return table; }

}  // namespace quay
