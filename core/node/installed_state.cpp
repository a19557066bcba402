// SPDX-License-Identifier: Apache-2.0
#include "node/installed_state.hpp"

#include <nlohmann/json.hpp>

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t state_bytes_max = 1U << 20U;

std::string text_of(const Json &document, const char *key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> texts_of(const Json &document, const char *key) {
  std::vector<std::string> texts;
  const auto found = document.find(key);
  if (found == document.end() || !found->is_array()) return texts;
  for (const Json &item : *found) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

}  // namespace

std::string process_identity(const Process &process) {
  return std::to_string(process.id) + '@' + std::to_string(process.started_s);
}

Result<InstalledState> read_installed_state(const HostRoot &root) {
  if (!root.is_file(installed_state_path)) return InstalledState{};
  // guard: state-of-root
  if (const auto place = root.open_trusted_directory(installed_state_directory); !place) {
    return tl::make_unexpected(place.error());
  }
  const Result<std::string> text = root.read(installed_state_path, state_bytes_max);
  if (!text) return tl::make_unexpected(text.error());
  const Json document = Json::parse(*text, nullptr, false);
  if (!document.is_object()) {
    return fail(ErrorCode::config, root.here(installed_state_path), "is damaged: not a JSON object",
                "remove it and install again");
  }
  InstalledState state{text_of(document, "version"),
                       texts_of(document, "names"),
                       text_of(document, "providerFile"),
                       text_of(document, "flagsFile"),
                       text_of(document, "flagsVariable"),
                       text_of(document, "binDirectory"),
                       text_of(document, "programs"),
                       texts_of(document, "registries"),
                       text_of(document, "unit"),
                       text_of(document, "unreadBy"),
                       {}};
  const auto rejected = document.find("rejected");
  if (rejected != document.end() && rejected->is_array()) {
    for (const Json &item : *rejected) state.rejected.push_back({text_of(item, "digest"), text_of(item, "reason")});
  }
  return state;
}

std::string installed_state_text(const InstalledState &state) {
  Json document = {{"version", state.version},
                   {"names", state.names},
                   {"providerFile", state.provider_file},
                   {"flagsFile", state.flags_file},
                   {"flagsVariable", state.flags_variable},
                   {"binDirectory", state.bin_directory},
                   {"programs", state.programs},
                   {"registries", state.registries},
                   {"unit", state.unit},
                   {"unreadBy", state.unread_by},
                   {"rejected", Json::array()}};
  for (const RejectedContent &item : state.rejected) {
    document["rejected"].push_back({{"digest", item.digest}, {"reason", item.reason}});
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace regcred::core
