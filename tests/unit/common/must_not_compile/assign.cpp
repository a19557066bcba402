// SPDX-License-Identifier: Apache-2.0
#include <regcred/secret.hpp>

void overwrite(regcred::Secret &target, const regcred::Secret &secret) {
#ifdef MUST_NOT_COMPILE
  target = secret;
#else
  target = secret.clone();
#endif
}
