// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <optional>
#include <utility>

namespace harbor {

using regcred::Result;

Result<regcred::PassThrough> read_options(regcred::Settings &settings) {
  Result<std::optional<std::string>> username = regcred::read_username(settings, "username");
  Result<std::vector<regcred::HostPattern>> hosts = regcred::read_host_patterns(settings, "registryHosts");
  Result<std::vector<std::string>> audiences = regcred::read_audiences(settings, "audiences");
  if (!username) return tl::make_unexpected(std::move(username.error()));
  if (!hosts) return tl::make_unexpected(std::move(hosts.error()));
  if (!audiences) return tl::make_unexpected(std::move(audiences.error()));
  if (!audiences->empty() && hosts->empty()) {
    return regcred::failure(regcred::Code::bad_config,
                            "settings.audiences: needs settings.registryHosts, which says who may get tokens for them");
  }
  return regcred::PassThrough{username->value_or("jwt"), std::move(*hosts), std::move(*audiences)};
}

}  // namespace harbor
