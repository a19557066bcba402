#include "dispatch/runner.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "dispatch/backend_call.hpp"
#include "services/host.hpp"
#include "services/http/lazy_http.hpp"
#include "worker/isolation.hpp"

namespace regcred::core {
namespace {

// What a worker keeps of the time for its last words: its own timeouts end this much before the parent's patience.
constexpr std::int64_t last_words_ms = 300;

// A flood of log lines must not end a request that would succeed.
constexpr int log_lines_max = 200;

Deadline before(Deadline deadline, Clock &clock) {
  const std::int64_t left_ms = remaining_ms(deadline, clock);
  return {deadline.monotonic_ms - std::min(last_words_ms, std::max<std::int64_t>(0, left_ms / 10))};
}

// The worker's face of LogSink: lines become frames to the parent.
class ChannelLog final : public LogSink {
 public:
  ChannelLog(const WorkerChannel &channel, const LogSink &parent) : channel_(channel), parent_(parent) {}

  [[nodiscard]] bool enabled(std::int32_t level) const noexcept override {
    return lines_ < log_lines_max && parent_.enabled(level);
  }
  void write(std::int32_t level, std::string_view line) noexcept override {
    if (!enabled(level)) return;
    ++lines_;
    channel_.send_log(level, line);
  }

 private:
  const WorkerChannel &channel_;
  const LogSink &parent_;
  int lines_ = 0;
};

WorkerResult call_with_services(const RunnerContext &context, const BackendJob &job, LogSink &log) {
  const Deadline deadline = before(context.deadline, context.clock);
  const std::string_view token = job.request.service_account_token.reveal();
  LazyHttp http(context.installation.library_directory, context.config.http, deadline, context.clock, {&log, token});
  HostServices host({context.clock, deadline, http, log, token, context.credentials_directory});
  return call_backend(job, context.loader, host);
}

}  // namespace

Result<WorkerResult> ForkedRunner::run(const BackendJob &job) {
  const WorkerBody body = [this, &job](const WorkerChannel &channel) {
    ChannelLog log(channel, context_.log);
    channel.send_result(encode_worker_result(call_with_services(context_, job, log)).reveal());
  };
  tl::expected<Secret, WorkerFailure> bytes = run_isolated(body, context_.deadline, context_.clock, context_.log);
  if (!bytes) {
    return fail(bytes.error().deadline ? ErrorCode::deadline : ErrorCode::backend, entry_label(job.entry),
                "the backend " + bytes.error().what, bytes.error().cure);
  }
  std::optional<WorkerResult> result = decode_worker_result(bytes->reveal());
  if (!result) {
    return fail(ErrorCode::backend, entry_label(job.entry), "the backend's worker sent damaged data",
                "report this to the maintainers of the backend");
  }
  return std::move(*result);
}

Result<WorkerResult> InProcessRunner::run(const BackendJob &job) {
  return call_with_services(context_, job, context_.log);
}

}  // namespace regcred::core
