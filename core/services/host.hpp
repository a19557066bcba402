// SPDX-License-Identifier: Apache-2.0
// The host side of the ABI: the services for one call of one backend.
#pragma once

#include <regcred/abi.h>

#include <string>

#include "common/known_secrets.hpp"
#include "services/clock/clock.hpp"
#include "services/http/crypto_table.hpp"
#include "services/http/http.hpp"
#include "services/http/http_table.hpp"
#include "services/log/log_sink.hpp"
#include "services/process/process_table.hpp"

namespace regcred::core {

// How a line at level debug names a secret file that was read; its path follows.
inline constexpr std::string_view secret_read_words = "the secret is read from ";

// What the services use. Refers to its parts; they outlive it.
struct HostParts {
  Clock &clock;
  Deadline deadline;
  Http &http;
  LogSink &log;
  std::string_view token;             // the pod's, redacted from log lines
  std::string credentials_directory;  // for bare secret names; may be empty
  CryptoSource *crypto = nullptr;     // null: nothing is signed in this call
  Programs *programs = nullptr;       // null: no backend gets regcred.process/1
};

// Owns the tables that get_service returns; they live as long as it. Not movable, since the tables point into it. No
// exception leaves any of its functions.
class HostServices {
 public:
  explicit HostServices(const HostParts &parts);
  HostServices(const HostServices &) = delete;
  HostServices &operator=(const HostServices &) = delete;

  [[nodiscard]] const regcred_host_v1 *table() const { return &host_; }
  // What the backend declares, REGCRED_USES_*: it gets these services as well.
  void allow(std::uint32_t uses) noexcept { uses_ = uses; }
  // The pod's token, and what was read from secret files: both are removed from log lines.
  [[nodiscard]] KnownSecrets &secrets() { return secrets_; }
  // Whether the backend asked for a secret file, whether it exists or not.
  [[nodiscard]] bool asked_for_secret() const noexcept { return asked_for_secret_; }

 private:
  static const void *get_service(void *context, const char *id) noexcept;
  static std::int64_t unix_ms(void *context) noexcept;
  static std::int64_t monotonic_ms(void *context) noexcept;
  static std::int64_t remaining(void *context) noexcept;
  static std::int32_t log_enabled(void *context, std::int32_t level) noexcept;
  static void log_write(void *context, std::int32_t level, regcred_slice text) noexcept;
  static std::int32_t read_secret(void *context, regcred_slice name, const regcred_bytes_sink_v1 *secret,
                                  const regcred_bytes_sink_v1 *error) noexcept;
  [[nodiscard]] Result<Secret> secret_named(std::string_view name);

  HostParts parts_;
  KnownSecrets secrets_;
  HttpTable http_table_;
  CryptoTable crypto_table_;
  ProcessTable process_table_;
  std::uint32_t uses_ = 0;
  regcred_host_v1 host_{};
  regcred_log_v1 log_{};
  regcred_clock_v1 clock_{};
  regcred_secret_v1 secret_{};
  bool asked_for_secret_ = false;
};

}  // namespace regcred::core
