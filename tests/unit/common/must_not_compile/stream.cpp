// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <regcred/secret.hpp>

void print(const regcred::Secret &secret) {
#ifdef MUST_NOT_COMPILE
  std::cout << secret;
#else
  std::cout << secret.size();
#endif
}
