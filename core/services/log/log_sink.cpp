// SPDX-License-Identifier: Apache-2.0
#include "services/log/log_sink.hpp"

#include <regcred/abi.h>

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

std::string_view log_level_name(std::int32_t level) noexcept {
  return level >= 0 && level < static_cast<std::int32_t>(names.size()) ? names[static_cast<std::size_t>(level)]
                                                                       : "error";
}

}  // namespace regcred::core
