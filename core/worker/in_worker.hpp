// SPDX-License-Identifier: Apache-2.0
// One call in a forked worker. START HERE in this folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/process.hpp"
#include "worker/wire.hpp"

namespace regcred::core {

// A worker's own deadline is this much before its parent's, so that its message about a slow registry still arrives.
inline constexpr std::int64_t worker_margin_ms = 300;

[[nodiscard]] inline Deadline worker_deadline(const WorkerSite &site) {
  const std::int64_t left_ms = std::max<std::int64_t>(0, remaining_ms(site.deadline, site.clock));
  return {site.deadline.monotonic_ms - std::min(worker_margin_ms, left_ms / 10)};
}

// Runs `work` in a forked worker and gives what it returned: `work(LogSink &, Deadline)` gives a T or a Result<T>, and
// T has on_wire() (wire.hpp). Fails as `work` does, and as run_worker() does; the message then begins with `who` ("the
// backend").
template <class T, class Work>
[[nodiscard]] Result<T> in_worker(const WorkerSite &site, std::string_view who, Work work) {
  const Result<Secret> bytes = run_worker(site, who, [&](LogSink &log) {
    Result<T> outcome = work(log, worker_deadline(site));
    return encoded(outcome);
  });
  if (!bytes) return tl::make_unexpected(bytes.error());
  std::optional<Result<T>> outcome = decoded<Result<T>>(bytes->reveal());
  if (!outcome) return tl::make_unexpected(damaged_data(site.where, who));
  return std::move(*outcome);
}

template <class T>
struct Several {
  std::vector<Result<T>> outcomes;
};

inline constexpr std::size_t several_max = 10'000;

template <class Wire, class T>
void on_wire(Wire &wire, Several<T> &several) {
  wire.list(several.outcomes, several_max);
}

// Runs `work(i, Deadline)`, which gives a Result<T>, for every i of [first, end) in one worker. When that worker fails,
// two workers get half of them each, and so on: only the work that breaks its worker gets that worker's failure.
template <class T, class Work>
void each_in_worker(std::size_t first, std::size_t end, Clock &clock, LogSink &log, std::string_view who,
                    const Work &work, std::vector<Result<T>> &outcomes) {
  constexpr std::int64_t ms_max = 5'000;  // for each worker
  const std::size_t count = end - first;
  if (count == 0) return;
  const auto all = [&](LogSink &, Deadline deadline) {
    Several<T> several;
    for (std::size_t i = first; i < end; ++i) several.outcomes.push_back(work(i, deadline));
    return several;
  };
  const Deadline deadline{clock.monotonic_ms() + ms_max + static_cast<std::int64_t>(count)};
  Result<Several<T>> several = in_worker<Several<T>>({"", deadline, clock, log}, who, all);
  if (several && several->outcomes.size() == count) {
    std::move(several->outcomes.begin(), several->outcomes.end(), std::back_inserter(outcomes));
  } else if (count > 1) {
    each_in_worker(first, first + count / 2, clock, log, who, work, outcomes);
    each_in_worker(first + count / 2, end, clock, log, who, work, outcomes);
  } else {
    outcomes.push_back(tl::make_unexpected(several ? damaged_data("", who) : several.error()));
  }
}

}  // namespace regcred::core
