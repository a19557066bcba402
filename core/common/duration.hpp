// SPDX-License-Identifier: Apache-2.0
// Durations as Kubernetes and Go write them: "45s", "1h30m", "1.5s", "0".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace regcred::core {

// Parses Go's time.ParseDuration grammar (optional sign, one or more <decimal><unit>; ns, us, µs, ms, s, m, h; bare
// "0"), rounded down to milliseconds. Empty on bad grammar or beyond 290 years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// Whole seconds in the form that every kubelet accepts: "3600s".
[[nodiscard]] std::string format_seconds(std::chrono::seconds value);

}  // namespace regcred::core
