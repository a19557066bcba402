#include "dispatch/dispatcher.hpp"

#include "dispatch/answer_rules.hpp"

namespace regcred::core {

Result<Answer> dispatch(const Request &request, const Route &route, BackendRunner &runner, Clock &clock, LogSink &log) {
  for (const RegistryEntry *entry : route.candidates) {
    Result<WorkerResult> result = runner.run({*entry, route, request});
    if (!result) return tl::make_unexpected(std::move(result.error()));
    Result<Verdict> verdict =
        judge_result(std::move(*result), {*entry, route, request.service_account_token.reveal(), clock.unix_ms()});
    if (!verdict) return tl::make_unexpected(std::move(verdict.error()));
    if (verdict->no_credentials) {
      log.write(REGCRED_LOG_INFO,
                entry_label(*entry) + ": no credentials" + (verdict->why.empty() ? "" : ": " + verdict->why));
      continue;
    }
    verdict->answer.api_version = request.api_version;
    return std::move(verdict->answer);
  }
  Answer without_credentials;
  without_credentials.api_version = request.api_version;
  without_credentials.cache_duration = std::chrono::seconds(0);
  return without_credentials;
}

}  // namespace regcred::core
