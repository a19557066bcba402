#include <signal.h>

#include "conformance/plain.h"

GET(get) {
  signal(SIGUSR1, SIG_IGN);
  return answer(sink, request->registry);
}

BACKEND(.get_credentials = get)
