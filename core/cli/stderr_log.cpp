// SPDX-License-Identifier: Apache-2.0
#include "cli/stderr_log.hpp"

#include <array>
#include <cstdio>

namespace regcred::core {

void StderrLog::write(std::int32_t level, std::string_view line) noexcept {
  if (!enabled(level)) return;
  std::array<char, 1200> text{};
  const std::string_view name = log_level_name(level);
  const int size = std::snprintf(text.data(), text.size(), "regcred: %.*s: %.*s", static_cast<int>(name.size()),
                                 name.data(), static_cast<int>(line.size()), line.data());
  if (size <= 0) return;
  ::dprintf(fd_, "%s\n", text.data());
}

}  // namespace regcred::core
