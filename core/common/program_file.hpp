// SPDX-License-Identifier: Apache-2.0
// Whether the kernel can start a file as a program: seen without starting it.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace regcred::core {

// Why it cannot, as the end of a sentence that begins with the file's path; and the cure.
struct Obstacle {
  std::string what;
  std::string cure;
};

// What a file's kind, its mode and its file system say. `path` is for the command in the cure.
[[nodiscard]] std::optional<Obstacle> obstacle_of(const struct stat &status, bool on_noexec, const std::string &path);

// How much of a file interpreter_of() wants to see.
inline constexpr std::size_t program_head_bytes_max = 4096;

// The program that the kernel starts for a file that begins with `head`: a script's interpreter, a binary's loader.
// Empty when the file is started itself, or is of a kind that is not known here. May be any text.
[[nodiscard]] std::string interpreter_of(std::string_view head);

// For an interpreter that is not there; `path` is that of the file that names it.
[[nodiscard]] Obstacle missing_interpreter(const std::string &interpreter, const std::string &path);

// All of this about the file behind `fd`, on this machine. Leaves the offset alone.
[[nodiscard]] std::optional<Obstacle> obstacle_of(int fd, const std::string &path);

}  // namespace regcred::core
