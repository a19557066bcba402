// SPDX-License-Identifier: Apache-2.0
// The file as it lies there: nothing of it is run.
#include <fcntl.h>
#include <fnmatch.h>
#include <gnu/libc-version.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "common/ascii.hpp"
#include "common/contains.hpp"
#include "common/join.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "conformance/checks.hpp"
#include "conformance/elf_facts.hpp"

namespace regcred::conformance {
namespace {

core::Result<ElfFacts> facts_of(const std::string &path) {
  const core::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || status.st_size == 0) return read_elf({}, path);
  const auto size = static_cast<std::size_t>(status.st_size);
  void *bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (bytes == MAP_FAILED) return read_elf({}, path);
  core::Result<ElfFacts> facts = read_elf({static_cast<const char *>(bytes), size}, path);
  ::munmap(bytes, size);
  return facts;
}

CheckFunction with_facts(std::function<Verdict(const ElfFacts &)> judge) {
  return [judge = std::move(judge)](const Subject &subject, const Progress &) {
    const core::Result<ElfFacts> facts = facts_of(subject.path);
    if (facts) return judge(*facts);
    Verdict verdict = failed(facts.error().what);
    verdict.cannot_load = true;
    return verdict;
  };
}

std::string joined(const std::vector<std::string> &items) { return core::printable(core::joined(items), 400); }

Verdict one_symbol(const ElfFacts &facts) {
  if (facts.exported == std::vector<std::string>{REGCRED_BACKEND_ENTRY_V1}) return passed();
  if (facts.exported.empty()) return failed("it exports nothing, expected " REGCRED_BACKEND_ENTRY_V1);
  return failed("it exports " + joined(facts.exported) +
                "; expected " REGCRED_BACKEND_ENTRY_V1
                " only: link with the SDK's version script, or hide the rest (-fvisibility=hidden)");
}

Verdict relro(const ElfFacts &facts) {
  return facts.relro ? passed() : failed("it has no PT_GNU_RELRO segment: link with -Wl,-z,relro");
}

Verdict bind_now(const ElfFacts &facts) {
  return facts.bind_now ? passed() : failed("its symbols are bound lazily: link with -Wl,-z,now");
}

Verdict stack(const ElfFacts &facts) {
  return facts.executable_stack ? failed("it asks for an executable stack: link with -Wl,-z,noexecstack") : passed();
}

Verdict search_path(const ElfFacts &facts) {
  if (facts.search_paths.empty()) return passed();
  return failed("it looks for libraries in " + joined(facts.search_paths) + ": link without -rpath");
}

Verdict text_relocations(const ElfFacts &facts) {
  return facts.text_relocations ? failed("its code needs relocations: compile everything in it with -fPIC") : passed();
}

Verdict dependencies(const ElfFacts &facts) {
  constexpr std::array<const char *, 16> own_network = {"libcurl*",     "libssl*",     "libcrypto*",      "libgnutls*",
                                                        "libnss3*",     "libmbed*",    "libwolfssl*",     "libnghttp*",
                                                        "libcpp-http*", "libsoup*",    "libneon*",        "libserf*",
                                                        "libcpprest*",  "libPocoNet*", "libaws-cpp-sdk*", "libgrpc*"};
  std::vector<std::string> refused;
  for (const std::string &library : facts.needed) {
    const bool matches = std::any_of(own_network.begin(), own_network.end(),
                                     [&](const char *pattern) { return ::fnmatch(pattern, library.c_str(), 0) == 0; });
    if (matches) refused.push_back(library);
  }
  if (refused.empty()) return passed("needs " + joined(facts.needed));
  return failed("it needs " + joined(refused) + ": send through the host's service " REGCRED_SERVICE_HTTP);
}

// Fails when the backend imports one of `functions`.
Verdict imports_none(const ElfFacts &facts, const std::vector<std::string> &functions, const std::string &cure) {
  std::vector<std::string> found;
  for (const std::string &name : facts.imported) {
    if (core::contains(functions, name)) found.push_back(name);
  }
  if (found.empty()) return passed();
  return failed("it calls " + joined(found) + ": " + cure);
}

Verdict no_sockets(const ElfFacts &facts) {
  return imports_none(facts, {"socket", "connect", "bind", "listen", "getaddrinfo", "gethostbyname", "gethostbyname_r"},
                      "a backend reaches the network by the service " REGCRED_SERVICE_HTTP " only");
}

Verdict no_processes(const ElfFacts &facts) {
  return imports_none(facts,
                      {"fork", "vfork", "execl", "execlp", "execle", "execv", "execvp", "execve", "execvpe", "system",
                       "popen", "posix_spawn", "posix_spawnp", "pthread_create", "thrd_create"},
                      "a backend starts no process and no thread");
}

// The newest of the versions "PREFIXnumber" that the file asks for; empty when it asks for none.
std::string newest_version(const ElfFacts &facts, std::string_view prefix) {
  std::string newest;
  for (const std::string &name : facts.versions) {
    const bool is_number =
        name.starts_with(prefix) && name.size() > prefix.size() && core::is_digit(name[prefix.size()]);
    if (is_number && ::strverscmp(name.c_str(), newest.c_str()) > 0) newest = name;
  }
  return newest;
}

// Debian 12 is the oldest system that regcred runs on. What is built on a newer one runs there, and the verdict says
// where it does not.
Verdict glibc(const ElfFacts &facts) {
  const std::string here = std::string("GLIBC_") + ::gnu_get_libc_version();
  const bool is_newer_here = ::strverscmp(here.c_str(), "GLIBC_2.36") > 0;
  std::string fact;
  for (const auto &[prefix, of_debian_12] :
       {std::pair("GLIBC_", "GLIBC_2.36"), std::pair("GLIBCXX_", "GLIBCXX_3.4.30")}) {
    const std::string newest = newest_version(facts, prefix);
    if (newest.empty()) continue;
    const std::string needs = "needs " + core::printable(newest, 100);
    const bool is_too_new = ::strverscmp(newest.c_str(), of_debian_12) > 0;
    const bool runs_here =
        is_newer_here && (newest.starts_with("GLIBCXX_") || ::strverscmp(newest.c_str(), here.c_str()) <= 0);
    if (is_too_new && !runs_here) {
      return failed("it " + needs + ", Debian 12 has " + of_debian_12 + ": build it there, or on an older system");
    }
    fact += (fact.empty() ? "" : ", ") + needs;
    if (is_too_new) fact += std::string(" (Debian 12 has ") + of_debian_12 + ": for such nodes, build it there)";
  }
  return passed(fact);
}

CheckFunction with_status(std::function<Verdict(const struct stat &)> judge) {
  return [judge = std::move(judge)](const Subject &subject, const Progress &) {
    struct stat status {};
    if (::stat(subject.path.c_str(), &status) != 0) return failed("it has gone");
    return judge(status);
  };
}

Verdict mode(const struct stat &status) {
  std::array<char, 16> octal{};
  std::snprintf(octal.data(), octal.size(), "%04o", status.st_mode & 07777U);
  const std::string found = std::string("its mode is ") + octal.data();
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return failed(found + ": the host refuses it; chmod go-w");
  if ((status.st_mode & (S_ISUID | S_ISGID)) != 0) return failed(found + ": chmod ug-s");
  return passed(found);
}

Verdict size(const struct stat &status) {
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  const std::string kib = std::to_string(bytes / 1024) + " KiB";
  if (bytes <= core::limits::backend_file_bytes_max) return passed(kib);
  return failed("it has " + kib + ", the host reads at most " +
                std::to_string(core::limits::backend_file_bytes_max / 1024) + " KiB: strip it");
}

}  // namespace

