// SPDX-License-Identifier: Apache-2.0
// Between the ABI's slices and C++ strings. Not part of what backend authors use.
#pragma once

#include <regcred/abi.h>

#include <string_view>

namespace regcred::detail {

[[nodiscard]] inline regcred_slice to_slice(std::string_view text) noexcept { return {text.data(), text.size()}; }

[[nodiscard]] inline std::string_view to_view(regcred_slice slice) noexcept {
  return slice.data == nullptr ? std::string_view{} : std::string_view{slice.data, slice.size};
}

// True when `member` (an offset and a size) lies within what the peer's struct says it has.
template <class Struct>
[[nodiscard]] constexpr bool has_member(const Struct &peer, std::size_t offset, std::size_t size) noexcept {
  return peer.struct_size >= offset + size;
}

// The three members that every growing struct starts with.
template <class Struct>
constexpr void set_header(Struct &value) noexcept {
  value.struct_size = sizeof(Struct);
  value.abi_major = REGCRED_ABI_MAJOR;
  value.abi_minor = REGCRED_ABI_MINOR;
}

}  // namespace regcred::detail
