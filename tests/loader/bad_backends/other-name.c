// SPDX-License-Identifier: Apache-2.0
#include "good.h"

BACKEND("somebody-else", good_create, good_get)
