// SPDX-License-Identifier: Apache-2.0
// Everything that doctor does on the network, behind an interface that tests replace. Each call has a time limit of its
// own.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "dispatch/backend_job.hpp"
#include "services/http/probe.hpp"
#include "services/http/signature.hpp"

namespace regcred::core {

using Headers = std::vector<std::pair<std::string, std::string>>;

// What became of one GET. `body` may hold a token: it is the caller's to wipe.
struct Fetched {
  int status = 0;   // 0: no response
  Headers headers;  // names in lower case
  std::string body;
  std::string failure;     // then: why, with the cure behind "; "
  bool timed_out = false;  // and whether it was the time

  // The first value of a (lower-case) name; empty when there is none.
  [[nodiscard]] std::string header(const std::string &name) const {
    for (const auto &[key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

// Whom a backend asks first.
struct FirstRequest {
  std::string method;  // empty: nobody
  std::string url;     // without its query
};

// Real: WorkerNetwork (worker_network.hpp). In tests: scripted.
class DoctorNetwork {
 public:
  DoctorNetwork() = default;
  DoctorNetwork(const DoctorNetwork &) = delete;
  DoctorNetwork &operator=(const DoctorNetwork &) = delete;
  virtual ~DoctorNetwork() = default;

  // One GET, by the rules of services/http: https only, no redirect is followed. One attempt.
  [[nodiscard]] virtual Fetched get(const std::string &url, const Headers &headers) = 0;

  // The way to a host (services/http/probe.hpp). Without `own_roots` as somebody sees it who trusts the system's roots
  // and not the configuration's caFile.
  [[nodiscard]] virtual Result<ProbeReport> probe(const std::string &authority, bool own_roots) = 0;

  // Lets the backend of `job` begin, and keeps what it would send first. Nothing is sent. Fails with the backend's own
  // words when it ends before that.
  [[nodiscard]] virtual Result<FirstRequest> first_request(const BackendJob &job) = 0;

  [[nodiscard]] virtual SignatureCheck check(const SignedToken &token, const PublicKey &key) = 0;
};

}  // namespace regcred::core
