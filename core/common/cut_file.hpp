// SPDX-License-Identifier: Apache-2.0
// Whether a shared object is complete: a truncated one can be mapped, and then ends the process by SIGBUS.
#pragma once

#include <string>

namespace regcred::core {

// "is cut short: N bytes, its headers need M" when the ELF file behind `fd` ends before what its headers name. Empty
// when it is whole, and for what is not an ELF file of this machine's kind, which the dynamic linker refuses itself.
[[nodiscard]] std::string cut_short_words(int fd);

}  // namespace regcred::core
