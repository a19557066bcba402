// SPDX-License-Identifier: Apache-2.0
// The names of the files of this folder, in both directories. `key`: 64 hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

namespace regcred::core {

inline constexpr std::size_t name_digits = 32;
inline constexpr std::string_view data_ending = ".v1";
inline constexpr std::string_view lock_ending = ".lock";
inline constexpr std::string_view temporary_ending = ".tmp";

[[nodiscard]] inline std::string data_name(std::string_view key) {
  return std::string(key.substr(0, name_digits)).append(data_ending);
}
[[nodiscard]] inline std::string lock_name(std::string_view key) {
  return std::string(key.substr(0, name_digits)).append(lock_ending);
}

// Whether a file of this name may be ours: `ending` behind as many digits as a name has. A temporary one has the
// number of its process between.
[[nodiscard]] inline bool is_named(std::string_view name, std::string_view ending) {
  return name.size() > name_digits && name.ends_with(ending) &&
         name.substr(0, name_digits).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace regcred::core
