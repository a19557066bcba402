// SPDX-License-Identifier: Apache-2.0
#include <regcred/secret.hpp>
#include <string>

regcred::Secret keep(const std::string &text) {
#ifdef MUST_NOT_COMPILE
  return text;
#else
  return regcred::Secret(text);
#endif
}
