// SPDX-License-Identifier: Apache-2.0
#include "flat_json.h"

#include <stddef.h>

static char peek(flat_json *json) {
  while (json->at < json->end && (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' || *json->at == '\t')) {
    ++json->at;
  }
  return (char)(json->at < json->end ? *json->at : '\0');
}

static int take(flat_json *json, char wanted) {
  if (peek(json) != wanted) return 0;
  ++json->at;
  return 1;
}

static int take_string(flat_json *json, regcred_slice *out) {
  if (!take(json, '"')) return 0;
  const char *begin = json->at;
  for (; json->at < json->end; ++json->at) {
    if (*json->at == '"') {
      out->data = begin;
      out->size = (uint64_t)(json->at++ - begin);
      return 1;
    }
    if (*json->at == '\\' || (unsigned char)*json->at < 0x20) return 0;
  }
  return 0;
}

static int take_number(flat_json *json, int64_t *out) {
  const char *begin = (peek(json), json->at);
  *out = 0;
  for (; json->at < json->end && *json->at >= '0' && *json->at <= '9'; ++json->at) {
    if (json->at - begin == 15) return 0;
    *out = *out * 10 + (*json->at - '0');
  }
  return json->at != begin;
}

flat_json flat_json_of(regcred_slice text) {
  flat_json json = {text.data, text.data == NULL ? NULL : text.data + text.size, 0};
  return json;
}

int flat_json_next(flat_json *json, flat_member *member) {
  const int first = !json->started;
  json->started = 1;
  if (first && !take(json, '{')) return FLAT_MALFORMED;
  if (take(json, '}')) return peek(json) == '\0' && json->at == json->end ? FLAT_END : FLAT_MALFORMED;
  if (!first && !take(json, ',')) return FLAT_MALFORMED;
  if (!take_string(json, &member->name) || !take(json, ':')) return FLAT_MALFORMED;
  member->is_text = peek(json) == '"';
  const int taken = member->is_text ? take_string(json, &member->text) : take_number(json, &member->number);
  return taken ? FLAT_MEMBER : FLAT_MALFORMED;
}
