// SPDX-License-Identifier: Apache-2.0
#include "dispatch/runner.hpp"

#include <new>

#include "common/known_secrets.hpp"
#include "dispatch/backend_call.hpp"
#include "services/host.hpp"
#include "services/http/lazy_http.hpp"
#include "services/process/forked_programs.hpp"
#include "worker/in_worker.hpp"

namespace regcred::core {
namespace {

Result<WorkerResult> call_with_services(const RunnerContext &context, const BackendJob &job, Deadline deadline,
                                        LogSink &log) {
  const std::string_view token = job.request.service_account_token.reveal();
  LazyHttp http(context.installation.library_directory, context.config.http, deadline, context.clock, {&log, token});
  ForkedPrograms programs(deadline, context.clock, log, context.config.http.proxy.variables);
  ThrottleWatch watched(http, context.clock, job.held);
  RecordedHttp recorded(watched, context.clock, token);
  Http &used = context.calls == nullptr ? static_cast<Http &>(watched) : recorded;
  HostServices host({context.clock, deadline, used, log, token, context.credentials_directory, &http, &programs});
  Result<WorkerResult> result = call_backend(job, context.loader, host);
  if (result) {
    result->calls = recorded.take();
    result->authorities = watched.take();
  }
  return result;
}

// The texts may be forged: whoever shows them makes them printable and hides the secrets once more.
Result<WorkerResult> with_calls_kept(const RunnerContext &context, Result<WorkerResult> result) {
  if (!result || context.calls == nullptr) return result;
  for (HttpCall &call : result->calls) {
    if (context.calls->size() < recorded_calls_max) context.calls->push_back(std::move(call));
  }
  return result;
}

// The lines of a worker, redacted once more: they may be forged, past the services that redact them there.
class WorkerLines final : public LogSink {
 public:
  WorkerLines(LogSink &log, const KnownSecrets &secrets) : log_(log), secrets_(secrets) {}
  [[nodiscard]] bool enabled(std::int32_t level) const noexcept override { return log_.enabled(level); }
  void write(std::int32_t level, std::string_view line) noexcept override {
    try {
      log_.write(level, secrets_.hidden_in(line));  // guard: worker-lines-redacted
    } catch (const std::bad_alloc &) {
      log_.write(REGCRED_LOG_ERROR, "a log line was lost: out of memory");
    }
  }

 private:
  LogSink &log_;
  const KnownSecrets &secrets_;
};

// What a worker may say by itself: that its backend's file or the configuration is wrong, or that time is over. All
// else is the backend's failure, at the entry, whatever the bytes claim.
Error worker_error(const Error &error, const RegistryEntry &entry, const KnownSecrets &secrets) {
  const bool names_place = error.code == ErrorCode::backend_load || error.code == ErrorCode::config;
  const bool is_known = names_place || error.code == ErrorCode::deadline;
  return {is_known ? error.code : ErrorCode::backend, names_place ? secrets.hidden_in(error.where) : entry_label(entry),
          secrets.hidden_in(error.what), secrets.hidden_in(error.cure)};
}

}  // namespace

Result<WorkerResult> ForkedRunner::run(const BackendJob &job) {
  KnownSecrets secrets;
  secrets.add(job.request.service_account_token.reveal());
  WorkerLines lines(context_.log, secrets);
  const WorkerSite site{entry_label(job.entry), context_.deadline, context_.clock, lines};
  Result<WorkerResult> result = in_worker<WorkerResult>(site, "the backend", [&](LogSink &log, Deadline deadline) {
    return call_with_services(context_, job, deadline, log);
  });
  // guard: forged-error
  if (!result) return tl::make_unexpected(worker_error(result.error(), job.entry, secrets));
  return with_calls_kept(context_, std::move(result));
}

Result<WorkerResult> InProcessRunner::run(const BackendJob &job) {
  const WorkerSite site{{}, context_.deadline, context_.clock, context_.log};
  ::clearenv();  // guard: in-process-environment
  return with_calls_kept(context_, call_with_services(context_, job, worker_deadline(site), context_.log));
}

}  // namespace regcred::core
