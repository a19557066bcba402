// SPDX-License-Identifier: Apache-2.0
// All checks. Each group has its own source; they run in this order.
#pragma once

#include <vector>

#include "conformance/check.hpp"

namespace regcred::conformance {

[[nodiscard]] std::vector<Check> all_checks();

[[nodiscard]] std::vector<Check> file_checks();      // the file; none of its code is run
[[nodiscard]] std::vector<Check> load_checks();      // loading it, and what it declares
[[nodiscard]] std::vector<Check> version_checks();   // hosts of other releases
[[nodiscard]] std::vector<Check> settings_checks();  // contract.*: what create() accepts and refuses
[[nodiscard]] std::vector<Check> answer_checks();    // contract.*: what get_credentials() returns
[[nodiscard]] std::vector<Check> path_checks();      // contract.path-*: what may be for a whole registry
[[nodiscard]] std::vector<Check> serves_checks();    // contract.serves-*, -audiences-*: what it says of registries
[[nodiscard]] std::vector<Check> process_checks();   // contract.*: what a backend must not touch
[[nodiscard]] std::vector<Check> network_checks();   // a registry that fails
[[nodiscard]] std::vector<Check> program_checks();   // a program that fails
[[nodiscard]] std::vector<Check> deadline_checks();  // time that is over
[[nodiscard]] std::vector<Check> secret_checks();    // what texts must not hold
[[nodiscard]] std::vector<Check> fault_checks();     // a host that fails

}  // namespace regcred::conformance
