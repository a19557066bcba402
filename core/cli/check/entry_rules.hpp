// SPDX-License-Identifier: Apache-2.0
// What is wrong in a configuration that loads: the patterns of its entries, each alone and compared. Pure.
#pragma once

#include <vector>

#include "common/finding.hpp"
#include "config/inspection.hpp"

namespace regcred::core {

// Rules, beside those of lint_pattern (match/pattern_lint.hpp):
//   pattern-repeated    an entry has a pattern twice: warning; or one that another of its own covers: note
//   entry-shadowed      every pattern of an entry is covered by entries before it, so that it is asked only when these
//                       say no_credentials: warning
//   pattern-shadowed    one pattern is: warning
//   entries-overlap     two entries can answer one image or one registry, so that the kubelet may not reuse an answer
//                       for the whole registry (design 9): note
//   port-differs        two entries' patterns differ in nothing but the port: note
// `inspection` has a config; in drop-in mode, where nobody wrote the patterns, only overlaps count.
[[nodiscard]] std::vector<Finding> check_entries(const Inspection &inspection);

}  // namespace regcred::core
