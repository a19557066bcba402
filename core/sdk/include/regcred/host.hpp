// SPDX-License-Identifier: Apache-2.0
// What the host gives to a backend: log, clock, static secrets, and HTTP (http.hpp).
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstddef>
#include <regcred/detail/slice.hpp>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string>
#include <string_view>

namespace regcred {

enum class LogLevel : std::int32_t {
  debug = REGCRED_LOG_DEBUG,
  info = REGCRED_LOG_INFO,
  warn = REGCRED_LOG_WARN,
  error = REGCRED_LOG_ERROR,
};

// Writes lines for the operator. Never a token, a password or an HTTP body. A host without the service drops them.
class Log {
 public:
  explicit Log(const regcred_log_v1 *service) noexcept : service_(service) {}

  // False when a line of this level would be dropped: spares the work of building it.
  [[nodiscard]] bool enabled(LogLevel level) const noexcept {
    return service_ != nullptr && service_->enabled(service_->context, static_cast<std::int32_t>(level)) != 0;
  }
  void write(LogLevel level, std::string_view line) const noexcept {
    if (service_ != nullptr)
      service_->write(service_->context, static_cast<std::int32_t>(level), detail::to_slice(line));
  }
  void debug(std::string_view line) const noexcept { write(LogLevel::debug, line); }
  void info(std::string_view line) const noexcept { write(LogLevel::info, line); }
  void warn(std::string_view line) const noexcept { write(LogLevel::warn, line); }

 private:
  const regcred_log_v1 *service_;
};

// Time, from the host so that tests can set it. On a host without the service: the system's clock, no deadline.
class Clock {
 public:
  explicit Clock(const regcred_clock_v1 *service) noexcept : service_(service) {}

  [[nodiscard]] std::chrono::seconds unix_now() const noexcept {
    using std::chrono::system_clock;
    if (service_ == nullptr) return std::chrono::floor<std::chrono::seconds>(system_clock::now().time_since_epoch());
    return std::chrono::seconds(service_->unix_ms(service_->context) / 1000);
  }
  // Time left of this request's deadline; not positive when it is over.
  [[nodiscard]] std::chrono::milliseconds remaining() const noexcept {
    if (service_ == nullptr) return std::chrono::milliseconds::max();
    return std::chrono::milliseconds(service_->remaining_ms(service_->context));
  }

 private:
  const regcred_clock_v1 *service_;
};

// Static secrets in root-only files.
class SecretFiles {
 public:
  explicit SecretFiles(const regcred_secret_v1 *service) noexcept : service_(service) {}

  // Reads one: an absolute path (mode 0600 or 0400), or a bare name in $CREDENTIALS_DIRECTORY. BAD_CONFIG with the
  // cause and the cure otherwise. Trailing line ends are removed.
  [[nodiscard]] Result<Secret> read(std::string_view name) const {
    if (service_ == nullptr) return failure(Code::internal, "this host has no service " REGCRED_SERVICE_SECRET);
    Secret secret;
    std::string error;
    const regcred_bytes_sink_v1 secret_sink = sink_to(&secret, [](void *context, regcred_slice value) {
      *static_cast<Secret *>(context) = Secret(detail::to_view(value));
    });
    const regcred_bytes_sink_v1 error_sink = sink_to(&error, [](void *context, regcred_slice value) {
      *static_cast<std::string *>(context) = std::string(detail::to_view(value));
    });
    const std::int32_t code = service_->read(service_->context, detail::to_slice(name), &secret_sink, &error_sink);
    if (code != REGCRED_OK) return failure(static_cast<Code>(code), std::move(error));
    return secret;
  }

 private:
  static regcred_bytes_sink_v1 sink_to(void *context, void (*bytes)(void *, regcred_slice)) noexcept {
    regcred_bytes_sink_v1 sink{};
    detail::set_header(sink);
    sink.context = context;
    sink.bytes = bytes;
    return sink;
  }

  const regcred_secret_v1 *service_;
};

// The host itself: hands out its services. Valid as long as the backend instance; copies refer to the same host.
class Host {
 public:
  explicit Host(const regcred_host_v1 *host) noexcept : host_(host) {}

  [[nodiscard]] Log log() const noexcept { return Log(service<regcred_log_v1>(REGCRED_SERVICE_LOG)); }
  [[nodiscard]] Clock clock() const noexcept { return Clock(service<regcred_clock_v1>(REGCRED_SERVICE_CLOCK)); }
  [[nodiscard]] SecretFiles secret_files() const noexcept {
    return SecretFiles(service<regcred_secret_v1>(REGCRED_SERVICE_SECRET));
  }

  // Any service by its id; null when this host does not have it. The result is the ABI's struct of that name.
  template <class Service>
  [[nodiscard]] const Service *service(const char *id) const noexcept {
    return static_cast<const Service *>(host_->get_service(host_->context, id));
  }

 private:
  const regcred_host_v1 *host_;
};

}  // namespace regcred
