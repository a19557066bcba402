// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <utility>

namespace jfrog {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::HostPattern;
using regcred::Result;

// A name in the platform's own settings: 1 to 255 bytes on one line.
Result<std::optional<std::string>> read_name(regcred::Settings &settings, std::string_view key) {
  constexpr std::size_t name_bytes_max = 255;
  std::optional<std::string> name = settings.text(key);
  if (name && (name->empty() || name->size() > name_bytes_max || regcred::has_control_character(*name))) {
    return failure(Code::bad_config, "settings." + std::string(key) + ": " + regcred::shown(*name) +
                                         " is not a name: 1 to 255 bytes on one line; copy it from the JFrog platform");
  }
  return name;
}

tl::unexpected<regcred::Failure> missing(std::string_view key, std::string_view what) {
  return failure(Code::bad_config, "settings." + std::string(key) + ": is missing; write " + std::string(what));
}

}  // namespace

Result<Options> read_options(regcred::Settings &settings) {
  Result<std::optional<std::string>> host = regcred::read_host(settings, "artifactoryHost");
  Result<std::optional<std::string>> provider = read_name(settings, "providerName");
  Result<std::optional<std::string>> mapping = read_name(settings, "identityMapping");
  Result<std::optional<std::string>> project = read_name(settings, "projectKey");
  Result<std::optional<std::string>> username = regcred::read_username(settings, "username");
  const bool require_opt_in = settings.boolean("requireOptIn").value_or(false);
  Result<regcred::HttpHeaders> headers = regcred::read_headers(settings, "headers");
  Result<std::vector<HostPattern>> registries = regcred::read_host_patterns(settings, "registryHosts");

  if (!host) return tl::make_unexpected(std::move(host.error()));
  if (!*host) return missing("artifactoryHost", "the host of your JFrog platform: acme.jfrog.io");
  for (const auto *name : {&provider, &mapping, &project, &username}) {
    if (!*name) return tl::make_unexpected(name->error());
  }
  if (!*provider) return missing("providerName", "the name of the platform's OIDC integration");
  if (!headers) return tl::make_unexpected(std::move(headers.error()));
  if (!registries) return tl::make_unexpected(std::move(registries.error()));

  Options options;
  options.artifactory_host = **host;
  options.provider_name = **provider;
  options.identity_mapping = *mapping;
  options.project_key = *project;
  options.username = *username;
  options.require_opt_in = require_opt_in;
  options.headers = std::move(*headers);
  options.registries = std::move(*registries);
  // The path method, HOST/REPOSITORY/IMAGE, and the sub-domain method, REPOSITORY.HOST/IMAGE.
  for (const std::string &own : {options.artifactory_host, "*." + options.artifactory_host}) {
    if (std::optional<HostPattern> pattern = HostPattern::parse(own)) options.registries.push_back(std::move(*pattern));
  }
  return options;
}

}  // namespace jfrog
