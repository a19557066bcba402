// Times as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace regcred::core {

// "2026-10-21 07:28:00Z"
[[nodiscard]] std::string utc_words(std::int64_t unix_seconds);

// "45 s", "59 min", "2 h 5 min", "12 days"; of the absolute value.
[[nodiscard]] std::string span_words(std::int64_t seconds);

}  // namespace regcred::core
