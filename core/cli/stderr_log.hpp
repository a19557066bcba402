// SPDX-License-Identifier: Apache-2.0
// Log lines for people: on standard error, only with --log-level or defaults.logLevel.
#pragma once

#include <string_view>

#include "services/log/log_sink.hpp"

namespace regcred::core {

// Writes "regcred: LEVEL: LINE\n" to a descriptor in one call.
class StderrLog final : public LogSink {
 public:
  // `level_name` as in log_threshold(): "off" keeps nothing.
  StderrLog(int fd, std::string_view level_name) : fd_(fd), threshold_(log_threshold(level_name)) {}
  StderrLog(const StderrLog &other) noexcept : LogSink(), fd_(other.fd_), threshold_(other.threshold_) {}
  StderrLog &operator=(const StderrLog &) = delete;
  ~StderrLog() override = default;

  [[nodiscard]] bool enabled(std::int32_t level) const noexcept override { return level >= threshold_; }
  void write(std::int32_t level, std::string_view line) noexcept override;

 private:
  int fd_;
  std::int32_t threshold_;
};

}  // namespace regcred::core
