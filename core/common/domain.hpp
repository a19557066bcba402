// SPDX-License-Identifier: Apache-2.0
// Names of DNS by a simple rule, without the list of public suffixes.
#pragma once

#include <string_view>

namespace regcred::core {

// Whether anybody may have a name directly below `domain`: it has fewer than two labels ("com"), or two of which the
// last has two letters and the first is com, co, org, net, ac, gov or edu ("co.uk"). Suffixes of other forms
// ("github.io", "kyoto.jp") are not known.
[[nodiscard]] bool is_public_suffix(std::string_view domain) noexcept;

// Whether two hosts, in lower case and without port, are the same, or names whose last two labels are the same and not
// a public suffix. Addresses are of one domain only when they are the same.
[[nodiscard]] bool share_domain(std::string_view one, std::string_view other) noexcept;

}  // namespace regcred::core
