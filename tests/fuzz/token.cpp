// SPDX-License-Identifier: Apache-2.0
// A token that is none, or is built to break its reader. What begins with `{` is the claims of one, else the whole.
#include <regcred/jwt.hpp>
#include <regcred/testing/fake_request.hpp>

#include "fuzz/input.hpp"
#include "fuzz/require.hpp"
#include "kubelet/token_claims.hpp"

using regcred::fuzz::require;

namespace {

int depth_of(const nlohmann::json &value) {
  int deepest = 0;
  if (!value.is_structured()) return 0;
  for (const nlohmann::json &item : value) deepest = std::max(deepest, depth_of(item));
  return deepest + 1;
}

void check_base64url(std::string_view text) {
  const auto bytes = regcred::base64url_decode(text);
  if (!bytes) return;
  require(bytes->size() == text.size() * 3 / 4, "every character counts");
  const std::string again = regcred::base64url_encode(*bytes);
  // The bits that are left over in the last character have no meaning.
  require(again.size() == text.size() && (text.empty() || text.starts_with(again.substr(0, again.size() - 1))),
          "what is decoded is what was encoded");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view input = regcred::fuzz::text_of(data, size);
  check_base64url(input);
  const std::string token = input.starts_with('{')
                                ? "eyJhbGciOiJSUzI1NiJ9." + regcred::base64url_encode(input) + ".c2ln"
                                : std::string(input);
  const auto claims = regcred::read_unverified_claims(token);
  const auto facts = regcred::core::read_token_claims(token);
  require(claims.has_value() == facts.has_value(), "what is read of a token stands in its claims");
  if (!claims) return 0;
  require(claims->all.is_object() && depth_of(claims->all) <= 32, "claims are an object of bounded depth");
  require(claims->all.dump().size() > 1, "claims can be written down again");
  require(claims->subject.size() <= token.size() && claims->issuer.size() <= token.size(), "claims are parts of it");
  for (const auto &time : {claims->expires_at, claims->issued_at}) {
    require(!time || (*time >= 0 && *time <= 253'402'300'799), "a time lies in this calendar");
  }
  for (const std::string &audience : claims->audiences) require(claims->has_audience(audience), "audiences are found");
  return 0;
}
