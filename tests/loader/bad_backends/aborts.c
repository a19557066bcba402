#include <stdlib.h>

#include "good.h"

GET(get) {
  (void)instance, (void)request, (void)sink;
  abort();
}
BACKEND("aborts", good_create, get)
