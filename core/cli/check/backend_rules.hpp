// SPDX-License-Identifier: Apache-2.0
// What is wrong between an entry and its backend: can it be loaded, does it accept the settings, does it get what it
// needs.
#pragma once

#include <string>
#include <vector>

#include "common/finding.hpp"
#include "config/inspection.hpp"
#include "dispatch/survey.hpp"

namespace regcred::core {

// Rules:
//   backend-unusable    the file is missing, not trusted, of another ABI, ...: error, once per backend
//   backend-pinned      backendSha256 is not that of the file: error
//   settings            the backend refuses the entry's settings, or its schema does: error
//   registry-unserved   a pattern, or credentialHost, names a registry that the backend can never serve: error
//   settings-note       what the backend says of settings that it takes, at level info or above: note
//   settings-schema     the backend takes what its schema refuses: warning
//   token-withheld      serviceAccountToken: never, and the backend needs the token: error
//   audience-missing    an entry uses the token and names no audience: warning
//   audience-unexpected the audience is not one that the backend expects for a pattern: warning, since many services
//                       can be configured to accept others
//   annotation-withheld the settings name an annotation that the entry does not pass on: warning
//   annotation-unread   an entry passes on an annotation that the backend does not read: warning
// `credentials_directory` is $CREDENTIALS_DIRECTORY.
[[nodiscard]] std::vector<Finding> check_backends(const Inspection &inspection,
                                                  const std::vector<SurveyedBackend> &backends,
                                                  const BackendLoader &loader, const std::string &credentials_directory,
                                                  Clock &clock, LogSink &log);

}  // namespace regcred::core
