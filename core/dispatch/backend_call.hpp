// What happens inside a worker: load the backend, decide on token and annotations, call it, collect what it says.
#pragma once

#include <string>
#include <vector>

#include "dispatch/backend_job.hpp"
#include "dispatch/worker_result.hpp"
#include "loader/loader.hpp"
#include "services/host.hpp"

namespace regcred::core {

// Calls the backend of `job` once, with the services of `host`. Never throws for what a backend does through its ABI;
// what crashes, hangs or exits ends this process: that is why it is a worker. The loader's and the token policy's
// failures come back in core_error.
[[nodiscard]] WorkerResult call_backend(const BackendJob &job, const BackendLoader &loader, HostServices &host);

// Loads the backend of `entry` and lets it read its settings: create and destroy, without a request between them.
[[nodiscard]] WorkerResult call_create(const RegistryEntry &entry, const BackendLoader &loader, HostServices &host);

}  // namespace regcred::core
