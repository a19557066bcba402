// SPDX-License-Identifier: Apache-2.0
// Why the dynamic linker refused a file, with a cure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace regcred::core {

// Makes an ErrorCode::backend_load error from the linker's own text (of dlopen) for the file at `path`, open as `fd`.
// Recognised: not an ELF file, another machine or word size, a missing library, an undefined symbol, a newer glibc; the
// rest is passed on. `linker_text` may name /proc/self/fd/N: it is replaced by `path`. A bundle (installation.hpp)
// looks for libraries in itself only.
[[nodiscard]] Error explain_load_failure(int fd, const std::string &path, std::string_view linker_text, bool is_bundle);

}  // namespace regcred::core
