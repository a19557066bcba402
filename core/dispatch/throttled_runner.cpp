// SPDX-License-Identifier: Apache-2.0
#include "dispatch/throttled_runner.hpp"

#include <algorithm>

#include "common/contains.hpp"
#include "common/text.hpp"
#include "dispatch/cache_key.hpp"
#include "services/error_sink.hpp"
#include "services/http/retry.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t wait_ms_max = 10'000;       // a longer wait is left to the kubelet
constexpr std::int64_t useful_ms = 5'000;          // of the deadline, for the call behind a wait
constexpr std::int64_t probe_wait_ms_max = 2'000;  // for the first call behind a wait

std::int64_t seconds_of(std::int64_t ms) { return std::max<std::int64_t>(1, (ms + 999) / 1000); }

bool is_caller(const Throttle &throttle, const std::string &caller) { return contains(throttle.callers, caller); }

// host[:port], as people write it.
std::string shown_host(std::string_view authority) {
  const std::size_t scheme_end = authority.find("://");
  if (scheme_end != std::string_view::npos) authority.remove_prefix(scheme_end + 3);
  if (authority.ends_with(":443")) authority.remove_suffix(4);
  return printable(authority, limits::authority_bytes_max);
}

WorkerResult refusal(const std::string &authority, std::int64_t left_ms) {
  WorkerResult result;
  result.code = REGCRED_THROTTLED;
  result.text = shown_host(authority) +
                " asked for no requests until then, as this node remembers; nothing was sent; `regcred cache clear "
                "--throttle` forgets that";
  result.retry_after_seconds = seconds_of(left_ms);
  return result;
}

ThrottledRunner::Wait longest_of(const std::vector<Throttle> &throttles, const NodeTime &now) {
  ThrottledRunner::Wait longest;
  for (const Throttle &throttle : throttles) {
    const std::int64_t left_ms = wait_left_ms(throttle, now).value_or(0);
    if (left_ms > longest.ms) longest = {throttle.authority, left_ms};
  }
  return longest;
}

std::vector<HeldAuthority> held_for(const std::vector<Throttle> &throttles, const std::string &caller,
                                    const NodeTime &now) {
  std::vector<HeldAuthority> held;
  for (const Throttle &throttle : throttles) {
    if (is_caller(throttle, caller)) continue;
    held.push_back({throttle.authority, seconds_of(wait_left_ms(throttle, now).value_or(0))});
  }
  return held;
}

bool was_held_back(const Result<WorkerResult> &result) {
  return result && std::any_of(result->authorities.begin(), result->authorities.end(), [](const AskedAuthority &asked) {
           return asked.outcome == AuthorityOutcome::held_back;
         });
}

}  // namespace

std::optional<ThrottleMemory> ThrottledRunner::open(PrivateDirectory::Missing missing) {
  std::optional<Error> error;
  std::optional<ThrottleMemory> memory = ThrottleMemory::open(context_.config.throttle, context_.clock, missing, error);
  if (error && !warned_ && !context_.config.drop_in) {
    warned_ = true;
    context_.log.write(REGCRED_LOG_WARN, "throttle memory: " + line_of(*error));
  }
  return memory;
}

std::optional<WorkerResult> ThrottledRunner::known_refusal(const BackendJob &job) {
  refused_ = false;
  const std::optional<ThrottleMemory> memory = open(PrivateDirectory::Missing::leave);
  std::vector<Throttle> mine = memory ? memory->all() : std::vector<Throttle>{};
  if (mine.empty()) return std::nullopt;
  const std::string caller = throttle_caller(job, context_);
  std::erase_if(mine, [&](const Throttle &throttle) { return !is_caller(throttle, caller); });
  return refusal_for(longest_of(mine, memory->now()));
}

// The refusal when what is left is more than can be waited for.
std::optional<WorkerResult> ThrottledRunner::refusal_for(const Wait &wait) {
  const bool is_short =
      wait.ms <= wait_ms_max && wait.ms + useful_ms <= remaining_ms(context_.deadline, context_.clock);
  if (wait.ms <= 0 || is_short) return std::nullopt;
  refused_ = true;
  return refusal(wait.authority, wait.ms);
}

