// SPDX-License-Identifier: Apache-2.0
#include "good.h"

BACKEND("null-member", good_create, NULL)
