#include "good.h"

BACKEND("somebody-else", good_create, good_get)
