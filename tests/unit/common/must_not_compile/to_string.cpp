// SPDX-License-Identifier: Apache-2.0
#include <regcred/secret.hpp>
#include <string>

std::string text(const regcred::Secret &secret) {
#ifdef MUST_NOT_COMPILE
  return secret;
#else
  return std::string(secret.reveal());
#endif
}
