// SPDX-License-Identifier: Apache-2.0
// The bodies of testing.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <regcred/detail/slice.hpp>
#include <regcred/testing.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace regcred::test {

inline std::string code_name(std::int32_t code) {
  constexpr std::array<std::string_view, 10> names = {"ok",           "no_credentials", "bad_config", "bad_request",
                                                      "denied",       "unavailable",    "throttled",  "timeout",
                                                      "bad_upstream", "internal"};
  if (code < 0 || code > REGCRED_INTERNAL) return "unknown code " + std::to_string(code);
  return std::string(names.at(static_cast<std::size_t>(code)));
}

namespace detail {

// A sink that records, and notes each broken rule.
class RecordingSink {
 public:
  explicit RecordingSink(Outcome &outcome) : outcome_(outcome) {
    regcred::detail::set_header(table_);
    table_.context = this;
    table_.add_auth = &RecordingSink::add_auth;
    table_.set_cache = &RecordingSink::set_cache;
    table_.fail = &RecordingSink::fail;
    table_.set_cache_duration = &RecordingSink::set_cache_duration;
  }
  [[nodiscard]] const regcred_sink_v1 *table() const { return &table_; }

  // The rules that only show at the end of a call which returned `code`.
  void finish(std::int32_t code) {
    outcome_.code = code;
    const auto problem = [this](std::string text) { outcome_.problems.push_back(std::move(text)); };
    if (code < REGCRED_OK || code > REGCRED_INTERNAL) problem("returned an unknown code");
    if (failed_with_ && *failed_with_ != code) problem("returned another code than it gave to sink->fail");
    const bool failed = code != REGCRED_OK && code != REGCRED_NO_CREDENTIALS;
    if (failed && outcome_.text.empty()) problem("failed without a text");
    if (outcome_.text.size() > 512) problem("the text is longer than the 512 bytes that are kept");
    if (has_control_character(outcome_.text)) problem("the text is not one printable line");
    if (code != REGCRED_OK && !outcome_.auth.empty()) problem("gave a credential and failed");
  }

 private:
  static RecordingSink &of(void *context) noexcept { return *static_cast<RecordingSink *>(context); }

  static std::int32_t add_auth(void *context, regcred_slice registry, regcred_slice username,
                               regcred_slice secret) noexcept {
    using regcred::detail::to_view;
    if (username.size == 0 || username.size > 4096 || secret.size > 64U * 1024U) return REGCRED_BAD_REQUEST;
    if (has_control_character(to_view(username)) || has_control_character(to_view(secret))) return REGCRED_BAD_REQUEST;
    of(context).outcome_.auth.push_back(
        {std::string(to_view(registry)), std::string(to_view(username)), std::string(to_view(secret))});
    return REGCRED_OK;
  }

  static std::int32_t set_cache(void *context, std::int32_t scope, std::int64_t lifetime_seconds) noexcept {
    Outcome &outcome = of(context).outcome_;
    if (scope != REGCRED_SCOPE_IMAGE && scope != REGCRED_SCOPE_REGISTRY) outcome.problems.push_back("unknown scope");
    if (lifetime_seconds < REGCRED_LIFETIME_UNKNOWN) outcome.problems.push_back("negative lifetime");
    outcome.scope = static_cast<Scope>(scope);
    outcome.lifetime.reset();
    if (lifetime_seconds >= 0) outcome.lifetime = std::chrono::seconds(lifetime_seconds);
    outcome.lifetime_has_margin = false;
    return REGCRED_OK;
  }

  static std::int32_t set_cache_duration(void *context, std::int32_t scope, std::int64_t seconds) noexcept {
    set_cache(context, scope, seconds);
    of(context).outcome_.lifetime_has_margin = true;
    return REGCRED_OK;
  }

  static std::int32_t fail(void *context, std::int32_t code, std::int64_t retry_after_seconds,
                           regcred_slice text) noexcept {
    RecordingSink &self = of(context);
    self.failed_with_ = code;
    self.outcome_.text = regcred::detail::to_view(text);
    if (retry_after_seconds >= 0) self.outcome_.retry_after = std::chrono::seconds(retry_after_seconds);
    return REGCRED_OK;
  }

  Outcome &outcome_;
  std::optional<std::int32_t> failed_with_;
  regcred_sink_v1 table_{};
};

// A sink that appends each value to `values`, which outlives it.
[[nodiscard]] inline regcred_bytes_sink_v1 collector(std::vector<std::string> &values) {
  regcred_bytes_sink_v1 sink{};
  regcred::detail::set_header(sink);
  sink.context = &values;
  sink.bytes = [](void *context, regcred_slice value) {
    static_cast<std::vector<std::string> *>(context)->emplace_back(regcred::detail::to_view(value));
  };
  return sink;
}

// The values that a table's settings_schema or annotation_keys gives.
[[nodiscard]] inline std::vector<std::string> collect(std::int32_t (*function)(const regcred_bytes_sink_v1 *)) {
  std::vector<std::string> values;
  const regcred_bytes_sink_v1 sink = collector(values);
  function(&sink);
  return values;
}

// Neither the pod's token nor a password may stand where people read. Shorter ones are not looked for: ordinary words
// would be taken for them.
inline void note_leaks(const FakeRequest &request, const FakeHost &host, Outcome &outcome) {
  const auto look = [&](const std::string &what, const std::string &secret) {
    if (secret.size() < leak_bytes_min) return;
    if (find_leak(secret, outcome.text)) outcome.problems.push_back(what + " stands in the text");
    for (const FakeHost::LogLine &line : host.log()) {
      if (find_leak(secret, line.text)) outcome.problems.push_back(what + " stands in the log");
    }
  };
  look("the token", request.token());
  for (const AuthEntry &entry : outcome.auth) look("the password", entry.password);
}

}  // namespace detail

