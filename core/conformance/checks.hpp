// SPDX-License-Identifier: Apache-2.0
// Every check there is. Each group has a source of its own; the order is that of the run.
#pragma once

#include <vector>

#include "conformance/check.hpp"

namespace regcred::conformance {

[[nodiscard]] std::vector<Check> all_checks();

[[nodiscard]] std::vector<Check> file_checks();      // the file as it lies there, nothing of it is run
[[nodiscard]] std::vector<Check> load_checks();      // loading it, and what it says of itself
[[nodiscard]] std::vector<Check> version_checks();   // hosts of other releases
[[nodiscard]] std::vector<Check> settings_checks();  // contract.*: what create() takes and refuses
[[nodiscard]] std::vector<Check> answer_checks();    // contract.*: what get_credentials() says
[[nodiscard]] std::vector<Check> path_checks();      // contract.path-*: what may hold for a whole registry
[[nodiscard]] std::vector<Check> process_checks();   // contract.*: what a backend leaves alone
[[nodiscard]] std::vector<Check> network_checks();   // a registry that fails
[[nodiscard]] std::vector<Check> deadline_checks();  // time that is over
[[nodiscard]] std::vector<Check> secret_checks();    // what texts must not hold
[[nodiscard]] std::vector<Check> fault_checks();     // a host that fails

}  // namespace regcred::conformance
