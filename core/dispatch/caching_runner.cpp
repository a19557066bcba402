// SPDX-License-Identifier: Apache-2.0
#include "dispatch/caching_runner.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/text.hpp"
#include "dispatch/answer_rules.hpp"
#include "services/error_sink.hpp"
#include "worker/wire.hpp"

namespace regcred::core {
namespace {

// Whoever waits for another execution keeps this much of its deadline for a try of its own, and half of a shorter one.
constexpr std::int64_t own_try_ms_max = 15'000;

// dispatch() judges the result itself; here a copy of it is judged.
Result<Verdict> verdict_of(WorkerResult &result, const BackendJob &job, const RunnerContext &context) {
  std::optional<WorkerResult> copy = decoded<WorkerResult>(encoded(result).reveal());
  if (!copy) return fail(ErrorCode::backend, {}, "cannot be stored");
  return judge_result(std::move(*copy),
                      {job.entry, job.route, job.request.image, job.request.service_account_token.reveal(),
                       context.clock.unix_ms(), spread_for(job, context.node_id)});
}

// Whether a failure says that nobody could be asked, and not that the registry or the configuration refused.
bool is_want_of_registry(const Result<WorkerResult> &result) {
  if (!result) return result.error().code == ErrorCode::deadline || result.error().code == ErrorCode::backend;
  switch (result->code) {
    case REGCRED_UNAVAILABLE:
    case REGCRED_THROTTLED:
    case REGCRED_TIMEOUT:
    case REGCRED_BAD_UPSTREAM:
    case REGCRED_INTERNAL:
      return true;
    default:
      return false;  // guard: refusal-not-stale
  }
}

bool holds_token(const WorkerResult &result, std::string_view token) {
  return !token.empty() && std::any_of(result.auth.begin(), result.auth.end(), [&](const AuthEntry &auth) {
    return auth.password.reveal().find(token) != std::string_view::npos ||
           auth.username.find(token) != std::string::npos;
  });
}

}  // namespace

// One job, with the newest stored answer that was seen for it.
struct CachingRunner::Call {
  const BackendJob &job;
  CallKeys keys;
  const NodeCache &cache;
  NodeTime started;
  std::optional<CacheEntry> seen = std::nullopt;
};

namespace {

// A stored answer as a worker's result, for `usable` seconds more. Empty when it would not pass as one: what lies in
// the directory is not trusted more than a worker.
std::optional<WorkerResult> as_result(const CacheEntry &entry, std::int64_t usable, const BackendJob &job,
                                      const RunnerContext &context) {
  std::optional<WorkerResult> result = decoded<WorkerResult>(entry.payload.reveal());
  if (!result || result->code != REGCRED_OK) return std::nullopt;
  result->lifetime_seconds = std::max<std::int64_t>(0, usable);
  result->lifetime_has_margin = true;                           // subtracted when it was stored, from the whole life
  if (!verdict_of(*result, job, context)) return std::nullopt;  // guard: hit-judged
  return result;
}

}  // namespace

std::optional<WorkerResult> CachingRunner::stored_answer(Call &call, bool waited) {
  const NodeTime now = call.cache.now();
  for (const std::string *key : {&call.keys.registry, &call.keys.image}) {
    if (key->empty()) continue;
    NodeCache::Found found = call.cache.find(*key);
    note_.corrupt = note_.corrupt || found.corrupt;
    const std::optional<LifeLeft> left = found.entry ? life_left(*found.entry, now) : std::nullopt;
    if (!left) continue;
    // What was stored while we waited is what we would have got, however short it lives.
    const bool is_new = waited && found.entry->created.boot_ms >= call.started.boot_ms && left->usable_seconds >= 0;
    if (is_new || left->usable_seconds >= refresh_before_seconds(*found.entry)) {
      std::optional<WorkerResult> result = as_result(*found.entry, left->usable_seconds, call.job, context_);
      if (result) {
        note_.use = waited ? CacheUse::waited : CacheUse::hit;
        note_.age_seconds = left->age_seconds;
        return result;
      }
      note_.corrupt = true;
    }
    call.seen = std::move(found.entry);
  }
  return std::nullopt;
}

// The failure that ended while this execution waited: 17 of them would else run into the same timeout one by one.
std::optional<Result<WorkerResult>> CachingRunner::adopted_failure(const Call &call, const FlightLock &lock) {
  const std::optional<FlightOutcome> last = lock.last();
  if (!last || !last->failed || last->ended.boot_id != call.started.boot_id) return std::nullopt;
  if (last->ended.boot_ms < call.started.boot_ms) return std::nullopt;  // guard: failure-adopted-once
  std::optional<Result<WorkerResult>> failure = decoded<Result<WorkerResult>>(last->payload.reveal());
  if (!failure || (*failure && (*failure)->code == REGCRED_OK)) return std::nullopt;
  // Under the lock of a whole registry another image may have been asked for.
  if (last->key != call.keys.image && !is_want_of_registry(*failure)) return std::nullopt;
  note_.use = CacheUse::adopted;
  return failure;
}

// Stores a result that may be stored. Gives the key that it is stored under.
std::optional<std::string> CachingRunner::store(Call &call, WorkerResult &result) {
  const RegistryEntry &entry = call.job.entry;
  if (result.code != REGCRED_OK || holds_token(result, call.job.request.service_account_token.reveal())) {
    return std::nullopt;  // guard: token-not-stored
  }
  const Result<Verdict> verdict = verdict_of(result, call.job, context_);
  if (!verdict || verdict->answer.cache_duration.value_or(std::chrono::seconds(0)).count() <= 0) return std::nullopt;
  const bool whole = verdict->answer.cache_key_type == CacheKeyType::registry && !call.keys.registry.empty();
  CacheEntry stored;
  stored.key = whole ? call.keys.registry : call.keys.image;
  stored.created = call.cache.now();
  stored.usable_seconds = verdict->answer.cache_duration->count();
  stored.life_seconds = result.lifetime_seconds < 0 ? stored.usable_seconds : result.lifetime_seconds;
  if (entry.cache_max) stored.life_seconds = std::min<std::int64_t>(stored.life_seconds, entry.cache_max->count());
  stored.scope = whole ? CacheKeyType::registry : CacheKeyType::image;
  stored.name = entry.name;
  stored.backend = entry.backend;
  stored.image = call.job.request.image.name();
  if (call.job.request.token_claims) {
    stored.service_account = printable(call.job.request.token_claims->service_account, 400);
  }
  auto calls = std::exchange(result.calls, {});  // whom this execution asked is not part of the answer
  auto authorities = std::exchange(result.authorities, {});
  stored.payload = encoded(result);
  result.calls = std::move(calls);
  result.authorities = std::move(authorities);
  if (const int reason = call.cache.put(stored); reason != 0) {
    warn({ErrorCode::internal, call.cache.directory().path(),
          std::string("cannot be written to: ") + std::strerror(reason), "see the file system that it lies on"});
    return std::nullopt;
  }
  return stored.key;
}

// Asks the registry. With `lock`, its file gets the outcome. `narrow`: no wider key than the image's is locked.
Result<WorkerResult> CachingRunner::ask(Call &call, const FlightLock *lock, bool narrow) {
  Result<WorkerResult> result = inner_.run(call.job);
  const std::optional<std::string> key = result ? store(call, *result) : std::nullopt;
  if (lock != nullptr) {
    FlightOutcome outcome;
    outcome.ended = call.cache.now();
    outcome.key = call.keys.image;
    outcome.failed = !result || result->code != REGCRED_OK;
    if (outcome.failed) outcome.payload = encoded(result);
    const bool is_shared = key && (narrow || *key == call.keys.registry);
    lock->note(is_shared ? nullptr : &outcome);
    if (!narrow && !key && !outcome.failed) {  // nor do those for the same image wait
      FlightLock of_image = call.cache.lock_of(call.keys.image);
      if (of_image.take({}) == FlightLock::State::held) of_image.note(&outcome);
    }
  }
  return or_stale(call, std::move(result));
}

// Instead of a failure for want of the registry: the stored answer, while it is alive.
Result<WorkerResult> CachingRunner::or_stale(const Call &call, Result<WorkerResult> result) {
  if (!is_want_of_registry(result) || !call.seen) return result;
  const std::optional<LifeLeft> left = life_left(*call.seen, call.cache.now());
  if (!left || left->life_seconds <= stale_margin_seconds) return result;  // guard: stale-alive
  const std::int64_t rest = left->life_seconds - stale_margin_seconds;
  const std::int64_t given = left->usable_seconds > 0 ? std::min(left->usable_seconds, rest) : rest;
  std::optional<WorkerResult> stale = as_result(*call.seen, given, call.job, context_);
  if (!stale) return result;
  note_ = {CacheUse::stale, left->age_seconds, note_.corrupt};
  const Error why = result ? verdict_of(*result, call.job, context_).error() : result.error();
  warn({ErrorCode::backend, entry_label(call.job.entry),
        "a stored credential is given, since it could not be renewed: " + why.what, why.cure});
  return std::move(*stale);
}

// Under the lock of `key`: asks, or takes what another execution got while this one waited.
Result<WorkerResult> CachingRunner::ask_in_turn(Call &call, const std::string &key) {
  const bool narrow = key == call.keys.image;
  FlightLock lock = call.cache.lock_of(key);
  const std::int64_t now_ms = context_.clock.monotonic_ms();
  const std::int64_t wait_ms = context_.config.node_cache.wait.count();
  const std::int64_t own_try_ms = std::min<std::int64_t>(own_try_ms_max, context_.config.deadline.count() / 2);
  const Deadline deadline{std::min(now_ms + wait_ms, context_.deadline.monotonic_ms - own_try_ms)};
  const FlightLock::State state = lock.take(deadline);
  if (state == FlightLock::State::unusable) return ask(call, nullptr, narrow);
  if (state == FlightLock::State::held) {
    if (std::optional<WorkerResult> stored = stored_answer(call, true)) return std::move(*stored);
    if (std::optional<Result<WorkerResult>> failure = adopted_failure(call, lock)) return std::move(*failure);
  }
  const std::optional<FlightOutcome> last = lock.last();
  const bool is_shared = !last || last->failed || last->ended.boot_id != call.started.boot_id;
  if (!is_shared && !narrow) {
    lock.release();
    return ask_in_turn(call, call.keys.image);
  }
  if (state == FlightLock::State::held) return ask(call, &lock, narrow);
  note_.use = CacheUse::alone;
  return ask(call, nullptr, narrow);
}

Result<WorkerResult> CachingRunner::run(const BackendJob &job) {
  note_ = {};
  std::optional<CallKeys> keys = cache_keys(job, context_);
  if (!keys) return inner_.run(job);
  const Result<NodeCache> cache =
      NodeCache::open(context_.config.node_cache, context_.clock, PrivateDirectory::Missing::make);
  if (!cache) {
    warn(cache.error());
    return inner_.run(job);
  }
  Call call{job, std::move(*keys), *cache, cache->now()};
  if (std::optional<WorkerResult> stored = stored_answer(call, false)) return std::move(*stored);
  note_.use = CacheUse::miss;
  if (std::optional<WorkerResult> refused = inner_.known_refusal(job)) return or_stale(call, std::move(*refused));
  return ask_in_turn(call, call.keys.registry.empty() ? call.keys.image : call.keys.registry);
}

void CachingRunner::warn(const Error &error) {
  if (!std::exchange(warned_, true)) context_.log.write(REGCRED_LOG_WARN, "node cache: " + line_of(error));
}

}  // namespace regcred::core
