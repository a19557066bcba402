// SPDX-License-Identifier: Apache-2.0
// The kubelet's rules a second time, written down step by step after Go's documentation and without any care for speed:
// the judge of the differential test. It shares no code with core/match.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace go_rules {

// What the comparison sees of a pattern or an image, once both have been parsed as URLs with "https://" in front.
struct Url {
  std::vector<std::string> labels;  // the decoded host, split at its dots
  std::string port;
  std::string path;  // decoded
};

// Empty when url.Parse fails.
std::optional<Url> parse(const std::string &text);

// URLsMatch: port, number of labels, path prefix, then filepath.Match for each label.
bool match(const Url &glob, const Url &target);

// filepath.Match with all its operators; a malformed pattern matches nothing.
bool glob_matches(const std::string &pattern, const std::string &name);

}  // namespace go_rules
