// SPDX-License-Identifier: Apache-2.0
#include "secret_path.hpp"

#include <array>
#include <regcred/http.hpp>
#include <regcred/placeholders.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace vault {
namespace {

using regcred::Result;

constexpr std::array<std::string_view, 3> names = {"registry", "namespace", "serviceAccount"};

}  // namespace

bool is_path(std::string_view text, std::string_view characters) {
  while (true) {
    const std::size_t slash = text.find('/');
    const std::string_view segment = text.substr(0, slash);
    if (segment.empty() || segment.ends_with('.') || segment.find_first_not_of(characters) != segment.npos) {
      return false;
    }
    if (slash == text.npos) return true;
    text.remove_prefix(slash + 1);
  }
}

std::optional<std::string> unknown_placeholder(std::string_view path) {
  return regcred::unknown_placeholder(path, names);
}

std::string in_url(std::string_view path) {
  std::string url;
  while (true) {
    const std::size_t slash = path.find('/');
    url += regcred::percent_encode(path.substr(0, slash));
    if (slash == path.npos) return url;
    url += '/';
    path.remove_prefix(slash + 1);
  }
}

Result<std::string> secret_path(const Options &options, std::string_view registry, const regcred::PodToken &token) {
  std::string path = options.mount + (options.engine == Engine::kv2 ? "/data/" : "/") + options.path;
  const auto holds = [&](std::string_view name) { return path.find(name) != path.npos; };
  const std::string host = regcred::registry_host(registry).value_or("");
  if (holds("{registry}") && host.empty()) {
    return regcred::failure(regcred::Code::bad_request, "image host " + regcred::shown(registry) +
                                                            " cannot be a part of settings.path, so nothing was sent; "
                                                            "narrow matchImages");
  }
  regcred::ServiceAccountName account;
  if (holds("{namespace}") || holds("{serviceAccount}")) {
    Result<regcred::ServiceAccountName> named = regcred::service_account_name(token.claims);
    if (!named) return tl::make_unexpected(std::move(named.error()));
    account = std::move(*named);
  }
  const std::array<regcred::Placeholder, names.size()> values = {
      {{names[0], host}, {names[1], account.namespace_name}, {names[2], account.name}}};
  return regcred::with_placeholders(path, values);
}

}  // namespace vault
