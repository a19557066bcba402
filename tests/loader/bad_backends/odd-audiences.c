// SPDX-License-Identifier: Apache-2.0
#include "good.h"

/* Lines of YAML, one that is too long, an empty one, and then more than there may be. */
static int32_t expected(void *instance, regcred_slice registry, const regcred_bytes_sink_v1 *audiences,
                        const regcred_bytes_sink_v1 *accepted_by) {
  (void)instance, (void)registry;
  static const char odd[] = "evil\"\n      - \"*";
  static char longer[257];
  memset(longer, 'a', sizeof(longer));
  const regcred_slice too_long = {longer, sizeof(longer)};
  audiences->bytes(audiences->context, slice_of(odd));
  audiences->bytes(audiences->context, too_long);
  for (int i = 0; i < 1000; ++i) audiences->bytes(audiences->context, slice_of(""));
  accepted_by->bytes(accepted_by->context, slice_of(odd));
  return REGCRED_OK;
}

const regcred_backend_v1 *regcred_backend_entry_v1(void) {
  static const regcred_backend_v1 table = {GOOD_HEADER,
                                           .name = SLICE("odd-audiences"),
                                           .version = SLICE("1.0.0"),
                                           .token_use = REGCRED_TOKEN_REQUIRED,
                                           .create = good_create,
                                           .get_credentials = good_get,
                                           .destroy = good_destroy,
                                           .settings_schema = good_schema,
                                           .annotation_keys = good_annotations,
                                           .expected_audiences = expected};
  return &table;
}
