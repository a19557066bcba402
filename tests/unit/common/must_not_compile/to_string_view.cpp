// SPDX-License-Identifier: Apache-2.0
#include <regcred/secret.hpp>
#include <string_view>

std::string_view text(const regcred::Secret &secret) {
#ifdef MUST_NOT_COMPILE
  return std::string_view(secret);
#else
  return std::string_view(secret.reveal());
#endif
}
