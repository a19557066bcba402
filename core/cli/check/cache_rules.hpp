// SPDX-License-Identifier: Apache-2.0
// What is wrong with the node cache and the memory of throttling: their directories on this machine, and entries that
// the cache can never serve.
#pragma once

#include <vector>

#include "common/finding.hpp"
#include "config/inspection.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// Rules:
//   cache-directory      an entry has cache.node, and the directory cannot be used: its owner, its mode, a link, a
//                        directory above it, or that it does not lie in memory: error
//   cache-on-disk        requireTmpfs is false, and the directory does not lie in memory: warning
//   cache-no-effect      an entry has cache.node, and no answer of it is ever kept: note
//   throttle-directory   the directory of the memory of throttling is there and cannot be used: warning
// The directories are looked at only as root: they belong to the user that runs the kubelet. None is made.
[[nodiscard]] std::vector<Finding> check_cache(const Inspection &inspection,
                                               const std::vector<SurveyedBackend> &backends, Clock &clock);

}  // namespace regcred::core
