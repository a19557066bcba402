// SPDX-License-Identifier: Apache-2.0
#include "services/host.hpp"

#include <regcred/detail/slice.hpp>
#include <string_view>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "services/error_sink.hpp"
#include "services/secret/secret_files.hpp"

namespace regcred::core {
namespace {

HostServices &self(void *context) { return *static_cast<HostServices *>(context); }

}  // namespace

HostServices::HostServices(const HostParts &parts)
    : parts_(parts),
      http_table_(parts.http),
      crypto_table_(parts.crypto, [this](std::string_view name) { return secret_named(name); }),
      process_table_(parts.programs) {
  secrets_.add(parts.token);
  detail::set_header(host_);
  host_.context = this;
  host_.get_service = &HostServices::get_service;

  detail::set_header(log_);
  log_.context = this;
  log_.enabled = &HostServices::log_enabled;
  log_.write = &HostServices::log_write;

  detail::set_header(clock_);
  clock_.context = this;
  clock_.unix_ms = &HostServices::unix_ms;
  clock_.monotonic_ms = &HostServices::monotonic_ms;
  clock_.remaining_ms = &HostServices::remaining;

  detail::set_header(secret_);
  secret_.context = this;
  secret_.read = &HostServices::read_secret;
}

const void *HostServices::get_service(void *context, const char *id) noexcept {
  const HostServices &host = self(context);
  const std::string_view wanted = id == nullptr ? "" : id;
  if (wanted == REGCRED_SERVICE_HTTP) return host.http_table_.table();
  if (wanted == REGCRED_SERVICE_LOG) return &host.log_;
  if (wanted == REGCRED_SERVICE_CLOCK) return &host.clock_;
  if (wanted == REGCRED_SERVICE_SECRET) return &host.secret_;
  if (wanted == REGCRED_SERVICE_CRYPTO) return host.crypto_table_.table();
  // guard: process-declared
  if (wanted == REGCRED_SERVICE_PROCESS && (host.uses_ & REGCRED_USES_PROCESS) != 0) return host.process_table_.table();
  return nullptr;
}

std::int64_t HostServices::unix_ms(void *context) noexcept { return self(context).parts_.clock.unix_ms(); }

std::int64_t HostServices::monotonic_ms(void *context) noexcept { return self(context).parts_.clock.monotonic_ms(); }

std::int64_t HostServices::remaining(void *context) noexcept {
  HostParts &parts = self(context).parts_;
  return remaining_ms(parts.deadline, parts.clock);
}

std::int32_t HostServices::log_enabled(void *context, std::int32_t level) noexcept {
  return self(context).parts_.log.enabled(known_log_level(level)) ? 1 : 0;
}

void HostServices::log_write(void *context, std::int32_t level, regcred_slice text) noexcept {
  HostParts &parts = self(context).parts_;
  level = known_log_level(level);
  if (!parts.log.enabled(level)) return;
  try {
    // guard: backend-log-redacted
    const std::string line = self(context).secrets_.hidden_in(detail::to_view(text));
    parts.log.write(level, printable(line, limits::log_line_bytes_max));
  } catch (...) {
    parts.log.write(REGCRED_LOG_ERROR, "a log line was lost: out of memory");
  }
}

Result<Secret> HostServices::secret_named(std::string_view name) {
  asked_for_secret_ = true;
  Result<Secret> value = read_secret_file(name, parts_.credentials_directory);
  if (!value) return value;
  secrets_.add(value->reveal());  // guard: secret-file-hidden
  const std::string directory = name.starts_with('/') ? "" : parts_.credentials_directory + '/';
  log_write(this, REGCRED_LOG_DEBUG, detail::to_slice(std::string(secret_read_words) + directory + std::string(name)));
  return value;
}

std::int32_t HostServices::read_secret(void *context, regcred_slice name, const regcred_bytes_sink_v1 *secret,
                                       const regcred_bytes_sink_v1 *error) noexcept {
  try {
    const Result<Secret> value = self(context).secret_named(detail::to_view(name));
    if (value) {
      secret->bytes(secret->context, detail::to_slice(value->reveal()));
      return REGCRED_OK;
    }
    hand_over(value.error(), error);
    return REGCRED_BAD_CONFIG;
  } catch (...) {
    return REGCRED_INTERNAL;
  }
}

}  // namespace regcred::core
