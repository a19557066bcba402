// SPDX-License-Identifier: Apache-2.0
// What a cloud calls the right to pull an image: its registries do not say so when it is missing.
#pragma once

#include <string_view>

namespace regcred::core {

// What to give to whom, for the registry `host`, host[:port]: "give the role ...". Empty where nothing is known.
[[nodiscard]] std::string_view pull_right(std::string_view host);

}  // namespace regcred::core
