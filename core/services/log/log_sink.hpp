// SPDX-License-Identifier: Apache-2.0
// Sink for the log lines of a backend, of its worker and of the core.
#pragma once

#include <cstdint>
#include <string_view>

namespace regcred::core {

// Interface. Real: the worker's frames to its parent (worker/). In tests: a recorder.
class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink &) = delete;
  LogSink &operator=(const LogSink &) = delete;
  virtual ~LogSink() = default;

  // True when a line of this REGCRED_LOG_* level is kept.
  [[nodiscard]] virtual bool enabled(std::int32_t level) const noexcept = 0;
  // Takes one line, already printable, bounded and redacted.
  virtual void write(std::int32_t level, std::string_view line) noexcept = 0;
};

// Keeps nothing.
class NoLog final : public LogSink {
 public:
  [[nodiscard]] bool enabled(std::int32_t) const noexcept override { return false; }
  void write(std::int32_t, std::string_view) noexcept override {}
};

// The lowest REGCRED_LOG_* level that "debug", "info", "warn" or "error" keeps; for "off" (and every other word) one
// above all levels.
[[nodiscard]] std::int32_t log_threshold(std::string_view level_name) noexcept;

// `level`, which a backend gave, as the nearest REGCRED_LOG_* level. A higher level would pass even "off".
[[nodiscard]] std::int32_t known_log_level(std::int32_t level) noexcept;

// The name of a REGCRED_LOG_* level.
[[nodiscard]] std::string_view log_level_name(std::int32_t level) noexcept;

}  // namespace regcred::core
