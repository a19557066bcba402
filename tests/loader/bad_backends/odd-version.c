// SPDX-License-Identifier: Apache-2.0
#include "good.h"

TABLE("odd-version", "1.0\n2.0", REGCRED_TOKEN_OPTIONAL, good_create, good_get, good_schema, good_annotations)
