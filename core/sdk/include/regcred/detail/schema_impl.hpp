// SPDX-License-Identifier: Apache-2.0
// How schema.hpp fills in its constants. Included by it alone.
#pragma once

#include <regcred/schema.hpp>

namespace regcred::schema::detail {

// A string literal as an argument of a template.
template <std::size_t Size>
struct Literal {
  constexpr Literal() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): the argument is the literal as it stands
  constexpr Literal(const char (&text)[Size]) { std::copy_n(text, Size, bytes); }
  [[nodiscard]] constexpr std::string_view view() const { return {bytes, Size - 1}; }
  char bytes[Size]{};
};

template <Literal... Own>
constexpr std::string_view constant(std::string_view name) {
  static_assert(sizeof...(Own) % 2 == 0, "each name has a text");
  constexpr std::array<std::string_view, sizeof...(Own)> own = {Own.view()...};
  for (std::size_t i = 0; i < own.size(); i += 2) {
    if (name == own[i]) return own[i + 1];
  }
  if (name == "host") return host;
  if (name == "base_url") return base_url;
  if (name == "registry") return registry;
  if (name == "host_patterns") return host_patterns;
  if (name == "username") return username;
  if (name == "identity") return identity;
  if (name == "headers") return headers;
  if (name == "audiences") return audiences;
  if (name == "field") return field;
  if (name == "annotation_key") return annotation_key;
  throw "schema.hpp has no constant of this name";  // ends the compilation
}

// Hands every piece of the result to `take`, in order.
template <Literal... Own, class Take>
constexpr void each_piece(std::string_view text, Take take) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@')) {
    const std::size_t end = text.find('@', at + 1);
    take(text.substr(0, at));
    take(constant<Own...>(text.substr(at + 1, end - at - 1)));
    text.remove_prefix(end + 1);
  }
  take(text);
}

template <Literal Text, Literal... Own>
constexpr auto fill() {
  constexpr std::size_t bytes = [] {
    std::size_t sum = 0;
    each_piece<Own...>(Text.view(), [&](std::string_view piece) { sum += piece.size(); });
    return sum;
  }();
  Literal<bytes + 1> filled;
  char *out = filled.bytes;
  each_piece<Own...>(Text.view(), [&](std::string_view piece) { out = std::copy(piece.begin(), piece.end(), out); });
  return filled;
}

template <Literal Text, Literal... Own>
inline constexpr auto filled_text = fill<Text, Own...>();

}  // namespace regcred::schema::detail
