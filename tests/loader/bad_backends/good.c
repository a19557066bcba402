// SPDX-License-Identifier: Apache-2.0
#include "good.h"

BACKEND("good", good_create, good_get)
