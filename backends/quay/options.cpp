// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/text.hpp>
#include <utility>

#include "robot.hpp"

namespace quay {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t robots_max = 256;

Result<std::vector<std::string>> read_allowed_robots(Settings &settings) {
  std::vector<std::string> rules = settings.texts("allowedRobots");
  if (rules.size() > robots_max) return failure(Code::bad_config, "settings.allowedRobots: more than 256 robots");
  for (const std::string &rule : rules) {
    if (!is_robot_rule(rule)) {
      return failure(Code::bad_config,
                     "settings.allowedRobots: " + shown(rule) +
                         " is not a robot; write NAMESPACE+NAME, or NAMESPACE+* for all of a namespace");
    }
  }
  return rules;
}

}  // namespace

Result<Options> read_options(Settings &settings) {
  Options options;
  options.robot = settings.text("robot");
  Result<std::vector<std::string>> robots = read_allowed_robots(settings);
  Result<std::optional<std::string>> api_host = regcred::read_host(settings, "apiHost");
  Result<std::vector<regcred::HostPattern>> hosts = regcred::read_host_patterns(settings, "registryHosts");

  if (options.robot && !is_robot(*options.robot)) {
    return failure(Code::bad_config, "settings.robot: " + shown(*options.robot) +
                                         " is not a robot; write NAMESPACE+NAME, as Quay shows it");
  }
  if (!robots) return tl::make_unexpected(std::move(robots.error()));
  if (!api_host) return tl::make_unexpected(std::move(api_host.error()));
  if (!hosts) return tl::make_unexpected(std::move(hosts.error()));
  if (!options.robot && robots->empty()) {
    return failure(Code::bad_config,
                   "settings.robot: is missing; write NAMESPACE+NAME, or set settings.allowedRobots and let service "
                   "accounts choose by annotation");
  }
  options.allowed_robots = std::move(*robots);
  options.api_host = api_host->value_or("quay.io");
  options.registry_hosts = std::move(*hosts);
  if (options.registry_hosts.empty()) options.registry_hosts = {*regcred::HostPattern::parse(options.api_host)};
  return options;
}

}  // namespace quay
