// SPDX-License-Identifier: Apache-2.0
#include "conformance/program.hpp"

const regcred_backend_v1 *regcred_backend_entry_v1() {
  return regcred::backend_table<ProgramBackend<ProgramDecisions{.quotes_output = true}>>();
}
