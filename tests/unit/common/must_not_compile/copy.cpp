// SPDX-License-Identifier: Apache-2.0
#include <regcred/secret.hpp>

regcred::Secret second(const regcred::Secret &secret) {
#ifdef MUST_NOT_COMPILE
  return secret;
#else
  return secret.clone();
#endif
}
