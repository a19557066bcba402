// SPDX-License-Identifier: Apache-2.0
// Messages with the names of drop-in mode.
#pragma once

#include <string>

namespace regcred::core {

// `text` with the settings and keys of regcred/v1 that it names ("settings.orgSlug") replaced by the variables of
// drop-in mode ("CLOUDSMITH_ORG_SLUG"), which are all that an operator can set there.
[[nodiscard]] std::string in_drop_in_words(std::string text);

}  // namespace regcred::core
