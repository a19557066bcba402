// SPDX-License-Identifier: Apache-2.0
#include "match/route.hpp"

#include "common/text.hpp"
#include "match/pattern.hpp"

namespace regcred::core {
namespace {

// What one entry can do for the image's registry.
struct Reach {
  bool image = false;     // answers this image
  bool registry = false;  // answers some path of this registry
  bool covers = false;    // answers this image by a pattern that holds for every path
};

Reach reach_of(const RegistryEntry &entry, const ImageReference &image) {
  Reach reach;
  for (const std::string &pattern : entry.match_images) {
    const MatchOutcome outcome = match_pattern(pattern, image).outcome;
    const bool matches = outcome == MatchOutcome::matches;
    reach.image |= matches;
    reach.registry |= matches || outcome == MatchOutcome::path;
    reach.covers |= matches && pattern_covers_registry(pattern);
  }
  return reach;
}

std::size_t pattern_count(const Config &config) {
  std::size_t count = 0;
  for (const RegistryEntry &entry : config.registries) count += entry.match_images.size();
  return count;
}

tl::unexpected<Error> no_match(const Config &config, const ImageReference &image) {
  const std::size_t patterns = pattern_count(config);
  const std::string name = printable(image.name(), 300);
  std::string what = patterns == 0   ? std::string("no registry entry is configured")
                     : patterns == 1 ? std::string("the one pattern of matchImages does not match")
                                     : "none of the " + std::to_string(patterns) + " patterns of matchImages matches";
  if (!config.origin.empty()) what += " (" + printable(config.origin, 200) + ")";
  what += config.not_read;
  return fail(ErrorCode::no_match, "image \"" + name + "\"", std::move(what),
              config.drop_in ? drop_in_cure(image)
                             : "see why with: " + advised_command(config.invocation, "explain " + shell_word(name)));
}

}  // namespace

std::string drop_in_cure(const ImageReference &image) {
  return "if " + printable(image.registry(), 261) +
         " is a custom domain of your Cloudsmith organisation, add it to CLOUDSMITH_REGISTRY_HOSTS and set "
         "CLOUDSMITH_ORG_SLUG (`env` of this provider in the kubelet's CredentialProviderConfig); else remove it from "
         "the provider's matchImages";
}

Result<Route> choose_route(const Config &config, const ImageReference &image) {
  Route route;
  std::size_t entries_of_registry = 0;
  for (const RegistryEntry &entry : config.registries) {
    const Reach reach = reach_of(entry, image);
    if (reach.registry) ++entries_of_registry;
    if (reach.image) route.candidates.push_back(&entry);  // guard: entry-order
    route.whole_registry |= reach.covers;
  }
  if (route.candidates.empty()) return no_match(config, image);
  route.whole_registry &= entries_of_registry == 1;
  return route;
}

std::vector<PatternReport> explain_route(const Config &config, std::string_view image) {
  const ImageReference reference{std::string(image)};
  std::vector<PatternReport> reports;
  reports.reserve(pattern_count(config));
  for (const RegistryEntry &entry : config.registries) {
    for (const std::string &pattern : entry.match_images) {
      const MatchResult result = match_pattern(pattern, reference);
      reports.push_back({entry.name, pattern, result.matches(), describe_match(result, pattern, reference)});
    }
  }
  return reports;
}

}  // namespace regcred::core
