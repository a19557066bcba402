#include "good.h"

#include <stdlib.h>

GET(get) {
  (void)instance, (void)request, (void)sink;
  exit(0);
}
BACKEND("exits", good_create, get)
