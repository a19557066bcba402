// SPDX-License-Identifier: Apache-2.0
// Which registry entries answer an image. START HERE in this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/image_reference.hpp"
#include "common/registry_config.hpp"
#include "common/result.hpp"

namespace regcred::core {

// All entries of `config` with a pattern that matches `image` (as the kubelet sends it), in the order of the
// configuration; dispatch asks them in this order. The Route points into `config`. Fails with ErrorCode::no_match when
// nothing matches: the kubelet's configuration made it call regcred, so the set-up is wrong; an empty answer would hide
// that.
[[nodiscard]] Result<Route> choose_route(const Config &config, const ImageReference &image);

// The cure when nothing matches in drop-in mode, whose patterns are fixed.
[[nodiscard]] std::string drop_in_cure(const ImageReference &image);

// One pattern of the configuration and its result.
struct PatternReport {
  std::string registry;  // the entry's name
  std::string pattern;
  bool matches = false;
  std::string reason;  // "matches", or why not
};

// Every pattern of the configuration in order, for an image in the kubelet's form (normalise_image). The entry of the
// first report that matches is the chosen one.
[[nodiscard]] std::vector<PatternReport> explain_route(const Config &config, std::string_view image);

}  // namespace regcred::core
