// SPDX-License-Identifier: Apache-2.0
#include <regcred/secret.hpp>
#include <sstream>

void print(const regcred::Secret &secret) {
#ifdef MUST_NOT_COMPILE
  std::ostringstream() << secret;
#else
  std::ostringstream() << secret.size();
#endif
}
