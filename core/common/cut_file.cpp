// SPDX-License-Identifier: Apache-2.0
#include "common/cut_file.hpp"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace regcred::core {
namespace {

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
constexpr unsigned char own_byte_order = ELFDATA2LSB;
#else
constexpr unsigned char own_byte_order = ELFDATA2MSB;
#endif

std::uint64_t capped_sum(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

// How many bytes the headers of an ELF file speak of, as far as they can be read.
std::uint64_t bytes_needed(int fd, const Elf64_Ehdr &header) {
  const std::uint64_t segments_end = capped_sum(header.e_phoff, std::uint64_t{header.e_phnum} * header.e_phentsize);
  std::uint64_t needed = std::max<std::uint64_t>(sizeof header, segments_end);
  if (header.e_shoff != 0) {
    needed = std::max(needed, capped_sum(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize));
  }
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    const auto at = static_cast<off_t>(capped_sum(header.e_phoff, std::uint64_t{i} * sizeof segment));
    if (::pread(fd, &segment, sizeof segment, at) != static_cast<ssize_t>(sizeof segment)) break;
    if (segment.p_type == PT_LOAD) needed = std::max(needed, capped_sum(segment.p_offset, segment.p_filesz));
  }
  return needed;
}

}  // namespace

std::string cut_short_words(int fd) {
  struct stat status {};
  Elf64_Ehdr header{};
  const ssize_t size = ::pread(fd, &header, sizeof header, 0);
  if (size < 0 || ::fstat(fd, &status) != 0) return {};
  if (std::memcmp(header.e_ident, ELFMAG, std::min<std::size_t>(SELFMAG, static_cast<std::size_t>(size))) != 0) {
    return {};
  }
  std::uint64_t needed = sizeof header;
  if (size == static_cast<ssize_t>(sizeof header)) {
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != own_byte_order) return {};
    needed = bytes_needed(fd, header);
  }
  if (static_cast<std::uint64_t>(status.st_size) >= needed) return {};
  return "is cut short: " + std::to_string(status.st_size) + " bytes, its headers need " + std::to_string(needed);
}

}  // namespace regcred::core