std::vector<Check> file_checks() {
  return {
      {"file.one-symbol",
       "Exports the entry function and nothing else, so that the names of two backends cannot collide.",
       with_facts(one_symbol)},
      {"file.relro", "Relocated data becomes read-only, so that a stray write cannot redirect calls.",
       with_facts(relro)},
      {"file.bind-now", "All symbols are resolved at load: a missing one shows there, not during a request.",
       with_facts(bind_now)},
      {"file.stack", "Asks for no executable stack, which dlopen would give to the whole process.", with_facts(stack)},
      {"file.search-path",
       "Has no RPATH or RUNPATH: libraries come from the system's directories, not from a build tree.",
       with_facts(search_path)},
      {"file.text-relocations", "Its code is never written to, so that it can be shared and hardened kernels load it.",
       with_facts(text_relocations)},
      {"file.dependencies", "Needs no HTTP or TLS library: TLS, proxy, limits and fakes exist once, in the host.",
       with_facts(dependencies)},
      {"file.no-sockets", "Calls nothing that opens a socket: the host's HTTP service is the only way to the network.",
       with_facts(no_sockets)},
      {"file.no-processes",
       "Calls nothing that starts a process or thread: the host could not end what it does not know.",
       with_facts(no_processes)},
      {"file.glibc", "Needs no newer C and C++ libraries than Debian 12 has, or this system.", with_facts(glibc)},
      {"file.mode", "Nobody but its owner may write the file: the host refuses to load it otherwise.",
       with_status(mode)},
      {"file.size", "Is not larger than the host reads.", with_status(size)},
  };
}

}  // namespace regcred::conformance
