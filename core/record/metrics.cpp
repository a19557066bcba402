// SPDX-License-Identifier: Apache-2.0
#include "record/metrics.hpp"

#include <algorithm>
#include <utility>

#include "common/number.hpp"

namespace regcred::core {
namespace {

constexpr std::string_view build_info = "regcred_build_info";
constexpr std::string_view requests_total = "regcred_requests_total";
constexpr std::string_view duration = "regcred_request_duration_seconds";
constexpr std::string_view duration_bucket = "regcred_request_duration_seconds_bucket";
constexpr std::string_view duration_sum = "regcred_request_duration_seconds_sum";
constexpr std::string_view duration_count = "regcred_request_duration_seconds_count";
constexpr std::string_view answer_bytes_total = "regcred_answer_bytes_total";
constexpr std::string_view cache_requests_total = "regcred_cache_requests_total";
constexpr std::string_view requests_lost_total = "regcred_requests_lost_total";

// ---- writing ----

using Label = std::pair<std::string_view, std::string_view>;

void append_escaped(std::string &text, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
}

void append_sample(std::string &text, std::string_view name, std::initializer_list<Label> labels,
                   std::string_view value) {
  text += name;
  char before = '{';
  for (const auto &[label, content] : labels) {
    ((text += before) += label) += "=\"";
    append_escaped(text, content);
    text += '"';
    before = ',';
  }
  ((text += "} ") += value) += '\n';
}

std::string seconds_text(std::uint64_t milliseconds) {
  const std::string fraction = std::to_string(milliseconds % 1000);
  return std::to_string(milliseconds / 1000) + '.' + std::string(3 - fraction.size(), '0') + fraction;
}

void append_durations(std::string &text, std::string_view registry, const RegistryMetrics &counts) {
  for (std::size_t i = 0; i < duration_buckets.size(); ++i) {
    append_sample(text, duration_bucket, {{"registry", registry}, {"le", duration_buckets[i].le}},
                  std::to_string(counts.at_most[i]));
  }
  append_sample(text, duration_bucket, {{"registry", registry}, {"le", "+Inf"}}, std::to_string(counts.requests));
  append_sample(text, duration_sum, {{"registry", registry}}, seconds_text(counts.milliseconds));
  append_sample(text, duration_count, {{"registry", registry}}, std::to_string(counts.requests));
}

// ---- reading ----

struct Sample {
  std::string_view name;
  std::map<std::string, std::string> labels;
  std::string_view value;
};

// Takes `text` up to `end` from its front, and `end` itself; false when there is none.
bool take(std::string_view &text, char end, std::string_view &taken) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return false;
  taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return true;
}

// The rest of a label's value, up to its closing quote.
bool take_value(std::string_view &text, std::string &value) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return true;
    if (c != '\\') {
      value += c;
      continue;
    }
    if (text.empty()) return false;
    value += text.front() == 'n' ? '\n' : text.front();
    text.remove_prefix(1);
  }
  return false;
}

// NAME{LABEL="VALUE",...} NUMBER
std::optional<Sample> parse_sample(std::string_view line) {
  Sample sample;
  if (!take(line, '{', sample.name)) return std::nullopt;
  while (!line.empty() && line.front() != '}') {
    std::string_view label;
    if (line.front() == ',') line.remove_prefix(1);
    if (!take(line, '=', label) || !line.starts_with('"')) return std::nullopt;
    line.remove_prefix(1);
    if (!take_value(line, sample.labels[std::string(label)])) return std::nullopt;
  }
  if (!line.starts_with("} ")) return std::nullopt;
  sample.value = line.substr(2);
  return sample;
}

// Digits only; 0 for all else and beyond 2^53, above which Prometheus cannot count one by one.
std::uint64_t count_of(std::string_view text) {
  constexpr std::uint64_t count_max = 1ULL << 53U;
  const std::uint64_t value = number_of<std::uint64_t>(text).value_or(0);
  return value <= count_max ? value : 0;
}

std::uint64_t milliseconds_of(std::string_view seconds) {
  std::string digits(seconds);
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  return count_of(digits);
}

