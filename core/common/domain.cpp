// SPDX-License-Identifier: Apache-2.0
#include "common/domain.hpp"

#include <array>

#include "common/ascii.hpp"
#include "common/contains.hpp"

namespace regcred::core {
namespace {

std::string_view last_two_labels(std::string_view name) noexcept {
  const std::size_t last = name.rfind('.');
  if (last == std::string_view::npos || last == 0) return name;
  const std::size_t before = name.rfind('.', last - 1);
  return before == std::string_view::npos ? name : name.substr(before + 1);
}

}  // namespace

bool is_public_suffix(std::string_view domain) noexcept {
  constexpr std::array<std::string_view, 7> seconds = {"com", "co", "org", "net", "ac", "gov", "edu"};
  const std::size_t dot = domain.find('.');
  if (dot == std::string_view::npos) return true;
  const std::string_view last = domain.substr(dot + 1);
  return last.size() == 2 && is_lower(last[0]) && is_lower(last[1]) && contains(seconds, domain.substr(0, dot));
}

bool share_domain(std::string_view one, std::string_view other) noexcept {
  if (one == other) return true;
  const std::string_view domain = last_two_labels(one);
  const bool is_name = !domain.empty() && !is_digit(domain.back()) && one.find(':') == std::string_view::npos;
  return is_name && domain == last_two_labels(other) && !is_public_suffix(domain);  // guard: own-domain
}

}  // namespace regcred::core
