// Manual pages, made from what the program itself is made from.
#pragma once

#include <string>

#include "cli/documents/command_facts.hpp"
#include "common/result.hpp"

namespace regcred::core {

// regcred(1): every command and option, from the declarations of the command line.
[[nodiscard]] std::string manual_of_program(const CommandFacts &program);

// regcred.yaml(5): every key, from the JSON Schema of the configuration (its text). Fails with ErrorCode::internal when
// that is not regcred's.
[[nodiscard]] Result<std::string> manual_of_configuration(const std::string &schema);

}  // namespace regcred::core
