// SPDX-License-Identifier: Apache-2.0
// Everything that doctor does on the network, behind an interface that tests replace. Each call has a time limit of its
// own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "dispatch/backend_job.hpp"
#include "services/http/address_kind.hpp"
#include "services/http/probe.hpp"
#include "services/http/signature.hpp"

namespace regcred::core {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The result of one GET. `body` may hold a token: the caller wipes it.
struct Fetched {
  int status = 0;   // 0: no response
  Headers headers;  // names in lower case
  std::string body;
  std::string failure;     // then: why, with the cure behind "; "
  bool timed_out = false;  // and whether it was the time
  std::string address;     // where the connection went to; empty: to none, or to a proxy
  std::string refused;     // without it: what was not allowed to be asked, "10.0.0.1, an address of a private network"

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
  std::string method = {};   // empty: nobody
  std::string url = {};      // without its query
  std::string program = {};  // that it runs instead; empty: none
};

// Real: WorkerNetwork (worker_network.hpp). In tests: scripted.
class DoctorNetwork {
 public:
  DoctorNetwork() = default;
  DoctorNetwork(const DoctorNetwork &) = delete;
  DoctorNetwork &operator=(const DoctorNetwork &) = delete;
  virtual ~DoctorNetwork() = default;

  // One GET, by the rules of services/http: https only, no redirect is followed. One attempt, at addresses of `allowed`
  // alone: what counts is the address to which the connection is made.
  [[nodiscard]] virtual Fetched get(const std::string &url, const Headers &headers, AddressKinds allowed) = 0;
  [[nodiscard]] Fetched get(const std::string &url, const Headers &headers) {
    return get(url, headers, every_address_kind);
  }

  // Tries the connection to a host (services/http/probe.hpp). Without `own_roots` only the system's roots are trusted,
  // not the configuration's caFile.
  [[nodiscard]] virtual Result<ProbeReport> probe(const std::string &authority, bool own_roots) = 0;

  // Starts the backend of `job` and returns the first request that it would send. Nothing is sent. Fails with the
  // backend's own message when it ends before that.
  [[nodiscard]] virtual Result<FirstRequest> first_request(const BackendJob &job) = 0;

  [[nodiscard]] virtual SignatureCheck check(const SignedToken &token, const PublicKey &key) = 0;
};

}  // namespace regcred::core
