// SPDX-License-Identifier: Apache-2.0
// Why the dynamic linker refused a file, with a cure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

// Makes an ErrorCode::backend_load error from the linker's own text (of dlopen) for the file at `path`, open as `fd`.
// Recognised: not an ELF file, another machine or word size, a missing library, an undefined symbol, a newer glibc; the
// rest is passed on. `linker_text` may name /proc/self/fd/N: it is replaced by `path`.
[[nodiscard]] Error explain_load_failure(int fd, const std::string &path, std::string_view linker_text);

// Whether the ELF file at `path`, open as `fd`, ends before what its headers name: to map such a file is to die of
// SIGBUS later. Empty when it is whole, and for what is not an ELF file of this machine's kind, which the linker
// refuses itself.
[[nodiscard]] std::optional<Error> find_cut(int fd, const std::string &path);

}  // namespace regcred::core
