// SPDX-License-Identifier: Apache-2.0
// The args of a provider that runs regcred, read by the program's own parser.
#pragma once

#include "cli/commands.hpp"
#include "cluster/provider_config.hpp"

namespace regcred::core {

// The options of the kubelet's call. Fails with ErrorCode::config, at the args' place, when regcred refuses them or
// would not answer a request.
[[nodiscard]] Result<CommonOptions> provider_options(const KubeletProvider &provider);

}  // namespace regcred::core
