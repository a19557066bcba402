// Which registry entries answer an image (design 6). The door of this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/registry_config.hpp"
#include "common/result.hpp"
#include "match/image_reference.hpp"

namespace regcred::core {

// All entries of `config` with a pattern that matches `image` (as the kubelet hands it over), in the order of the
// configuration; dispatch asks them in this order. The Route points into `config`.
// Fails with ErrorCode::usage when the image cannot be parsed and with ErrorCode::no_match when nothing matches: the
// kubelet was told to ask us, so that is an error of the set-up and not an empty answer.
[[nodiscard]] Result<Route> choose_route(const Config &config, std::string_view image);

// One pattern of the configuration and what became of it.
struct RouteCandidate {
  const RegistryEntry *registry = nullptr;  // points into the configuration
  std::string_view pattern;                 // points into the configuration
  bool matches = false;
  std::string reason;  // "matches", or why not, in words
};

// Every pattern of the configuration in order. The entry of the first candidate that matches is the chosen one.
[[nodiscard]] std::vector<RouteCandidate> explain_route(const Config &config, const ImageReference &image);

}  // namespace regcred::core
