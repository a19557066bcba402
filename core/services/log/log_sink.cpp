// SPDX-License-Identifier: Apache-2.0
#include "services/log/log_sink.hpp"

#include <regcred/abi.h>

#include <algorithm>
#include <array>

namespace regcred::core {
namespace {
constexpr std::array<std::string_view, 4> names = {"debug", "info", "warn", "error"};
static_assert(REGCRED_LOG_DEBUG == 0 && REGCRED_LOG_ERROR == names.size() - 1);
}  // namespace

std::int32_t log_threshold(std::string_view level_name) noexcept {
  std::int32_t level = 0;
  for (const std::string_view name : names) {
    if (name == level_name) return level;
    ++level;
  }
  return level;
}

std::int32_t known_log_level(std::int32_t level) noexcept {
  return std::clamp(level, REGCRED_LOG_DEBUG, REGCRED_LOG_ERROR);  // guard: known-levels
}

std::string_view log_level_name(std::int32_t level) noexcept {
  return names[static_cast<std::size_t>(known_log_level(level))];
}

}  // namespace regcred::core
