// SPDX-License-Identifier: Apache-2.0
// Compares two patterns: does one cover the other, do they overlap?
//
// Exact for what pattern.hpp says a pattern means: labels with `*`, ports as text, paths as prefixes. Both patterns
// must have passed validate_pattern; a bracketed address is compared as text.
#pragma once

#include <string_view>

namespace regcred::core {

// Whether `wide` matches every image that `narrow` matches.
[[nodiscard]] bool pattern_covers(std::string_view wide, std::string_view narrow);

// Whether some image matches both.
[[nodiscard]] bool patterns_overlap(std::string_view a, std::string_view b);

// Whether both match some image once the ports are left aside, but not with them: the usual mistake with host:port.
[[nodiscard]] bool only_ports_differ(std::string_view a, std::string_view b);

}  // namespace regcred::core
