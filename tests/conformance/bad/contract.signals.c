// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "conformance/plain.h"

GET(get) {
  signal(SIGUSR1, SIG_IGN);
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
