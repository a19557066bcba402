// SPDX-License-Identifier: Apache-2.0
// The registries that an entry's settings have credentials for, where a backend says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/image_reference.hpp"
#include "common/registry_config.hpp"

namespace regcred::core {

// One text of the settings: host[:port], or host[:port]/path for what lies below that path.
struct NamedRegistry {
  std::string path;  // in the settings: "credentials/0/registry"
  std::string registry;
};

// A backend says so in its settings schema by the keyword "x-regcred-registry": true beside the `type` of a text, below
// `properties` and `items`. Empty: nothing is named, so the entry is for all that its patterns match.
[[nodiscard]] std::vector<NamedRegistry> named_registries(const RegistryEntry &entry, std::string_view schema);

// Whether one of `named` is for `image`; the entry's credentialHost stands for the image's own registry.
[[nodiscard]] bool is_named(const std::vector<NamedRegistry> &named, const RegistryEntry &entry,
                            const ImageReference &image);

// `pattern` of the entry as its backend gets it: with credentialHost instead of the registry, in lower case.
[[nodiscard]] std::string asked_pattern(const RegistryEntry &entry, const std::string &pattern);

// Images by which every credential of the entry is asked for once, as far as patterns and names tell; some of many.
[[nodiscard]] std::vector<std::string> sample_images(const RegistryEntry &entry,
                                                     const std::vector<NamedRegistry> &named);

}  // namespace regcred::core
