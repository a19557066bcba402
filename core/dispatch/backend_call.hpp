// SPDX-License-Identifier: Apache-2.0
// What happens inside a worker: load the backend, decide on token and annotations, call it, collect its answer.
#pragma once

#include <string>
#include <vector>

#include "dispatch/backend_job.hpp"
#include "dispatch/worker_result.hpp"
#include "loader/loader.hpp"
#include "services/host.hpp"

namespace regcred::core {

// Calls the backend of `job` once, with the services of `host`. Never throws for what a backend does through its ABI. A
// backend that crashes, hangs or exits ends this process: that is why it is a worker. Fails as the loader and
// token_for_backend do.
[[nodiscard]] Result<WorkerResult> call_backend(const BackendJob &job, const BackendLoader &loader, HostServices &host);

// The same with a backend that is already loaded.
[[nodiscard]] Result<WorkerResult> call_loaded(const BackendJob &job, const LoadedBackend &backend, HostServices &host);

// Lets `backend` read the settings of `entry`: create and destroy, without a request between them. When create
// succeeds, `unserved` gets one text for each of `registries` (host[:port]): why the backend can never serve it with
// these settings. It is empty when it can, and for an empty registry, which is not asked about.
[[nodiscard]] WorkerResult call_create(const LoadedBackend &backend, const RegistryEntry &entry, HostServices &host,
                                       const std::vector<std::string> &registries, std::vector<std::string> &unserved);

}  // namespace regcred::core
