// SPDX-License-Identifier: Apache-2.0
// What would fail in every pull by an entry on this machine: its secret files, and whether it has a credential at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/finding.hpp"
#include "config/inspection.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// Rules:
//   secret-file          a secret file is missing, not trusted or not of the form that the backend takes, in the words
//                        of the pull that would fail: error; it is a name in $CREDENTIALS_DIRECTORY, which is not
//                        set here: warning
//   image-no-credential  the settings name registries, and none of them is that of the pattern: error
//   credential-unused    the settings have a credential for a registry that no pattern of the entry has: warning
// Each backend is asked in a worker, without network.
[[nodiscard]] std::vector<Finding> check_pulls(const Inspection &inspection,
                                               const std::vector<SurveyedBackend> &backends,
                                               const BackendLoader &loader, const std::string &credentials_directory,
                                               Clock &clock, LogSink &log);

// "settings/credentials/0/registry" of a message that begins with "settings.credentials[0].registry: ", else
// "settings".
[[nodiscard]] std::string settings_path(std::string_view message);

}  // namespace regcred::core
