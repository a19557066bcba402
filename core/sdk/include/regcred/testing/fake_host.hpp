// SPDX-License-Identifier: Apache-2.0
// FakeHost: gives a backend a scripted network, a fixed clock, files from a map and a log that can be read.
#pragma once

#include <regcred/abi.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/detail/http_rules.hpp>
#include <regcred/detail/slice.hpp>
#include <regcred/host.hpp>
#include <regcred/http.hpp>
#include <regcred/text.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred::test {

// One call that the backend made, as it came.
struct RecordedCall {
  std::string method;
  std::string url;
  HttpHeaders headers;
  std::string body;
  std::uint32_t flags = 0;  // REGCRED_HTTP_*
};

using FormFields = std::vector<std::pair<std::string, std::string>>;

// One call that the test expects, and what it is answered with. Made by FakeHost::expect().
class ScriptedCall {
 public:
  ScriptedCall(std::string method, std::string url) : method_(std::move(method)), url_(std::move(url)) {}

  // The request must carry this header, with exactly this value.
  ScriptedCall &with_header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  // The request's body must be this JSON value, no member more or less.
  ScriptedCall &with_json(nlohmann::json body) {
    json_ = std::move(body);
    return *this;
  }
  // The request's body must be a form (application/x-www-form-urlencoded) of these fields: in any order, each as often
  // as it is named here, no field more or less.
  ScriptedCall &with_form(FormFields fields) {
    std::sort(fields.begin(), fields.end());
    form_ = std::move(fields);
    return *this;
  }
  // Answers with a complete response. Header names may be in any case. Without reply and fail: 200 and an empty body.
  ScriptedCall &reply(int status, std::string body = {}, HttpHeaders headers = {}) {
    status_ = status;
    reply_body_ = std::move(body);
    reply_headers_ = std::move(headers);
    return *this;
  }
  // What the host read from Retry-After.
  ScriptedCall &retry_after(std::chrono::seconds wait) {
    retry_after_ = wait;
    return *this;
  }
  // The time that passes until the answer is there, off the deadline and on the clock. When it does not fit into what
  // is left of the deadline, the answer is the host's timeout instead.
  ScriptedCall &takes(std::chrono::milliseconds duration) {
    duration_ = duration;
    return *this;
  }
  // No response: the code and the host's sentence, as for a name that does not resolve.
  ScriptedCall &fail(Code code, std::string text) {
    status_ = 0;
    code_ = static_cast<std::int32_t>(code);
    error_ = std::move(text);
    return *this;
  }

 private:
  friend class FakeHost;
  std::string method_;
  std::string url_;
  HttpHeaders headers_;
  std::optional<nlohmann::json> json_;
  std::optional<FormFields> form_;  // sorted
  int status_ = 200;
  std::string reply_body_;
  HttpHeaders reply_headers_;
  std::optional<std::chrono::seconds> retry_after_;
  std::chrono::milliseconds duration_{0};
  std::int32_t code_ = REGCRED_OK;
  std::string error_;
};

// A host for tests. Expected calls are answered in the order of the script; what differs from it, comes on top of it or
// never comes is told by problems(). Also holds a backend to the real host's rules for URLs, methods and headers.
// Not movable: the tables point into it. One thread.
class FakeHost {
 public:
  struct LogLine {
    LogLevel level;
    std::string text;
  };

  FakeHost() {
    regcred::detail::set_header(host_);
    host_.context = this;
    host_.get_service = &FakeHost::get_service;
    regcred::detail::set_header(http_);
    http_.context = this;
    http_.send = &FakeHost::send;
    regcred::detail::set_header(log_);
    log_.context = this;
    log_.enabled = [](void *, std::int32_t) -> std::int32_t { return 1; };
    log_.write = &FakeHost::write_log;
    regcred::detail::set_header(clock_);
    clock_.context = this;
    clock_.unix_ms = [](void *self) -> std::int64_t { return (of(self).unix_now_ + of(self).passed_).count(); };
    clock_.monotonic_ms = [](void *self) -> std::int64_t { return of(self).passed_.count(); };
    clock_.remaining_ms = [](void *self) -> std::int64_t { return of(self).remaining().count(); };
    regcred::detail::set_header(secret_);
    secret_.context = this;
    secret_.read = &FakeHost::read_secret;
  }
  FakeHost(const FakeHost &) = delete;
  FakeHost &operator=(const FakeHost &) = delete;
  ~FakeHost() = default;

