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
// succeeds, `opinions` gets one for each of `registries`, host[:port]; whether one with wildcards is served is not
// asked.
[[nodiscard]] WorkerResult call_create(const LoadedBackend &backend, const RegistryEntry &entry, HostServices &host,
                                       const std::vector<std::string> &registries,
                                       std::vector<RegistryOpinion> &opinions);

}  // namespace regcred::core
