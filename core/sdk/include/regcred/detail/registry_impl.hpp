// SPDX-License-Identifier: Apache-2.0
// The bodies of registry.hpp, whose comments say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <regcred/registry.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace regcred {

inline Result<void> require_served(std::string_view registry, const std::vector<HostPattern> &patterns,
                                   std::string_view finding, std::string_view cure) {
  const std::optional<std::string> host = host_and_port(registry);
  if (host && matches_any(patterns, *host)) return {};  // guard: served-registry
  return failure(Code::bad_config, "image host " + shown(registry) + " is " + std::string(finding) +
                                       ", so no token is sent for it; " + std::string(cure));
}

inline Result<void> require_served(std::string_view registry, const PassThrough &options) {
  if (options.registries.empty()) return {};
  return require_served(registry, options.registries, "not in settings.registryHosts");
}

inline Result<std::string> served_registry(const Request &request, const std::vector<HostPattern> &patterns,
                                           std::string_view finding, std::string_view cure) {
  const Result<void> served = require_served(request.registry(), patterns, finding, cure);
  if (!served) return tl::make_unexpected(served.error());
  return host_and_port(request.registry()).value_or("");
}

template <class Allows>
Result<std::string> choose(const Request &request, const Choice &choice, Allows allows) {
  const std::string key(choice.annotation);
  const std::string_view value = request.annotation(choice.annotation).value_or("");
  if (value.empty()) {
    if (choice.setting) return *choice.setting;
    return failure(Code::bad_request,
                   "the service account has no annotation " + key + ", and " + std::string(choice.setting_name) +
                       " is not set; set one of them, or list the key under requiredServiceAccountAnnotationKeys in "
                       "the kubelet's configuration to leave other pods alone");
  }
  if (value == choice.setting || allows(value)) return std::string(value);  // guard: annotation-allowed
  return failure(Code::bad_request,
                 "annotation " + key + ": " + shown(value) + " is not allowed, so nothing was sent; add it to " +
                     std::string(choice.allowed_name) + " if pods may use it, else correct the service account");
}

inline Result<std::string> choose(const Request &request, const Choice &choice,
                                  const std::vector<std::string> &allowed) {
  return choose(request, choice, [&](std::string_view value) {
    return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  });
}

template <class Keys>
std::string_view first_annotation(const Request &request, const Keys &keys) {
  for (const std::string_view key : keys) {
    if (!request.annotation(key).value_or("").empty()) return key;
  }
  return {};
}

inline Result<std::vector<std::string>> read_audiences(Settings &settings, std::string_view key) {
  constexpr std::size_t audiences_max = 16;
  constexpr std::size_t audience_bytes_max = 256;
  std::vector<std::string> audiences = settings.texts(key);
  if (audiences.size() > audiences_max) {
    return failure(Code::bad_config, settings.where() + "." + std::string(key) + ": more than 16 audiences");
  }
  for (const std::string &text : audiences) {
    if (text.empty() || text.size() > audience_bytes_max ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; })) {
      return detail::wrong_setting(settings, key, text,
                                   "is not an audience: 1 to 256 bytes of printable ASCII without blanks");
    }
  }
  return audiences;
}

namespace detail {

// That pass_through() takes at `registry`, a host[:port]; all of a token's must be among them.
[[nodiscard]] inline std::vector<std::string> own_audiences(const PassThrough &options, const std::string &registry) {
  if (!options.audiences.empty() || registry.empty()) return options.audiences;
  return {registry, "https://" + registry};
}

// Which audience to ask the kubelet for.
[[nodiscard]] inline std::string wanted_audience(const PassThrough &options, const std::string &registry,
                                                 std::size_t width) {
  if (!options.audiences.empty()) return shown(options.audiences.front(), width) + " (settings.audiences)";
  return shown(registry, width) + " or " + shown("https://" + registry, width) +
         ", or list yours in settings.audiences";
}

}  // namespace detail

inline ExpectedAudiences expected_audiences(std::string_view registry, const PassThrough &options) {
  return {detail::own_audiences(options, host_and_port(registry).value_or("")), "settings.audiences"};
}

inline Result<Credentials> pass_through(const Host &host, const Request &request, const PassThrough &options) {
  if (const Result<void> served = require_served(request.registry(), options); !served) {
    return tl::make_unexpected(served.error());
  }
  const std::string registry = host_and_port(request.registry()).value_or("");
  const Result<PodToken> token = pod_token(request);
  if (!token) return tl::make_unexpected(token.error());
  const Exchange facts(host, *token, {.name = registry});

  const std::int64_t now = host.clock().unix_now().count();
  if (token->claims.expires_at && *token->claims.expires_at <= now) {
    return tl::make_unexpected(facts.failed(
        Code::bad_request, detail::expired_words(*token->claims.expires_at, now) + "; check the time service (NTP)"));
  }
  if (token->claims.not_before && *token->claims.not_before > now) {
    return tl::make_unexpected(
        facts.failed(Code::bad_request, detail::not_yet_valid_words(*token->claims.not_before, now) +
                                            "; check the clocks of this node and of the control plane"));
  }
  const std::vector<std::string> own = detail::own_audiences(options, registry);
  const std::vector<std::string> &audiences = token->claims.audiences;
  if (audiences.empty() || !std::all_of(audiences.begin(), audiences.end(), [&](const std::string &audience) {
        return std::find(own.begin(), own.end(), audience) != own.end();
      })) {
    std::string finding;
    for (const std::size_t width : {100U, 60U, 40U}) {
      finding =
          "the pod's token is not for this registry alone, so it is not handed out; set serviceAccountTokenAudience in "
          "the kubelet's CredentialProviderConfig to " +
          detail::wanted_audience(options, registry, width);
      if (finding.size() + facts.facts(50).size() < 510) break;
    }
    return tl::make_unexpected(facts.failed(Code::bad_request, finding));
  }
  host.log().debug("the pod's token is the password at " + registry + "; " + facts.facts());

  Credentials credentials;
  credentials.username = options.username;
  credentials.password = Secret(token->text);
  credentials.scope = Scope::registry;
  credentials.lifetime = std::chrono::seconds(0);
  return credentials;
}

}  // namespace regcred
