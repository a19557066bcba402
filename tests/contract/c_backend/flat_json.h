// SPDX-License-Identifier: Apache-2.0
/* As much JSON as this backend needs: one flat object whose values are strings without escapes or whole numbers. */
#ifndef ACME_FLAT_JSON_H
#define ACME_FLAT_JSON_H

#include <regcred/abi.h>

typedef struct flat_json {
  const char *at;
  const char *end;
  int started;
} flat_json;

typedef struct flat_member {
  regcred_slice name;
  int is_text;
  regcred_slice text; /* of a string */
  int64_t number;     /* of a whole number */
} flat_member;

#define FLAT_END 0
#define FLAT_MEMBER 1
#define FLAT_MALFORMED (-1)

flat_json flat_json_of(regcred_slice text);

/* FLAT_MEMBER and the next member, FLAT_END after the last, FLAT_MALFORMED for everything that is not understood. */
int flat_json_next(flat_json *json, flat_member *member);

#endif
