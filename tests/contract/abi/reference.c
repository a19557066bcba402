// SPDX-License-Identifier: Apache-2.0
/* A library whose one function reaches every struct of abi.h: what abidw writes down and abidiff compares. */
#include <regcred/abi.h>

struct services {
  const regcred_http_v1 *http;
  const regcred_log_v1 *log;
  const regcred_clock_v1 *clock;
  const regcred_secret_v1 *secret;
  const regcred_crypto_v1 *crypto;
  const regcred_process_v1 *process;
};

void regcred_abi_reference(const regcred_backend_v1 *backend, const struct services *services);

void regcred_abi_reference(const regcred_backend_v1 *backend, const struct services *services) {
  (void)backend, (void)services;
}
