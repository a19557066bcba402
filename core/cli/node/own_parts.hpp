// SPDX-License-Identifier: Apache-2.0
// What of this installation and its configuration goes onto the node.
#pragma once

#include "cli/node/node_survey.hpp"
#include "loader/installation.hpp"

namespace regcred::core {

// This program's installation, by the workshop.
[[nodiscard]] Result<Installation> own_installation(const Context &context);

// The tree, its digest, the files of --config and the kubelet's providers for its version. Without --config the node's
// own configuration is used, where it is. Fails as load_config does; with ErrorCode::config in drop-in mode, and when
// an entry cannot be served by any provider.
[[nodiscard]] Result<OwnParts> gather_own_parts(const NodeSurvey &survey, const NodePlaces &places,
                                                const Context &context);

}  // namespace regcred::core
