// SPDX-License-Identifier: Apache-2.0
// The bodies of host.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <regcred/abi.h>

#include <cstdint>
#include <regcred/detail/slice.hpp>
#include <regcred/host.hpp>
#include <utility>

namespace regcred {

// ---- Log ----

inline bool Log::enabled(LogLevel level) const noexcept {
  return service_ != nullptr && service_->enabled(service_->context, static_cast<std::int32_t>(level)) != 0;
}

inline void Log::write(LogLevel level, std::string_view line) const noexcept {
  if (service_ == nullptr) return;
  service_->write(service_->context, static_cast<std::int32_t>(level), detail::to_slice(line));
}

// ---- Clock ----

inline std::chrono::seconds Clock::unix_now() const noexcept {
  using std::chrono::system_clock;
  if (service_ == nullptr) return std::chrono::floor<std::chrono::seconds>(system_clock::now().time_since_epoch());
  return std::chrono::seconds(service_->unix_ms(service_->context) / 1000);
}

inline std::chrono::milliseconds Clock::remaining() const noexcept {
  if (service_ == nullptr) return std::chrono::milliseconds::max();
  return std::chrono::milliseconds(service_->remaining_ms(service_->context));
}

// ---- SecretFiles ----

namespace detail {

[[nodiscard]] inline regcred_bytes_sink_v1 sink_to(void *context, void (*bytes)(void *, regcred_slice)) noexcept {
  regcred_bytes_sink_v1 sink{};
  set_header(sink);
  sink.context = context;
  sink.bytes = bytes;
  return sink;
}

inline void take_secret(void *context, regcred_slice value) {
  *static_cast<Secret *>(context) = Secret(to_view(value));
}

inline void take_text(void *context, regcred_slice value) {
  *static_cast<std::string *>(context) = std::string(to_view(value));
}

}  // namespace detail

inline Result<Secret> SecretFiles::read(std::string_view name) const {
  if (service_ == nullptr) return failure(Code::internal, "this host has no service " REGCRED_SERVICE_SECRET);
  Secret secret;
  std::string error;
  const regcred_bytes_sink_v1 secret_sink = detail::sink_to(&secret, &detail::take_secret);
  const regcred_bytes_sink_v1 error_sink = detail::sink_to(&error, &detail::take_text);
  const std::int32_t code = service_->read(service_->context, detail::to_slice(name), &secret_sink, &error_sink);
  if (code != REGCRED_OK) return failure(static_cast<Code>(code), std::move(error));
  return secret;
}

// ---- Host ----

template <class Service>
const Service *Host::service(const char *id) const noexcept {
  return static_cast<const Service *>(host_->get_service(host_->context, id));
}

inline Log Host::log() const noexcept { return Log(service<regcred_log_v1>(REGCRED_SERVICE_LOG)); }

inline Clock Host::clock() const noexcept { return Clock(service<regcred_clock_v1>(REGCRED_SERVICE_CLOCK)); }

inline SecretFiles Host::secret_files() const noexcept {
  return SecretFiles(service<regcred_secret_v1>(REGCRED_SERVICE_SECRET));
}

}  // namespace regcred
