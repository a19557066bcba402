#include "federation.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace quay {
namespace {

using regcred::Code;

// Base64 (RFC 4648, section 4), appended to `out`.
void append_base64(std::string &out, std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out.push_back(i <= group.size() ? alphabet[(bits >> (18U - 6U * i)) & 0x3FU] : '=');
    }
  }
}

// RFC 7617, section 2. Both buffers have their full size from the start, so that no copy of the token is left behind
// when they grow; the value is wiped by Exchange::send.
std::string basic(std::string_view user, std::string_view password) {
  std::string pair;
  pair.reserve(user.size() + 1 + password.size());
  pair.append(user).append(":").append(password);
  std::string value;
  value.reserve(6 + (pair.size() + 2) / 3 * 4);
  value += "Basic ";
  append_base64(value, pair);
  ::explicit_bzero(pair.data(), pair.size());
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