  // -- before the run --
  ScriptedCall &expect(std::string method, std::string url) {
    return script_.emplace_back(std::move(method), std::move(url));
  }
  // The wall clock; stands still but for ScriptedCall::takes(). 2025-06-15 15:06:40 UTC unless set.
  void set_unix_now(std::chrono::seconds now) { unix_now_ = now; }
  [[nodiscard]] std::chrono::seconds unix_now() const { return unix_now_; }
  // What is left of the request's deadline; 30 s unless set. With nothing left, every call is the host's timeout.
  void set_remaining(std::chrono::milliseconds remaining) { remaining_ = remaining; }
  // A static secret under the name that the backend asks for (an absolute path or a bare name).
  void add_secret_file(std::string name, std::string content) { secrets_[std::move(name)] = std::move(content); }
  // Makes this host one that lacks a service (REGCRED_SERVICE_*).
  void withhold(std::string service_id) { withheld_ = std::move(service_id); }

  // -- after the run --
  [[nodiscard]] const std::vector<RecordedCall> &calls() const { return calls_; }
  [[nodiscard]] const std::vector<LogLine> &log() const { return log_lines_; }
  [[nodiscard]] const std::vector<std::string> &secret_files_read() const { return secrets_read_; }
  // Every difference between what happened and the script, one sentence each; empty when all went as written.
  [[nodiscard]] std::vector<std::string> problems() const {
    std::vector<std::string> all = problems_;
    for (std::size_t i = next_; i < script_.size(); ++i) {
      all.push_back("expected call never came: " + script_[i].method_ + " " + script_[i].url_);
    }
    return all;
  }

  [[nodiscard]] const regcred_host_v1 *table() const { return &host_; }
  // For tests of classes that take a Host, without a backend around them.
  [[nodiscard]] Host host() const { return Host(&host_); }

 private:
  [[nodiscard]] std::chrono::milliseconds remaining() const { return remaining_ - passed_; }

  static FakeHost &of(void *context) noexcept { return *static_cast<FakeHost *>(context); }

  static const void *get_service(void *context, const char *id) noexcept {
    const FakeHost &self = of(context);
    const std::string_view wanted = id == nullptr ? std::string_view{} : std::string_view(id);
    if (wanted == self.withheld_) return nullptr;
    if (wanted == REGCRED_SERVICE_HTTP) return &self.http_;
    if (wanted == REGCRED_SERVICE_LOG) return &self.log_;
    if (wanted == REGCRED_SERVICE_CLOCK) return &self.clock_;
    if (wanted == REGCRED_SERVICE_SECRET) return &self.secret_;
    return nullptr;
  }

  static void write_log(void *context, std::int32_t level, regcred_slice text) noexcept {
    of(context).log_lines_.push_back({static_cast<LogLevel>(level), std::string(regcred::detail::to_view(text))});
  }

  static std::int32_t read_secret(void *context, regcred_slice name, const regcred_bytes_sink_v1 *secret,
                                  const regcred_bytes_sink_v1 *error) noexcept {
    FakeHost &self = of(context);
    const std::string wanted(regcred::detail::to_view(name));
    self.secrets_read_.push_back(wanted);
    const auto found = self.secrets_.find(wanted);
    if (found != self.secrets_.end()) {
      secret->bytes(secret->context, regcred::detail::to_slice(found->second));
      return REGCRED_OK;
    }
    const std::string text = "secret " + shown(wanted) + ": no such file; create it with mode 0600";
    if (error != nullptr) error->bytes(error->context, regcred::detail::to_slice(text));
    return REGCRED_BAD_CONFIG;
  }

  static std::int32_t send(void *context, const regcred_http_request_v1 *raw,
                           const regcred_http_sink_v1 *sink) noexcept {
    FakeHost &self = of(context);
    RecordedCall &call = self.calls_.emplace_back();
    call.method = regcred::detail::to_view(raw->method);
    call.url = regcred::detail::to_view(raw->url);
    call.body = regcred::detail::to_view(raw->body);
    call.flags = raw->flags;
    for (std::uint64_t i = 0; i < raw->headers_count; ++i) {
      call.headers.emplace_back(regcred::detail::to_view(raw->headers[i].name),
                                regcred::detail::to_view(raw->headers[i].value));
    }
    if (const std::string broken = broken_rule(call); !broken.empty()) {
      self.problems_.push_back(broken + ": " + call.method + " " + call.url);
      return answer(sink, ScriptedCall("", "").fail(Code::bad_request, broken), 0);
    }
    if (self.next_ == self.script_.size()) {
      self.problems_.push_back("unexpected call: " + call.method + " " + call.url);
      return answer(sink, ScriptedCall("", "").fail(Code::unavailable, "the test expects no such call"));
    }
    const ScriptedCall &expected = self.script_[self.next_++];
    self.compare(expected, call);
    if (const std::chrono::milliseconds left = self.remaining(); left <= expected.duration_) {
      const bool started = left > std::chrono::milliseconds(0);
      if (started) self.passed_ += left;
      return answer(sink, ScriptedCall("", "").fail(Code::timeout, "no time is left for a request"), started ? 1 : 0);
    }
    self.passed_ += expected.duration_;
    return answer(sink, expected);
  }

