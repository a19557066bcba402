// SPDX-License-Identifier: Apache-2.0
#include "good.h"

TABLE("odd-token-use", "1.0.0", 7, good_create, good_get, good_schema, good_annotations)
