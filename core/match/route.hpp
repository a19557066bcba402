// Which registry entries answer an image. The door of this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/registry_config.hpp"
#include "common/result.hpp"

namespace regcred::core {

// All entries of `config` with a pattern that matches `image` (as the kubelet hands it over), in the order of the
// configuration; dispatch asks them in this order. The Route points into `config`.
// Fails with ErrorCode::usage when the image cannot be parsed and with ErrorCode::no_match when nothing matches: the
// kubelet was told to ask us, so that is an error of the set-up and not an empty answer.
[[nodiscard]] Result<Route> choose_route(const Config &config, std::string_view image);

// One pattern of the configuration and what became of it.
struct PatternReport {
  std::string registry;  // the entry's name
  std::string pattern;
  bool matches = false;
  std::string reason;  // "matches", or why not, in words
};

// Every pattern of the configuration in order, for an image in the kubelet's form (normalise_image). The entry of the
// first report that matches is the chosen one.
[[nodiscard]] std::vector<PatternReport> explain_route(const Config &config, std::string_view image);

}  // namespace regcred::core
