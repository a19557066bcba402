// SPDX-License-Identifier: Apache-2.0
// A backend that exchanges the pod's token over the network, as plain data: each bad one makes one decision wrong.
#pragma once

#include <regcred/abi.h>

struct Decisions {
  // The code for each way in which the registry fails.
  int on_401 = REGCRED_DENIED;
  int on_403 = REGCRED_DENIED;
  int on_404 = REGCRED_DENIED;
  int on_500 = REGCRED_UNAVAILABLE;
  int on_redirect = REGCRED_BAD_UPSTREAM;
  int on_web_page = REGCRED_BAD_UPSTREAM;
  int on_empty_body = REGCRED_BAD_UPSTREAM;
  int on_too_large = REGCRED_BAD_UPSTREAM;
  int on_timeout = REGCRED_TIMEOUT;
  int on_reset = REGCRED_UNAVAILABLE;
  int on_no_time_after_the_call = REGCRED_OK;  // goes on
  int on_500_without_log = REGCRED_UNAVAILABLE;
  // What it does.
  bool passes_retry_after_on = true;
  bool follows_redirects = false;
  bool searches_broken_json = false;
  bool takes_numbers_as_text = false;
  bool caps_the_lifetime = true;
  bool guesses_a_lifetime = false;
  bool hands_out_what_expired = false;
  bool calls_in_create = false;
  bool tries_again_when_time_is_over = false;
  bool asks_for_the_path = false;
  bool sends_nonces = false;
  bool names_the_path_in_a_claim = false;  // beside its nonce
  // What it tells.
  bool tells_the_token_in_hex = false;
  bool logs_the_password = false;
  bool quotes_the_body = false;
};

// Defined by each backend.
extern const Decisions decisions;