// Takes what it understands: parse_metrics sees to the rest.
void enter(Sample sample, Metrics &metrics) {
  if (sample.name == build_info) {
    metrics.version = sample.labels["version"];
    return;
  }
  if (sample.name == requests_lost_total) {
    metrics.lost = count_of(sample.value);
    return;
  }
  RegistryMetrics &counts = metrics.registries[sample.labels["registry"]];
  if (sample.name == requests_total) counts.outcomes[sample.labels["outcome"]] = count_of(sample.value);
  if (sample.name == cache_requests_total) counts.cache[sample.labels["result"]] = count_of(sample.value);
  if (sample.name == duration_sum) counts.milliseconds = milliseconds_of(sample.value);
  if (sample.name == duration_count) counts.requests = count_of(sample.value);
  if (sample.name == answer_bytes_total) counts.answer_bytes = count_of(sample.value);
  if (sample.name != duration_bucket) return;
  for (std::size_t i = 0; i < duration_buckets.size(); ++i) {
    if (duration_buckets[i].le == sample.labels["le"]) counts.at_most[i] = count_of(sample.value);
  }
}

}  // namespace

void append_head(std::string &text, std::string_view name, std::string_view type, std::string_view help) {
  ((((((text += "# HELP ") += name) += ' ') += help) += "\n# TYPE ") += name) += ' ';
  (text += type) += '\n';
}

void count_request(Metrics &metrics, const RequestRecord &record) {
  metrics.version = REGCRED_VERSION;
  RegistryMetrics &counts = metrics.registries[record.registry];
  const std::int64_t milliseconds = std::max<std::int64_t>(0, record.milliseconds);
  ++counts.outcomes[record.outcome];
  if (!record.cache.empty()) ++counts.cache[record.cache];
  if (record.cache_corrupt) ++counts.cache["corrupt"];
  for (std::size_t i = 0; i < duration_buckets.size(); ++i) {
    if (milliseconds <= duration_buckets[i].milliseconds) ++counts.at_most[i];
  }
  ++counts.requests;
  counts.milliseconds += static_cast<std::uint64_t>(milliseconds);
  counts.answer_bytes += record.answer_bytes;
}

namespace {

// Left out while nothing used it, as before there was one.
void append_cache(std::string &text, const Metrics &metrics) {
  if (std::all_of(metrics.registries.begin(), metrics.registries.end(),
                  [](const auto &registry) { return registry.second.cache.empty(); })) {
    return;
  }
  append_head(text, cache_requests_total, "counter",
              "Requests that used what the node remembers, by registry entry and result; corrupt counts besides.");
  for (const auto &[registry, counts] : metrics.registries) {
    for (const auto &[result, requests] : counts.cache) {
      append_sample(text, cache_requests_total, {{"registry", registry}, {"result", result}}, std::to_string(requests));
    }
  }
}

}  // namespace

std::string render_metrics(const Metrics &metrics) {
  std::string text;
  append_head(text, build_info, "gauge", "The regcred that answered last.");
  append_sample(text, build_info, {{"version", metrics.version}}, "1");
  append_head(text, requests_total, "counter", "Requests of the kubelet, by registry entry and outcome.");
  for (const auto &[registry, counts] : metrics.registries) {
    for (const auto &[outcome, requests] : counts.outcomes) {
      append_sample(text, requests_total, {{"registry", registry}, {"outcome", outcome}}, std::to_string(requests));
    }
  }
  append_head(text, duration, "histogram", "Time from the start of the process until its answer was written.");
  for (const auto &[registry, counts] : metrics.registries) append_durations(text, registry, counts);
  append_head(text, answer_bytes_total, "counter", "Bytes of the answers to the kubelet.");
  for (const auto &[registry, counts] : metrics.registries) {
    append_sample(text, answer_bytes_total, {{"registry", registry}}, std::to_string(counts.answer_bytes));
  }
  append_cache(text, metrics);
  append_head(text, requests_lost_total, "counter",
              "Requests that are in none of these counts, since the file was busy.");
  append_sample(text, requests_lost_total, {{"reason", "busy"}}, std::to_string(metrics.lost));
  return text;
}

std::optional<Metrics> parse_metrics(std::string_view text) {
  Metrics metrics;
  for (std::string_view line, rest = text; take(rest, '\n', line);) {
    if (line.starts_with('#')) continue;
    std::optional<Sample> sample = parse_sample(line);
    if (!sample) return std::nullopt;
    enter(std::move(*sample), metrics);
  }
  for (const auto &[registry, counts] : metrics.registries) {
    const bool cumulative = std::is_sorted(counts.at_most.begin(), counts.at_most.end());
    if (!cumulative || counts.at_most.back() > counts.requests) return std::nullopt;
  }
  // Whatever was lost or misread shows here, down to the last byte.
  if (render_metrics(metrics) != text) return std::nullopt;
  return metrics;
}

}  // namespace regcred::core
