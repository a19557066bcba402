// SPDX-License-Identifier: Apache-2.0
// Points in time as text, in UTC. Numbers are seconds since 1970-01-01T00:00:00Z.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace regcred {

// RFC 3339, section 5.6: 2025-06-15T15:06:40.5+02:00, fractions cut. nullopt for everything else, dates that do not
// exist included; a leap second is the second after it.
[[nodiscard]] inline std::optional<std::int64_t> rfc3339_time(std::string_view text);

// A date of an HTTP header in one of the three forms of RFC 9110, section 5.6.7: Sun, 15 Jun 2025 15:06:40 GMT. nullopt
// for everything else.
[[nodiscard]] inline std::optional<std::int64_t> http_date(std::string_view text);

// 2025-06-15T15:06:40Z. Only for the years 0 to 9999, as RFC 3339 has no others; empty beyond.
[[nodiscard]] inline std::string rfc3339_text(std::int64_t unix_time);

}  // namespace regcred

#include <regcred/detail/time_impl.hpp>
