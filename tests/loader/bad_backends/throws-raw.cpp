// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

extern "C" {
#include "good.h"
}

// Without the SDK's C++ headers: its exception leaves a function of the table.
GET(get) {
  (void)instance, (void)request, (void)sink;
  throw std::logic_error("raw");
}
extern "C" BACKEND("throws-raw", good_create, get)
