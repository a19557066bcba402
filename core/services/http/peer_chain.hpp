// SPDX-License-Identifier: Apache-2.0
// Records a TLS server's certificates while OpenSSL verifies them, and does not change the result.
#pragma once

#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "services/http/probe.hpp"

namespace regcred::core {

struct PeerChain {
  std::vector<ProbedCertificate> certificates;
  std::string tls_version;
  std::string verify_result;  // the first thing that is wrong, or "ok"; empty until a certificate was seen
};

// From now on, handshakes with sessions of `context` write into `chain`, which outlives them.
void watch_verification(SSL_CTX *context, PeerChain &chain);

}  // namespace regcred::core
