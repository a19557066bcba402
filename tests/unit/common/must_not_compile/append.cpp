// SPDX-License-Identifier: Apache-2.0
#include <regcred/secret.hpp>
#include <string>

std::string text(const regcred::Secret &secret) {
#ifdef MUST_NOT_COMPILE
  return std::string("token ") + secret;
#else
  return std::string("token ").append(secret.reveal());
#endif
}
