// SPDX-License-Identifier: Apache-2.0
// A connection to a server, phase by phase, without a request: for `regcred doctor`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/http/http_attempt.hpp"

namespace regcred::core {

// One certificate as the server sent it. All text is printable and bounded, but comes from the server: show it as the
// server's.
struct ProbedCertificate {
  std::string subject;
  std::string issuer;
  std::string names;      // of the first only: DNS names and addresses it is for, "a.example, *.b.example, ..."
  std::string not_after;  // "2027-01-31 12:00:00Z"
  bool expired = false;
};

// The phase in which a probe ended.
enum class ProbePhase { setup, name, connection, tls, done };

struct ProbeReport {
  ProbePhase ended_in = ProbePhase::setup;
  bool through_proxy = false;          // as libcurl decides by proxy and NO_PROXY
  std::string proxy;                   // then: its host:port, without user and password
  std::vector<std::string> addresses;  // those that a connection was tried to, in order; of the proxy when there is one
  std::string connected_to;            // address:port that accepted
  std::string tls_version;             // "TLSv1.3"
  std::vector<ProbedCertificate> chain;
  std::string verify_result;  // OpenSSL's message, with the certificate it is about; "ok" when all is well
  PhaseTimes times;           // name, connect (a proxy's CONNECT with it), TLS
  std::string failure;        // why it ended before `done`, with the cure
};

// Interface. Real: CurlProber (curl_probe.hpp), in the module. In tests: scripted.
class Prober {
 public:
  Prober() = default;
  Prober(const Prober &) = delete;
  Prober &operator=(const Prober &) = delete;
  virtual ~Prober() = default;

  // `authority` is host[:port]; port 443 without one.
  [[nodiscard]] virtual ProbeReport probe(std::string_view authority, AttemptLimits limits) = 0;
};

}  // namespace regcred::core
