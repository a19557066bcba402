// SPDX-License-Identifier: Apache-2.0
// Facts about an ELF file, read from its bytes: none of its code is run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace regcred::conformance {

struct ElfFacts {
  bool relro = false;                     // PT_GNU_RELRO: relocated data becomes read-only
  bool bind_now = false;                  // DF_BIND_NOW or DF_1_NOW: all symbols are resolved at load
  bool executable_stack = false;          // PT_GNU_STACK is missing or has PF_X
  bool text_relocations = false;          // DT_TEXTREL or DF_TEXTREL: code is written to at load
  std::vector<std::string> search_paths;  // DT_RPATH, DT_RUNPATH
  std::vector<std::string> needed;        // DT_NEEDED
  std::vector<std::string> exported;      // defined dynamic symbols that others can bind to
  std::vector<std::string> imported;      // undefined dynamic symbols
  std::vector<std::string> versions;      // versions it needs of other libraries: GLIBC_2.34, GLIBCXX_3.4.30
};

// Reads a shared object of this machine's kind (64-bit, its byte order). `bytes` may be anything: every offset, size
// and count is checked before it is used. Fails with ErrorCode::backend_load and what is wrong with the file.
[[nodiscard]] core::Result<ElfFacts> read_elf(std::string_view bytes, const std::string &where);

}  // namespace regcred::conformance
