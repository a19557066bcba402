// SPDX-License-Identifier: Apache-2.0
#include "loader/load_failure.hpp"

#include <elf.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "common/advice.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace regcred::core {
namespace {

// The part of an ELF header that decides whether this process can load a file; equal layout in 32 and 64 bit files.
struct ElfIdentity {
  unsigned char ident[EI_NIDENT];
  Elf64_Half type;
  Elf64_Half machine;
};
static_assert(sizeof(ElfIdentity) == 20);

std::optional<ElfIdentity> elf_identity(int fd) {
  ElfIdentity identity{};
  if (::pread(fd, &identity, sizeof identity, 0) != static_cast<ssize_t>(sizeof identity)) return std::nullopt;
  if (std::memcmp(identity.ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  return identity;
}

std::string machine_name(const ElfIdentity &identity) {
  const char *bits = identity.ident[EI_CLASS] == ELFCLASS64 ? "64-bit " : "32-bit ";
  switch (identity.machine) {
    case EM_X86_64:
      return std::string(bits) + "x86-64";
    case EM_386:
      return std::string(bits) + "x86";
    case EM_AARCH64:
      return std::string(bits) + "arm64";
    case EM_ARM:
      return std::string(bits) + "arm";
    case EM_S390:
      return std::string(bits) + "s390x";
    case EM_PPC64:
      return std::string(bits) + "ppc64";
    case EM_RISCV:
      return std::string(bits) + "riscv";
    default:
      return std::string(bits) + "machine " + std::to_string(identity.machine);
  }
}

// The text between two marks, or from the first mark to the end.
std::optional<std::string> between(std::string_view text, std::string_view from, std::string_view to) {
  const std::size_t begin = text.find(from);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t start = begin + from.size();
  const std::size_t end = to.empty() ? std::string_view::npos : text.find(to, start);
  return std::string(text.substr(start, end == std::string_view::npos ? end : end - start));
}

std::string with_real_path(std::string_view text, int fd, const std::string &path) {
  const std::string alias = "/proc/self/fd/" + std::to_string(fd);
  std::string out(text);
  for (std::size_t at = out.find(alias); at != std::string::npos; at = out.find(alias, at + path.size())) {
    out.replace(at, alias.size(), path);
  }
  return out;
}

}  // namespace

Error explain_load_failure(int fd, const std::string &path, std::string_view linker_text, bool is_bundle) {
  Error error{ErrorCode::backend_load, path, {}, {}};
  const std::optional<ElfIdentity> found = elf_identity(fd);
  if (!found) {
    error.what = "this is not a shared object (no ELF header)";
    error.cure = "install the backend again";
    return error;
  }
  const UniqueFd self(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const std::optional<ElfIdentity> expected = elf_identity(self.get());
  // guard: built-for-machine
  if (expected && (expected->machine != found->machine || expected->ident[EI_CLASS] != found->ident[EI_CLASS])) {
    error.what = "built for " + machine_name(*found) + ", this regcred is " + machine_name(*expected);
    error.cure = "install the backend's build for " + machine_name(*expected);
    return error;
  }

  const std::string text = printable(with_real_path(linker_text, fd, path), 400);
  if (text.find("cannot open shared object file") != std::string::npos) {
    const std::string library = text.substr(0, text.find(':'));
    error.what =
        "it needs the library " + library + ", which is not " + (is_bundle ? "in this bundle" : "on this machine");
    error.cure = is_bundle ? "link " + library + " into the backend: a bundle uses no library of the node"
                           : "install the package that has " + library + " (ldd " + shell_word(path) + " lists all)";
  } else if (const std::optional<std::string> version = between(text, "version `", "'")) {
    error.what =
        "it needs " + *version + ", which this " + (is_bundle ? "bundle's" : "machine's") + " libraries do not have";
    error.cure = is_bundle ? std::string("build the backend for glibc ") + ::gnu_get_libc_version() + " or older"
                           : "install a build of the backend for this distribution";
  } else if (const std::optional<std::string> symbol = between(text, "undefined symbol: ", "")) {
    error.what = "it needs the symbol " + *symbol + ", which no library it names defines";
    error.cure = "rebuild the backend with regcred_add_backend, which refuses this when it links";
  } else {
    error.what = "the dynamic linker refused it: " + text;
    error.cure = "install the backend again, or a build for this machine";
  }
  return error;
}

}  // namespace regcred::core
