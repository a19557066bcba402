// SPDX-License-Identifier: Apache-2.0
#include "conformance/checks.hpp"

#include <iterator>

namespace regcred::conformance {

std::vector<Check> all_checks() {
  std::vector<Check> all;
  for (std::vector<Check> group : {file_checks(), load_checks(), version_checks(), settings_checks(), answer_checks(),
                                   path_checks(), serves_checks(), process_checks(), network_checks(), program_checks(),
                                   deadline_checks(), secret_checks(), fault_checks()}) {
    std::move(group.begin(), group.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace regcred::conformance
