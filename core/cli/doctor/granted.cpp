// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/granted.hpp"

#include <regcred/jwt.hpp>

namespace regcred::core {
namespace {

using nlohmann::json;

constexpr std::size_t items_max = 5;
constexpr std::size_t characters_max = 60;
constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*,/:_.-";

// Why `text` is not shown; empty when it is.
std::string not_shown(const char *what, std::string_view text) {
  if (text.size() > characters_max) return std::string(what) + " of " + std::to_string(text.size()) + " characters";
  if (text.find_first_not_of(plain) == std::string_view::npos) return {};
  return std::string(what) + " with characters that none has";
}

std::string line_of(const std::string &name, const std::string &actions) {
  for (const std::string &why : {not_shown("a name", name), not_shown("actions", actions)}) {
    if (!why.empty()) return "not shown: the token grants something, " + why;  // guard: granted-words
  }
  return "the token grants on \"" + name + "\": " + (actions.empty() ? "nothing" : actions);
}

}  // namespace

std::vector<std::string> granted_lines(std::string_view token, const DoctorReport &report) {
  const std::optional<UnverifiedClaims> claims = read_unverified_claims(token);
  if (!claims || !claims->all.contains("access") || !claims->all["access"].is_array()) return {};
  std::vector<std::string> lines;
  std::string together;  // a secret may come in pieces
  for (const json &item : claims->all["access"]) {
    if (!item.is_object() || lines.size() >= items_max) continue;
    const std::string name = json_text(item, "name");
    std::string actions;
    together += name;
    for (const json &action : item.value("actions", json::array())) {
      if (!action.is_string()) continue;
      actions += (actions.empty() ? "" : ",") + action.get<std::string>();
      together += action.get<std::string>();
    }
    lines.push_back(line_of(name, actions));
  }
  // guard: granted-pieces
  if (report.hides(together)) return {"not shown: what the token grants, which quotes the credential"};
  return lines;
}

}  // namespace regcred::core
