#include "good.h"

BACKEND("good", good_create, good_get)
