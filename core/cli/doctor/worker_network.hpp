// SPDX-License-Identifier: Apache-2.0
// The real DoctorNetwork: each call in a worker of its own, as for the kubelet, so that neither libcurl nor OpenSSL nor
// a backend ever runs in doctor's own process, and a hang ends at the call's deadline.
#pragma once

#include <string>

#include "cli/doctor/network.hpp"
#include "cli/doctor/network_wire.hpp"
#include "common/registry_config.hpp"
#include "loader/installation.hpp"
#include "loader/loader.hpp"
#include "services/clock/clock.hpp"
#include "services/log/log_sink.hpp"
#include "worker/in_worker.hpp"

namespace regcred::core {

// Refers to its parts; they outlive it.
struct WorkerNetworkParts {
  const Config &config;
  const Installation &installation;
  const BackendLoader &loader;
  std::string credentials_directory;  // $CREDENTIALS_DIRECTORY
  Clock &clock;
  LogSink &log;  // gets the trace of what is sent
};

class WorkerNetwork final : public DoctorNetwork {
 public:
  explicit WorkerNetwork(WorkerNetworkParts parts);

  using DoctorNetwork::get;
  [[nodiscard]] Fetched get(const std::string &url, const Headers &headers, AddressKinds allowed) override;
  [[nodiscard]] Result<ProbeReport> probe(const std::string &authority, bool own_roots) override;
  [[nodiscard]] Result<FirstRequest> first_request(const BackendJob &job) override;
  [[nodiscard]] SignatureCheck check(const SignedToken &token, const PublicKey &key) override;

 private:
  [[nodiscard]] WorkerSite site(std::string where) const;

  WorkerNetworkParts parts_;
  HttpConfig public_http_;  // the configuration's without its own roots
};

// `request` with the same claims in its token, and an invalid signature. first_request() gives it to the backend, which
// is only asked where it would send a request. So third-party code never gets a token that a real request would
// withhold, such as one for another audience.
[[nodiscard]] Request without_signature(const Request &request);

}  // namespace regcred::core