// One call at a time behind a wait. False when what is remembered has changed in the meantime.
bool ThrottledRunner::lock_probes(const ThrottleMemory &memory, const std::vector<Throttle> &mine,
                                  std::vector<UniqueFd> &locks) {
  if (mine.empty()) return true;
  const Deadline deadline{context_.clock.monotonic_ms() + probe_wait_ms_max};
  for (const Throttle &throttle : mine) locks.push_back(memory.probe_lock(throttle.authority, deadline));
  const std::vector<Throttle> after = memory.all();
  return std::all_of(mine.begin(), mine.end(), [&](const Throttle &throttle) {
    return std::any_of(after.begin(), after.end(), [&](const Throttle &other) {
      return other.authority == throttle.authority && other.created.boot_ms == throttle.created.boot_ms;
    });
  });
}

Result<WorkerResult> ThrottledRunner::run(const BackendJob &job) {
  constexpr int rounds_max = 4;  // another execution may change what is remembered
  refused_ = false;
  for (int round = 0; round < rounds_max; ++round) {
    const std::optional<ThrottleMemory> memory = open(PrivateDirectory::Missing::leave);
    const std::vector<Throttle> known = memory ? memory->all() : std::vector<Throttle>{};
    if (known.empty()) break;
    const std::string caller = throttle_caller(job, context_);
    std::vector<Throttle> mine = known;
    std::erase_if(mine, [&](const Throttle &throttle) { return !is_caller(throttle, caller); });
    const NodeTime now = memory->now();
    const Wait wait = longest_of(mine, now);
    if (std::optional<WorkerResult> refused = refusal_for(wait)) return std::move(*refused);
    context_.clock.sleep_ms(wait.ms);
    std::vector<UniqueFd> locks;
    if (!lock_probes(*memory, mine, locks)) continue;
    const std::vector<HeldAuthority> held = held_for(known, caller, now);
    Result<WorkerResult> result = inner_.run({job.entry, job.route, job.request, &held});
    learn(job, result, known);
    if (!was_held_back(result)) return result;
  }
  Result<WorkerResult> result = inner_.run(job);
  learn(job, result, {});
  return result;
}

void ThrottledRunner::learn(const BackendJob &job, const Result<WorkerResult> &result,
                            const std::vector<Throttle> &known) {
  if (!result) return;
  std::vector<AskedAuthority> asked = result->authorities;
  const auto has = [&](AuthorityOutcome outcome) {
    return std::any_of(asked.begin(), asked.end(), [&](const AskedAuthority &one) { return one.outcome == outcome; });
  };
  const bool says_otherwise = has(AuthorityOutcome::throttled) || has(AuthorityOutcome::held_back);
  if (result->code == REGCRED_THROTTLED && !says_otherwise && !asked.empty()) {
    asked.back().outcome = AuthorityOutcome::throttled;  // AWS says it with 400
    asked.back().wait_seconds = std::max<std::int64_t>(-1, result->retry_after_seconds);
  }
  const bool makes = std::any_of(asked.begin(), asked.end(), [](const AskedAuthority &one) {
    return one.outcome == AuthorityOutcome::throttled && one.wait_seconds != 0;
  });
  if (!makes && known.empty()) return;
  const std::optional<ThrottleMemory> memory =
      open(makes ? PrivateDirectory::Missing::make : PrivateDirectory::Missing::leave);
  if (!memory) return;
  const std::string caller = throttle_caller(job, context_);
  for (const AskedAuthority &one : asked) {
    if (!is_printable(one.authority) || one.authority.empty()) continue;  // a worker's bytes
    if (one.outcome == AuthorityOutcome::throttled && one.wait_seconds != 0) {
      memory->note(one.authority, one.wait_seconds, caller, system_random_fraction());
    } else if (one.outcome == AuthorityOutcome::held_back) {
      memory->add_caller_of(one.authority, caller);
    } else if (one.outcome == AuthorityOutcome::answered || one.outcome == AuthorityOutcome::throttled) {
      const bool is_known = std::any_of(known.begin(), known.end(),
                                        [&](const Throttle &throttle) { return throttle.authority == one.authority; });
      if (is_known) memory->forget(one.authority);
    }
  }
}

}  // namespace regcred::core
