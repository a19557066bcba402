#include "good.h"

BACKEND("null-member", good_create, NULL)
