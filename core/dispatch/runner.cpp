// SPDX-License-Identifier: Apache-2.0
#include "dispatch/runner.hpp"

#include <cstdlib>

#include "dispatch/backend_call.hpp"
#include "services/host.hpp"
#include "services/http/lazy_http.hpp"
#include "worker/in_worker.hpp"

namespace regcred::core {
namespace {

Result<WorkerResult> call_with_services(const RunnerContext &context, const BackendJob &job, Deadline deadline,
                                        LogSink &log) {
  const std::string_view token = job.request.service_account_token.reveal();
  LazyHttp http(context.installation.library_directory, context.config.http, deadline, context.clock, {&log, token});
  HostServices host({context.clock, deadline, http, log, token, context.credentials_directory});
  return call_backend(job, context.loader, host);
}

}  // namespace

Result<WorkerResult> ForkedRunner::run(const BackendJob &job) {
  const WorkerSite site{entry_label(job.entry), context_.deadline, context_.clock, context_.log};
  return in_worker<WorkerResult>(site, "the backend", [&](LogSink &log, Deadline deadline) {
    return call_with_services(context_, job, deadline, log);
  });
}

Result<WorkerResult> InProcessRunner::run(const BackendJob &job) {
  const WorkerSite site{{}, context_.deadline, context_.clock, context_.log};
  ::clearenv();  // guard: in-process-environment
  return call_with_services(context_, job, worker_deadline(site), context_.log);
}

}  // namespace regcred::core
