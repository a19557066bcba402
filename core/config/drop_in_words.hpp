// SPDX-License-Identifier: Apache-2.0
// Messages in the words of drop-in mode.
#pragma once

#include <string>

namespace regcred::core {

// `text` with the settings and keys of regcred/v1 that it names ("settings.orgSlug") in the words of drop-in mode
// ("CLOUDSMITH_ORG_SLUG"), where there is nothing else that an operator could set.
[[nodiscard]] std::string in_drop_in_words(std::string text);

}  // namespace regcred::core