inline Outcome create_only(const regcred_backend_v1 &table, std::string_view settings_json, FakeHost &host) {
  Outcome outcome;
  detail::RecordingSink sink(outcome);
  void *instance = nullptr;
  const std::size_t calls_before = host.calls().size();
  sink.finish(table.create(host.table(), regcred::detail::to_slice(settings_json), sink.table(), &instance));
  if ((outcome.code == REGCRED_OK) != (instance != nullptr)) {
    outcome.problems.emplace_back("create must give an instance exactly when it returns ok");
  }
  if (instance != nullptr) table.destroy(instance);
  if (host.calls().size() != calls_before) outcome.problems.emplace_back("create made a network call");
  return outcome;
}

inline Outcome serves(const regcred_backend_v1 &table, std::string_view settings_json, std::string_view registry,
                      FakeHost &host) {
  Outcome outcome;
  detail::RecordingSink sink(outcome);
  void *instance = nullptr;
  sink.finish(table.create(host.table(), regcred::detail::to_slice(settings_json), sink.table(), &instance));
  if (outcome.code != REGCRED_OK) return outcome;
  const std::size_t calls_before = host.calls().size();
  if (table.serves_registry != nullptr) {
    sink.finish(table.serves_registry(instance, regcred::detail::to_slice(registry), sink.table()));
  }
  table.destroy(instance);
  if (host.calls().size() != calls_before) outcome.problems.emplace_back("serves_registry made a network call");
  return outcome;
}

inline ExpectedAudiences expected_audiences(const regcred_backend_v1 &table, std::string_view settings_json,
                                            std::string_view registry, FakeHost &host) {
  ExpectedAudiences expected;
  Outcome outcome;
  detail::RecordingSink sink(outcome);
  void *instance = nullptr;
  outcome.code = table.create(host.table(), regcred::detail::to_slice(settings_json), sink.table(), &instance);
  if (outcome.code != REGCRED_OK || table.expected_audiences == nullptr) return expected;
  std::vector<std::string> accepted_by;
  const regcred_bytes_sink_v1 audiences = detail::collector(expected.values);
  const regcred_bytes_sink_v1 change = detail::collector(accepted_by);
  const std::size_t calls_before = host.calls().size();
  const std::int32_t code =
      table.expected_audiences(instance, regcred::detail::to_slice(registry), &audiences, &change);
  table.destroy(instance);
  const auto breaks_a_rule = [](const std::string &value) {
    return value.empty() || value.size() > 256 || has_control_character(value);
  };
  const bool broken = std::any_of(expected.values.begin(), expected.values.end(), breaks_a_rule);
  if (!accepted_by.empty()) expected.accepted_by = accepted_by.front();
  if (code != REGCRED_OK) expected.values.emplace_back("problem: returned " + code_name(code));
  if (broken || expected.values.size() > 16) expected.values.emplace_back("problem: a value that abi.h forbids");
  if (host.calls().size() != calls_before) expected.values.emplace_back("problem: made a network call");
  return expected;
}

inline Outcome run(const regcred_backend_v1 &table, std::string_view settings_json, const FakeRequest &request,
                   FakeHost &host) {
  Outcome outcome;
  detail::RecordingSink sink(outcome);
  void *instance = nullptr;
  const std::size_t calls_before = host.calls().size();
  sink.finish(table.create(host.table(), regcred::detail::to_slice(settings_json), sink.table(), &instance));
  if (host.calls().size() != calls_before) outcome.problems.emplace_back("create made a network call");
  if (outcome.code == REGCRED_OK && instance == nullptr) {
    outcome.problems.emplace_back("create returned ok without an instance");
  } else if (outcome.code == REGCRED_OK) {
    std::vector<regcred_pair> pairs;
    const regcred_request_v1 raw = request.raw(pairs);
    sink.finish(table.get_credentials(instance, &raw, sink.table()));
    table.destroy(instance);
    if (outcome.code == REGCRED_OK && outcome.auth.empty()) outcome.problems.emplace_back("ok without a credential");
  }
  if (!host.programs().empty() && (table.uses & REGCRED_USES_PROCESS) == 0) {
    outcome.problems.emplace_back("ran a program, which the table does not declare (uses)");
  }
  detail::note_leaks(request, host, outcome);
  for (std::string &problem : host.problems()) outcome.problems.push_back(std::move(problem));
  return outcome;
}

inline std::string backend_name(const regcred_backend_v1 &table) {
  return std::string(regcred::detail::to_view(table.name));
}

inline std::string settings_schema(const regcred_backend_v1 &table) {
  const std::vector<std::string> values = detail::collect(table.settings_schema);
  return values.empty() ? std::string{} : values.front();
}

inline std::vector<std::string> annotation_keys(const regcred_backend_v1 &table) {
  return detail::collect(table.annotation_keys);
}

}  // namespace regcred::test
