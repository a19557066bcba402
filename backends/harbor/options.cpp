#include "options.hpp"

#include <algorithm>
#include <regcred/setting_rules.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace harbor {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t audiences_max = 16;
constexpr std::size_t audience_bytes_max = 256;

bool is_audience(std::string_view text) {
  return !text.empty() && text.size() <= audience_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<std::vector<std::string>> read_audiences(Settings &settings) {
  std::vector<std::string> audiences = settings.texts("audiences");
  if (audiences.size() > audiences_max) return failure(Code::bad_config, "settings.audiences: more than 16 audiences");
  for (const std::string &audience : audiences) {
    if (!is_audience(audience)) {
      return failure(Code::bad_config, "settings.audiences: " + shown(audience) +
                                           " is no audience; copy it from the robot's federation: printable ASCII "
                                           "without blanks, at most 256 bytes");
    }
  }
  return audiences;
}

}  // namespace

Result<Options> read_options(Settings &settings) {
  Result<std::optional<std::string>> username = regcred::read_username(settings, "username");
  Result<std::vector<regcred::HostPattern>> hosts = regcred::read_host_patterns(settings, "registryHosts");
  Result<std::vector<std::string>> audiences = read_audiences(settings);
  if (!username) return tl::make_unexpected(std::move(username.error()));
  if (!hosts) return tl::make_unexpected(std::move(hosts.error()));
  if (!audiences) return tl::make_unexpected(std::move(audiences.error()));
  if (!audiences->empty() && hosts->empty()) {
    return failure(Code::bad_config,
                   "settings.audiences: needs settings.registryHosts, which says who may get tokens for them");
  }
  return Options{username->value_or("jwt"), std::move(*hosts), std::move(*audiences)};
}

}  // namespace harbor
