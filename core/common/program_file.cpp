// SPDX-License-Identifier: Apache-2.0
#include "common/program_file.hpp"

#include <elf.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "common/advice.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t script_line_bytes_max = 256;  // the kernel's BINPRM_BUF_SIZE

template <class Struct>
std::optional<Struct> read_struct(std::string_view bytes, std::uint64_t at) {
  Struct value{};
  if (at > bytes.size() || bytes.size() - at < sizeof(value)) return std::nullopt;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// The loader that a binary names. It stands near the beginning; a binary with another layout is not judged.
std::string loader_of(std::string_view head) {
  const auto header = read_struct<Elf64_Ehdr>(head, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
    return {};
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    const auto segment = read_struct<Elf64_Phdr>(head, header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment || segment->p_type != PT_INTERP) continue;
    if (segment->p_offset > head.size() || segment->p_filesz > head.size() - segment->p_offset) return {};
    const std::string_view text = head.substr(segment->p_offset, segment->p_filesz);
    return std::string(text.substr(0, text.find('\0')));
  }
  return {};
}

}  // namespace

std::optional<Obstacle> obstacle_of(const struct stat &status, bool on_noexec, const std::string &path) {
  if (!S_ISREG(status.st_mode)) return Obstacle{"is not a file", "put the program there"};
  if (on_noexec) {
    return Obstacle{"lies on a file system that is mounted with noexec",
                    "use another directory, or mount it with exec"};
  }
  if ((status.st_mode & 0111) == 0) return Obstacle{"is not executable", "chmod 755 " + shell_word(path)};
  return std::nullopt;
}

// As the kernel's binfmt_script reads it: blanks around the name are dropped, a carriage return is part of it.
std::string interpreter_of(std::string_view head) {
  if (!head.starts_with("#!")) return loader_of(head);
  head = head.substr(0, script_line_bytes_max);
  const std::size_t from = std::min(head.find_first_not_of(" \t", 2), head.size());
  return std::string(head.substr(from, head.find_first_of(" \t\n", from) - from));
}

Obstacle missing_interpreter(const std::string &interpreter, const std::string &path) {
  if (interpreter.ends_with('\r')) {
    return {"has lines that end in CR LF, and a carriage return is part of its interpreter's name",
            "sed -i 's/\\r$//' " + shell_word(path)};
  }
  return {"needs " + interpreter + ", which is not there", "install it, or a program for this system"};
}

std::optional<Obstacle> obstacle_of(int fd, const std::string &path) {
  struct stat status {};
  struct statvfs mount {};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  const bool on_noexec = ::fstatvfs(fd, &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
  if (std::optional<Obstacle> obstacle = obstacle_of(status, on_noexec, path)) return obstacle;
  std::array<char, program_head_bytes_max> head{};
  const ssize_t size = ::pread(fd, head.data(), head.size(), 0);
  if (size <= 0) return std::nullopt;
  const std::string interpreter = interpreter_of({head.data(), static_cast<std::size_t>(size)});
  if (interpreter.empty()) return std::nullopt;
  const std::string from_root = interpreter.front() == '/' ? interpreter : '/' + interpreter;  // programs run in /
  if (::stat(from_root.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return std::nullopt;
  return missing_interpreter(interpreter, path);
}

}  // namespace regcred::core
