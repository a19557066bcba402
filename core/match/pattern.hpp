// SPDX-License-Identifier: Apache-2.0
// One entry of matchImages against one image: exactly what the kubelet does with it, and why it does not match.
//
// Source of every rule: pkg/credentialprovider/keyring.go of Kubernetes (URLsMatchStr) and what it calls in Go's
// library: url.Parse with "https://" in front, net.SplitHostPort, filepath.Match per host label. Where Go became
// stricter over time (two colons in a host, brackets around something else than an IPv6 address) the strict reading
// counts: patterns that it refuses could never match an image. An IPv6 address with a zone matches nothing.
//
// No function here allocates unless it returns text. The time is bounded by host bytes x pattern bytes, whatever the
// number of `*`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/image_reference.hpp"
#include "common/result.hpp"

namespace regcred::core {

// The result for a pattern: `matches`, or the first part, from left to right, that does not match.
enum class MatchOutcome {
  matches,
  unusable,     // all else matches, but the kubelet refuses the pattern at startup
  label_count,  // the hosts have different numbers of labels; a `*` never spans a dot
  label,        // one host label does not match
  port,         // the ports are not the same text; no port matches only no port
  path,         // the image's path does not start with the pattern's
};

struct MatchResult {
  MatchOutcome outcome = MatchOutcome::unusable;
  std::size_t label = 0;  // for MatchOutcome::label: which, counted from 1

  [[nodiscard]] bool matches() const noexcept { return outcome == MatchOutcome::matches; }
};

// Whether the kubelet would run a provider with this pattern for this image.
[[nodiscard]] MatchResult match_pattern(std::string_view pattern, const ImageReference &image) noexcept;

// Whether the pattern names no path (or just "/"), so that it matches every repository of the hosts that it matches.
[[nodiscard]] bool pattern_covers_registry(std::string_view pattern) noexcept;

// `result` of match_pattern(pattern, image) as text, printable, for `regcred explain`:
// host label 2: "cloudsmith" is not "example"
[[nodiscard]] std::string describe_match(const MatchResult &result, std::string_view pattern,
                                         const ImageReference &image);

// Refuses what the kubelet refuses at startup (a bad escape, a space in the host, a port that is not digits, ...).
// Patterns that are legal but can match nothing useful ("", "https://reg.io", "reg.io/*") pass. The Error has
// ErrorCode::config and names the pattern in `where`; the caller adds file and line.
[[nodiscard]] Status validate_pattern(std::string_view pattern);

}  // namespace regcred::core
