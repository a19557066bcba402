// SPDX-License-Identifier: Apache-2.0
#include <locale.h>

#include "conformance/plain.h"

GET(get) {
  setlocale(LC_ALL, "C.UTF-8");
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
