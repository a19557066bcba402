// A token that is none, or is built to break its reader.
#include <regcred/jwt.hpp>

#include "fuzz/require.hpp"
#include "services/record/request_record.hpp"

using regcred::fuzz::require;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view token = regcred::fuzz::text_of(data, size);
  const auto claims = regcred::read_unverified_claims(token);
  const std::string account = regcred::core::service_account_of(token);
  require(claims || account.empty(), "who is named by a token stands in its claims");
  if (claims) require(claims->subject.size() <= size && claims->issuer.size() <= size, "claims are parts of the token");
  return 0;
}
