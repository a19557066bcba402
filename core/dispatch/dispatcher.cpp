// SPDX-License-Identifier: Apache-2.0
#include "dispatch/dispatcher.hpp"

#include "dispatch/answer_rules.hpp"
#include "dispatch/cache_hint.hpp"
#include "dispatch/token_policy.hpp"

namespace regcred::core {

namespace {

// One entry's part: its verdict, or why there is none.
Result<Verdict> ask(const BackendJob &job, BackendRunner &runner, Clock &clock, std::string_view node_id) {
  if (const Status fits = check_token(job.entry, job.request); !fits) return tl::make_unexpected(fits.error());
  Result<WorkerResult> result = runner.run(job);
  if (!result) return tl::make_unexpected(std::move(result.error()));  // guard: broken-worker-ends
  const Request &request = job.request;
  return judge_result(std::move(*result), {job.entry, job.route, request.image, request.service_account_token.reveal(),
                                           clock.unix_ms(), spread_for(job, node_id)});
}

}  // namespace

double spread_for(const BackendJob &job, std::string_view node_id) {
  if (job.entry.cache_node == NodeCacheMode::off) return 0.0;
  const std::optional<TokenClaims> &claims = job.request.token_claims;
  return spread_of(node_id, job.entry.name + '/' + std::string(job.request.image.registry()) + '/' +
                                (claims ? claims->service_account : std::string()));
}

Answered dispatch(const Request &request, const Route &route, BackendRunner &runner, Clock &clock, LogSink &log,
                  std::string_view node_id) {
  const RegistryEntry *asked = nullptr;
  std::string why_none;
  for (const RegistryEntry *entry : route.candidates) {
    asked = entry;
    Result<Verdict> verdict = ask({*entry, route, request}, runner, clock, node_id);
    if (!verdict) return {tl::make_unexpected(std::move(verdict.error())), entry};  // guard: error-ends
    if (!verdict->no_credentials) {
      verdict->answer.api_version = request.api_version;
      return {std::move(verdict->answer), entry};
    }
    log.write(REGCRED_LOG_INFO,
              entry_label(*entry) + ": no credentials" + (verdict->why.empty() ? "" : ": " + verdict->why));
    why_none = std::move(verdict->why);
  }
  Answer without_credentials;
  without_credentials.api_version = request.api_version;
  without_credentials.cache_duration = std::chrono::seconds(0);
  return {std::move(without_credentials), asked, std::move(why_none)};
}

}  // namespace regcred::core
