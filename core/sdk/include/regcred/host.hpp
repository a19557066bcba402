// SPDX-License-Identifier: Apache-2.0
// What the host gives to a backend: log, clock, static secrets, and HTTP (http.hpp).
//
// Each class wraps one service of abi.h, which a host of another version may lack; the class says what it does then.
// All are cheap to copy, and copies refer to the same service. They may be used from create() until the instance is
// destroyed, by the thread that called create() only.
#pragma once

#include <regcred/abi.h>

#include <chrono>
#include <cstdint>
#include <regcred/result.hpp>
#include <regcred/secret.hpp>
#include <string_view>

namespace regcred {

// The levels of abi.h under names. Which of them are kept is the operator's `logLevel`; off unless it is set.
enum class LogLevel : std::int32_t {
  debug = REGCRED_LOG_DEBUG,  // what helps to understand an exchange that works
  info = REGCRED_LOG_INFO,    // this and above from create(): `regcred check` shows it as a note on the entry
  warn = REGCRED_LOG_WARN,    // what the operator should look at, although the request goes on
  error = REGCRED_LOG_ERROR,  // the host's own: what a backend fails with has a text
};

// Writes lines for the operator. Never a token, a password or an HTTP body: the host hides the secrets that it knows,
// but not their encoded forms. A failure needs no line of its own, since its text is shown anyway. On a host without
// the service: drops all.
class Log {
 public:
  // From Host::log(); `service` may be null.
  explicit Log(const regcred_log_v1 *service) noexcept : service_(service) {}

  // False when a line of this level would be dropped: spares the work of building it.
  [[nodiscard]] bool enabled(LogLevel level) const noexcept;

  // One line, without a line end. The host cuts it at 1 KiB and escapes control characters.
  void write(LogLevel level, std::string_view line) const noexcept;

  void debug(std::string_view line) const noexcept { write(LogLevel::debug, line); }
  void info(std::string_view line) const noexcept { write(LogLevel::info, line); }
  void warn(std::string_view line) const noexcept { write(LogLevel::warn, line); }

 private:
  const regcred_log_v1 *service_;
};

// Time, from the host so that tests can set it. On a host without the service: the system's clock, no deadline.
class Clock {
 public:
  // From Host::clock(); `service` may be null.
  explicit Clock(const regcred_clock_v1 *service) noexcept : service_(service) {}

  // The wall clock, since 1970-01-01T00:00:00Z. A node's clock may be wrong by any amount: where a text depends on it,
  // it says "by this node's clock".
  [[nodiscard]] std::chrono::seconds unix_now() const noexcept;

  // Time left of this request's deadline; not positive when it is over. The worker is killed then. Host services fail
  // with `timeout` shortly before, so a backend that only waits for them needs no timer.
  [[nodiscard]] std::chrono::milliseconds remaining() const noexcept;

 private:
  const regcred_clock_v1 *service_;
};

// Static secrets in root-only files, for registries that take no tokens. Used in get_credentials(), not in create():
// create() also runs where these files are not, to check a configuration.
class SecretFiles {
 public:
  // From Host::secret_files(); `service` may be null.
  explicit SecretFiles(const regcred_secret_v1 *service) noexcept : service_(service) {}

  // The content of one file of at most 64 KiB, without trailing line ends. `name` is an absolute path of a file with
  // mode 0600 or 0400 that belongs to root or the caller, or a bare name in $CREDENTIALS_DIRECTORY (systemd.exec(5),
  // LoadCredential=). BAD_CONFIG with the cause and the cure when it cannot be read or others could read it, too.
  // INTERNAL on a host without the service.
  [[nodiscard]] Result<Secret> read(std::string_view name) const;

 private:
  const regcred_secret_v1 *service_;
};

// The host itself: hands out its services. Keep a copy in the backend; valid until the instance is destroyed.
class Host {
 public:
  // `host` is what create() of the C table got; not null.
  explicit Host(const regcred_host_v1 *host) noexcept : host_(host) {}

  // The services, also on a host that lacks them.
  [[nodiscard]] Log log() const noexcept;
  [[nodiscard]] Clock clock() const noexcept;
  [[nodiscard]] SecretFiles secret_files() const noexcept;

  // A service by its id, REGCRED_SERVICE_*, as the struct that abi.h names beside that id; another type for `Service`
  // is undefined behaviour. Null when this host does not have it.
  template <class Service>
  [[nodiscard]] const Service *service(const char *id) const noexcept;

 private:
  const regcred_host_v1 *host_;
};

}  // namespace regcred

#include <regcred/detail/host_impl.hpp>
