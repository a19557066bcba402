// SPDX-License-Identifier: Apache-2.0
// Which credential is for an image, and for which images it is valid.
#pragma once

#include <regcred/backend.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"

namespace static_backend {

// What select() found. Refers to the list that it was found in.
struct Selection {
  const Credential *credential = nullptr;  // null: none of them is for this image
  std::string registry;                    // for the answer: `registry` as asked, with the credential's path behind it
  // Scope::registry when every image of the host gets this credential, so that one answer may serve them all.
  regcred::Scope scope = regcred::Scope::image;
};

// The credential for the image registry/path: of those for this host or for every registry, the one with the longest
// path that starts the image's path on a segment border ("team" starts "team/app", not "teams/app").
[[nodiscard]] Selection select(const std::vector<Credential> &credentials, std::string_view registry,
                               std::string_view path);

}  // namespace static_backend
