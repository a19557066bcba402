// SPDX-License-Identifier: Apache-2.0
// The bodies of testing/fake_host.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <regcred/detail/fake_sha256.hpp>
#include <regcred/detail/http_rules.hpp>
#include <regcred/detail/slice.hpp>
#include <regcred/testing/fake_host.hpp>
#include <regcred/text.hpp>

namespace regcred::test {

// ---- ScriptedCall ----

inline ScriptedCall::ScriptedCall(std::string method, std::string url)
    : method_(std::move(method)), url_(std::move(url)) {}

inline ScriptedCall &ScriptedCall::with_header(std::string name, std::string value) {
  headers_.emplace_back(std::move(name), std::move(value));
  return *this;
}

inline ScriptedCall &ScriptedCall::with_json(nlohmann::json body) {
  json_ = std::move(body);
  return *this;
}

inline ScriptedCall &ScriptedCall::with_form(FormFields fields) {
  std::sort(fields.begin(), fields.end());
  form_ = std::move(fields);
  return *this;
}

inline ScriptedCall &ScriptedCall::reply(int status, std::string body, HttpHeaders headers) {
  status_ = status;
  reply_body_ = std::move(body);
  reply_headers_ = std::move(headers);
  return *this;
}

inline ScriptedCall &ScriptedCall::retry_after(std::chrono::seconds wait) {
  retry_after_ = wait;
  return *this;
}

inline ScriptedCall &ScriptedCall::takes(std::chrono::milliseconds duration) {
  duration_ = duration;
  return *this;
}

inline ScriptedCall &ScriptedCall::fail(Code code, std::string text) {
  status_ = 0;
  code_ = static_cast<std::int32_t>(code);
  error_ = std::move(text);
  return *this;
}

// ---- What the tables call ----

namespace detail {

// The sorted fields of a form; nullopt when `body` is not one: a field without '=', a raw character that must be
// encoded, a broken %XX.
[[nodiscard]] inline std::optional<FormFields> form_fields(std::string_view body) {
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

// What the real host refuses before anything is sent.
[[nodiscard]] inline std::string broken_rule(const RecordedCall &call) {
  const std::vector<std::pair<std::string_view, std::string_view>> headers(call.headers.begin(), call.headers.end());
  return regcred::detail::broken_http_rule(
      {call.method, call.url, headers, call.body.size(), (call.flags & REGCRED_HTTP_METADATA) != 0U});
}

// The functions of FakeHost's tables; `context` is the FakeHost.
struct FakeServices {
  static FakeHost &of(void *context) noexcept { return *static_cast<FakeHost *>(context); }

  static const void *get_service(void *context, const char *id) noexcept {
    const FakeHost &self = of(context);
    const std::string_view wanted = id == nullptr ? std::string_view{} : std::string_view(id);
    if (wanted == self.withheld_) return nullptr;
    if (wanted == REGCRED_SERVICE_HTTP) return &self.http_;
    if (wanted == REGCRED_SERVICE_LOG) return &self.log_;
    if (wanted == REGCRED_SERVICE_CLOCK) return &self.clock_;
    if (wanted == REGCRED_SERVICE_SECRET) return &self.secret_;
    if (wanted == REGCRED_SERVICE_CRYPTO) return &self.crypto_;
    if (wanted == REGCRED_SERVICE_PROCESS) return &self.process_;
    return nullptr;
  }

  static std::int32_t run_program(void *context, const regcred_process_request_v1 *raw,
                                  const regcred_process_sink_v1 *sink) noexcept;

  static void write_log(void *context, std::int32_t level, regcred_slice text) noexcept {
    of(context).log_lines_.push_back({static_cast<LogLevel>(level), std::string(regcred::detail::to_view(text))});
  }

  static std::int64_t unix_ms(void *context) noexcept { return (of(context).unix_now_ + of(context).passed_).count(); }
  static std::int64_t monotonic_ms(void *context) noexcept { return of(context).passed_.count(); }
  static std::int64_t remaining_ms(void *context) noexcept { return of(context).remaining().count(); }

  // The content of the file, or null after `error` got the reason.
  static const std::string *find_secret(FakeHost &self, regcred_slice name, const regcred_bytes_sink_v1 *error) {
    const std::string wanted(regcred::detail::to_view(name));
    self.secrets_read_.push_back(wanted);
    const auto found = self.secrets_.find(wanted);
    if (found != self.secrets_.end()) return &found->second;
    const std::string text = "secret " + shown(wanted) + ": no such file; create it with mode 0600";
    if (error != nullptr) error->bytes(error->context, regcred::detail::to_slice(text));
    return nullptr;
  }

  static std::int32_t hand_over(const regcred_bytes_sink_v1 *sink, std::string_view bytes) {
    sink->bytes(sink->context, regcred::detail::to_slice(bytes));
    return REGCRED_OK;
  }

  static std::int32_t read_secret(void *context, regcred_slice name, const regcred_bytes_sink_v1 *secret,
                                  const regcred_bytes_sink_v1 *error) noexcept {
    const std::string *content = find_secret(of(context), name, error);
    return content == nullptr ? REGCRED_BAD_CONFIG : hand_over(secret, *content);
  }

  static std::int32_t digest(void *, regcred_slice data, const regcred_bytes_sink_v1 *digest,
                             const regcred_bytes_sink_v1 *) noexcept {
    return hand_over(digest, sha256(regcred::detail::to_view(data)));
  }

  static std::int32_t mac(void *, regcred_slice key, regcred_slice data, const regcred_bytes_sink_v1 *mac,
                          const regcred_bytes_sink_v1 *) noexcept {
    return hand_over(mac, hmac_sha256(regcred::detail::to_view(key), regcred::detail::to_view(data)));
  }

  static std::int32_t sign(void *context, regcred_slice key_name, regcred_slice data,
                           const regcred_bytes_sink_v1 *signature, const regcred_bytes_sink_v1 *error) noexcept {
    const std::string *key = find_secret(of(context), key_name, error);
    if (key == nullptr) return REGCRED_BAD_CONFIG;
    return hand_over(signature, fake_rsa_signature(*key, regcred::detail::to_view(data)));
  }

  static std::int32_t send(void *context, const regcred_http_request_v1 *raw,
                           const regcred_http_sink_v1 *sink) noexcept {
    FakeHost &self = of(context);
    RecordedCall &call = self.calls_.emplace_back();
    call.method = regcred::detail::to_view(raw->method);
    call.url = regcred::detail::to_view(raw->url);
    call.body = regcred::detail::to_view(raw->body);
    call.flags = raw->flags;
    call.timeout = std::chrono::milliseconds(raw->timeout_ms);
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
    compare(expected, call, self.problems_);
    if (const std::chrono::milliseconds left = self.remaining(); left <= expected.duration_) {
      const bool started = left > std::chrono::milliseconds(0);
      if (started) self.passed_ += left;
      return answer(sink, ScriptedCall("", "").fail(Code::timeout, "no time is left for a request"), started ? 1 : 0);
    }
    if (call.timeout > std::chrono::milliseconds(0) && call.timeout < expected.duration_) {
      self.passed_ += call.timeout;
      return answer(sink, ScriptedCall("", "").fail(Code::unavailable, "no answer within the request's timeout"));
    }
    self.passed_ += expected.duration_;
    return answer(sink, expected);
  }

  static void compare(const ScriptedCall &expected, const RecordedCall &call, std::vector<std::string> &problems) {
    const auto differs = [&](const std::string &what, const std::string &wanted, const std::string &got) {
      problems.push_back(what + ": expected " + wanted + ", got " + got);
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

  static std::int32_t answer(const regcred_http_sink_v1 *sink, const ScriptedCall &scripted, int attempts = 1) {
    HttpHeaders headers = scripted.reply_headers_;
    std::vector<regcred_pair> pairs;
    for (auto &[name, value] : headers) {
      name = lower_case(name);
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
};

}  // namespace detail

// ---- FakeHost ----

inline std::string fake_rsa_signature(std::string_view key, std::string_view data) {
  const std::string part = detail::hmac_sha256(key, data);
  std::string signature;
  while (signature.size() < 256) signature += part;
  return signature;
}

inline FakeHost::FakeHost() {
  using Services = detail::FakeServices;
  regcred::detail::set_header(host_);
  host_.context = this;
  host_.get_service = &Services::get_service;
  regcred::detail::set_header(http_);
  http_.context = this;
  http_.send = &Services::send;
  regcred::detail::set_header(log_);
  log_.context = this;
  log_.enabled = [](void *, std::int32_t) -> std::int32_t { return 1; };
  log_.write = &Services::write_log;
  regcred::detail::set_header(clock_);
  clock_.context = this;
  clock_.unix_ms = &Services::unix_ms;
  clock_.monotonic_ms = &Services::monotonic_ms;
  clock_.remaining_ms = &Services::remaining_ms;
  regcred::detail::set_header(secret_);
  secret_.context = this;
  secret_.read = &Services::read_secret;
  regcred::detail::set_header(crypto_);
  crypto_.context = this;
  crypto_.sha256 = &Services::digest;
  crypto_.hmac_sha256 = &Services::mac;
  crypto_.rsa_sha256 = &Services::sign;
  regcred::detail::set_header(process_);
  process_.context = this;
  process_.run = &Services::run_program;
}

inline ScriptedCall &FakeHost::expect(std::string method, std::string url) {
  return script_.emplace_back(std::move(method), std::move(url));
}

inline std::vector<std::string> FakeHost::problems() const {
  std::vector<std::string> all = problems_;
  for (std::size_t i = next_; i < script_.size(); ++i) {
    all.push_back("expected call never came: " + script_[i].method_ + " " + script_[i].url_);
  }
  for (std::size_t i = next_program_; i < program_script_.size(); ++i) {
    all.push_back("expected program was not run: " + program_script_[i].path_);
  }
  return all;
}

}  // namespace regcred::test
