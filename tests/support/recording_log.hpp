// SPDX-License-Identifier: Apache-2.0
// A log that keeps its lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/log/log_sink.hpp"

namespace regcred::testing {

class RecordingLog final : public core::LogSink {
 public:
  // Lines below `threshold` are not enabled; without one, all are.
  explicit RecordingLog(std::int32_t threshold = 0) : threshold_(threshold) {}

  std::vector<std::string> lines;

  [[nodiscard]] bool enabled(std::int32_t level) const noexcept override { return level >= threshold_; }
  void write(std::int32_t, std::string_view line) noexcept override { lines.emplace_back(line); }

 private:
  std::int32_t threshold_;
};

}  // namespace regcred::testing