  // What the real host refuses before anything is sent.
  static std::string broken_rule(const RecordedCall &call) {
    const std::vector<std::pair<std::string_view, std::string_view>> headers(call.headers.begin(), call.headers.end());
    return regcred::detail::broken_http_rule(
        {call.method, call.url, headers, call.body.size(), (call.flags & REGCRED_HTTP_METADATA) != 0U});
  }

  void compare(const ScriptedCall &expected, const RecordedCall &call) {
    const auto differs = [&](const std::string &what, const std::string &wanted, const std::string &got) {
      problems_.push_back(what + ": expected " + wanted + ", got " + got);
    };
    if (call.method != expected.method_) differs("method", expected.method_, call.method);
    if (call.url != expected.url_) differs("URL", expected.url_, call.url);
    for (const auto &header : expected.headers_) {
      bool present = false;
      for (const auto &sent : call.headers) present = present || sent == header;
      if (!present) differs("header " + header.first, header.second, "none such");
    }
    if (expected.form_ && form_fields(call.body) != expected.form_) {
      std::string wanted;
      for (const auto &[name, value] : *expected.form_) {
        wanted += (wanted.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
      }
      differs("form", wanted, call.body);
    }
    if (!expected.json_) return;
    const nlohmann::json sent = nlohmann::json::parse(call.body, nullptr, /*allow_exceptions=*/false);
    // A comparison with a discarded value is always false, in both directions.
    if (sent.is_discarded() || sent != *expected.json_) differs("body", expected.json_->dump(), call.body);
  }

  // The sorted fields of a form; nullopt when `body` is none: a field without '=', a raw character that must be
  // encoded, a broken %XX.
  [[nodiscard]] static std::optional<FormFields> form_fields(std::string_view body) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    const auto decoded = [&](std::string_view text) -> std::optional<std::string> {
      std::string out;
      for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~*").find(c) != std::string_view::npos;
        if (plain || c == '+') {
          out.push_back(c == '+' ? ' ' : c);
          continue;
        }
        if (c != '%' || i + 2 >= text.size()) return std::nullopt;
        const std::size_t high = hex.find(text[i + 1]);
        const std::size_t low = hex.find(text[i + 2]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
      }
      return out;
    };
    FormFields fields;
    if (body.ends_with('&')) return std::nullopt;
    while (!body.empty()) {
      const std::string_view field = body.substr(0, body.find('&'));
      const std::size_t equals = field.find('=');
      if (equals == std::string_view::npos) return std::nullopt;
      std::optional<std::string> name = decoded(field.substr(0, equals));
      std::optional<std::string> value = decoded(field.substr(equals + 1));
      if (!name || !value) return std::nullopt;
      fields.emplace_back(std::move(*name), std::move(*value));
      body.remove_prefix(std::min(field.size() + 1, body.size()));
    }
    std::sort(fields.begin(), fields.end());
    return fields;
  }

  static std::int32_t answer(const regcred_http_sink_v1 *sink, const ScriptedCall &scripted, int attempts = 1) {
    HttpHeaders headers = scripted.reply_headers_;
    std::vector<regcred_pair> pairs;
    for (auto &[name, value] : headers) {
      for (char &c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      pairs.push_back({regcred::detail::to_slice(name), regcred::detail::to_slice(value)});
    }
    regcred_http_response_v1 response{};
    regcred::detail::set_header(response);
    response.status = scripted.status_;
    response.attempts = attempts;
    response.retry_after_seconds = scripted.retry_after_ ? scripted.retry_after_->count() : -1;
    response.headers = pairs.data();
    response.headers_count = pairs.size();
    response.body = regcred::detail::to_slice(scripted.reply_body_);
    response.error = regcred::detail::to_slice(scripted.error_);
    sink->response(sink->context, &response);
    return scripted.code_;
  }

  std::deque<ScriptedCall> script_;  // a deque, since expect() hands out references
  std::size_t next_ = 0;
  std::vector<RecordedCall> calls_;
  std::vector<std::string> problems_;
  std::vector<LogLine> log_lines_;
  std::map<std::string, std::string> secrets_;
  std::vector<std::string> secrets_read_;
  std::string withheld_ = "none";
  std::chrono::seconds unix_now_{1'750'000'000};
  std::chrono::milliseconds remaining_{30'000};
  std::chrono::milliseconds passed_{0};
  regcred_host_v1 host_{};
  regcred_http_v1 http_{};
  regcred_log_v1 log_{};
  regcred_clock_v1 clock_{};
  regcred_secret_v1 secret_{};
};

}  // namespace regcred::test
