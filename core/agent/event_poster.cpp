// SPDX-License-Identifier: Apache-2.0
#include "agent/event_poster.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "common/contains.hpp"
#include "record/tenant_message.hpp"

namespace regcred::core {
namespace {

constexpr int requests_max = 10;  // of one call of work()
constexpr std::int64_t wait_ms_min = 1'000;
constexpr std::int64_t wait_ms_max = 60'000;
constexpr std::int64_t wait_named_ms_max = 300'000;
constexpr std::size_t stuck_max = 1'000;

enum class Outcome { posted, create, later, rejected };

// client-go gives up after any answer of the API server; a busy one and an expired token are worth another try.
Outcome outcome_of(const ApiAnswer &answer, bool is_patch) {
  const int status = answer.status;
  if (status >= 200 && status < 300) return Outcome::posted;
  if (status == 404 && is_patch) return Outcome::create;  // it has expired: events live for an hour
  if (status == 409 && !is_patch) return Outcome::posted;
  const bool is_busy = status == 408 || status == 425 || status == 429 || status >= 500;
  return status == 0 || status == 401 || is_busy ? Outcome::later : Outcome::rejected;
}

std::string words_of(const ApiAnswer &answer, const PodEvent &event, bool is_patch) {
  std::string words = std::string("events of namespace ") + event.pod.name_space + ": ";
  words += answer.status == 0
               ? answer.message
               : "the API server answered " + std::to_string(answer.status) + " to " + (is_patch ? "PATCH" : "POST") +
                     (answer.message.empty() ? "" : ": " + answer.message);
  if (answer.status == 403 && answer.message.find("is being terminated") == std::string::npos) {
    words += "; give this service account the verbs create and patch on events (apiGroups: [\"\"]) in a ClusterRole";
  }
  if (answer.status == 401) words += "; see the token's file, and whether the API server is that of its cluster";
  return words;
}

}  // namespace

std::vector<EventPoster::Group> EventPoster::groups_of(const EventSpool &spool, const std::vector<std::string> &files) {
  std::vector<Group> groups;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  for (const std::string &name : files) {
    if (stuck_.contains(name)) continue;
    if (waiting_ && contains(waiting_->files, name)) continue;
    const Result<SpoolEntry> entry = spool.read(name);
    if (!entry && entry.error().code == ErrorCode::internal) continue;  // a writer has dropped it
    if (!entry) {
      ++counts_.invalid;
      say_(entry.error().where + ": " + entry.error().what + "; it is removed");
      remove(spool, {name});
      continue;
    }
    std::string message = tenant_message(*entry);
    const auto [at, is_new] = known.try_emplace({entry->pod.uid, message}, groups.size());
    if (is_new) groups.push_back({entry->pod, std::move(message), 0, {}});
    Group &group = groups[at->second];
    group.last_unix_ms = std::max(group.last_unix_ms, entry->unix_ms);
    group.files.push_back(name);
  }
  return groups;
}

void EventPoster::remove(const EventSpool &spool, const std::vector<std::string> &files) {
  for (const std::string &name : files) {
    if (!spool.remove(name) && stuck_.size() < stuck_max) stuck_.insert(name);
  }
}

void EventPoster::wait_for(const ApiAnswer &answer) {
  wait_ms_ = std::clamp(2 * wait_ms_, wait_ms_min, wait_ms_max);
  if (answer.retry_after_seconds >= 0) {
    wait_ms_ = std::clamp(answer.retry_after_seconds * 1000, wait_ms_min, wait_named_ms_max);
  }
  not_before_ms_ = clock_.monotonic_ms() + wait_ms_;
}

bool EventPoster::post(const EventSpool &spool, Post post) {
  const PodEvent &event = post.correlated.event;
  bool is_patch = post.correlated.is_known;
  ApiAnswer answer = is_patch ? sink_.patch(event) : sink_.create(event);
  Outcome outcome = outcome_of(answer, is_patch);
  if (outcome == Outcome::create) {
    is_patch = false;
    answer = sink_.create(event);
    outcome = outcome_of(answer, is_patch);
  }
  if (outcome == Outcome::posted) {
    if (!obstacle_.empty()) say_("events are posted again");
    obstacle_.clear();
    wait_ms_ = 0;
    ++counts_.posted;
  } else {
    std::string words = words_of(answer, event, is_patch);
    if (words != obstacle_) say_(words + (outcome == Outcome::later ? "; it is tried again" : ""));
    obstacle_ = std::move(words);
    if (outcome == Outcome::later) {
      wait_for(answer);
      waiting_ = std::move(post);
      return false;
    }
    ++counts_.rejected;
  }
  remove(spool, post.files);
  return true;
}

std::optional<std::int64_t> EventPoster::work(const EventSpool &spool) {
  const std::int64_t left_ms = not_before_ms_ - clock_.monotonic_ms();
  std::size_t dropped = 0;
  std::vector<std::string> files = spool.files(dropped);
  counts_.dropped += dropped;
  counts_.waiting = files.size();
  if (left_ms > 0) return left_ms;
  int requests = 0;
  if (waiting_) {
    Post again = std::move(*waiting_);
    waiting_.reset();
    if (!post(spool, std::move(again))) return wait_ms_;
    ++requests;
    files = spool.files(dropped);
    counts_.waiting = files.size();
  }
  for (Group &group : groups_of(spool, files)) {
    if (requests == requests_max) return 0;
    std::optional<CorrelatedEvent> correlated =
        correlator_.observe(group.pod, group.message, group.files.size(), group.last_unix_ms, clock_.unix_ms());
    if (!correlated) {
      counts_.limited += group.files.size();
      remove(spool, group.files);
      continue;
    }
    const std::size_t taken = group.files.size();
    if (!post(spool, {std::move(*correlated), std::move(group.files)})) return wait_ms_;
    counts_.waiting -= std::min<std::uint64_t>(counts_.waiting, taken);
    ++requests;
  }
  counts_.waiting = 0;
  return std::nullopt;
}

}  // namespace regcred::core
