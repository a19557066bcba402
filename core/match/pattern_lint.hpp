// SPDX-License-Identifier: Apache-2.0
// Legal patterns of matchImages that are probably mistakes: for `regcred check`, in our configuration and the
// kubelet's.
#pragma once

#include <string_view>
#include <vector>

#include "common/finding.hpp"

namespace regcred::core {

// The findings about one pattern that validate_pattern accepts; `where` of each is left empty for the caller. Rules:
//   pattern-scheme        "https://reg.io" is read as the host `https`: error
//   pattern-path-glob     a `*` in a path is literal: error
//   pattern-tag           a tag or digest, which the kubelet cuts off before it compares: error
//   pattern-never         it names no host: error
//   pattern-short-name    nginx, team/app: the kubelet sends docker.io/library/nginx: error
//   pattern-docker-hub    index.docker.io, registry-1.docker.io, hub.docker.com: error; docker.io/NAME: note, since the
//                         official image NAME is docker.io/library/NAME
//   pattern-catch-all     `*` alone, which matches only hosts of one label: warning
//   pattern-upper-case    letter case counts, and hosts are written in lower case: warning (error in a path, where
//                         the grammar of image names has no upper case)
//   pattern-ecr-china     *.dkr.ecr.cn-*.amazonaws.com without .cn: error
//   pattern-prefix        a namespace without its slash: "reg.io/team" matches reg.io/teamwork, too: note
[[nodiscard]] std::vector<Finding> lint_pattern(std::string_view pattern);

}  // namespace regcred::core
