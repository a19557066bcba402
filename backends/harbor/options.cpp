#include "options.hpp"

#include <algorithm>
#include <optional>
#include <regcred/text.hpp>
#include <utility>

namespace harbor {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t username_bytes_max = 256;
constexpr std::size_t hosts_max = 64;
constexpr std::size_t audiences_max = 16;
constexpr std::size_t audience_bytes_max = 256;

Result<std::string> read_username(Settings &settings) {
  std::string username = settings.text("username").value_or("jwt");
  if (username.empty() || username.size() > username_bytes_max || regcred::has_control_character(username) ||
      username.find(':') != username.npos) {
    return failure(Code::bad_config, "settings.username: must be 1 to 256 bytes without ':' and control characters");
  }
  return username;
}

Result<std::vector<std::string>> read_registry_hosts(Settings &settings) {
  const bool present = settings.has("registryHosts");
  const std::vector<std::string> texts = settings.texts("registryHosts");
  if (present && (texts.empty() || texts.size() > hosts_max)) {
    return failure(Code::bad_config, "settings.registryHosts: must name 1 to 64 hosts");
  }
  std::vector<std::string> hosts;
  for (const std::string &text : texts) {
    std::optional<std::string> host = regcred::host_and_port(text);
    if (!host) {
      return failure(Code::bad_config, "settings.registryHosts: " + shown(text) +
                                           " is no host; write host[:port] exactly as in the image, no wildcard");
    }
    hosts.push_back(std::move(*host));
  }
  return hosts;
}

bool is_audience(std::string_view text) {
  return !text.empty() && text.size() <= audience_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<std::vector<std::string>> read_audiences(Settings &settings) {
  const bool present = settings.has("audiences");
  std::vector<std::string> audiences = settings.texts("audiences");
  if (present && (audiences.empty() || audiences.size() > audiences_max)) {
    return failure(Code::bad_config, "settings.audiences: must name 1 to 16 audiences");
  }
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
  Result<std::string> username = read_username(settings);
  Result<std::vector<std::string>> hosts = read_registry_hosts(settings);
  Result<std::vector<std::string>> audiences = read_audiences(settings);
  if (!username) return tl::make_unexpected(std::move(username.error()));
  if (!hosts) return tl::make_unexpected(std::move(hosts.error()));
  if (!audiences) return tl::make_unexpected(std::move(audiences.error()));
  if (!audiences->empty() && hosts->empty()) {
    return failure(Code::bad_config,
                   "settings.audiences: needs settings.registryHosts, which says who may get tokens for them");
  }
  return Options{std::move(*username), std::move(*hosts), std::move(*audiences)};
}

}  // namespace harbor
