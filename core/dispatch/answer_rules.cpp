// SPDX-License-Identifier: Apache-2.0
#include "dispatch/answer_rules.hpp"

#include <algorithm>
#include <array>
#include <regcred/text.hpp>
#include <set>

#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/utc_time.hpp"
#include "dispatch/backend_job.hpp"
#include "dispatch/cache_hint.hpp"

namespace regcred::core {
namespace {

ErrorCode error_code_of(std::int32_t code) {
  switch (code) {
    case REGCRED_BAD_CONFIG:
      return ErrorCode::config;
    case REGCRED_TIMEOUT:
      return ErrorCode::deadline;
    default:
      return ErrorCode::backend;
  }
}

std::string_view text_of(std::int32_t code) {
  constexpr std::array<std::string_view, 10> texts = {"ok",
                                                      "no credentials",
                                                      "wrong configuration",
                                                      "unusable request",
                                                      "denied",
                                                      "unavailable",
                                                      "throttled",
                                                      "timed out",
                                                      "unexpected answer from the registry",
                                                      "internal fault"};
  return texts.at(static_cast<std::size_t>(code));
}

// The backend's own message, redacted and printable.
std::string message_of(const WorkerResult &result, std::string_view token) {
  return printable(redacted(result.text, {&token, 1}), limits::backend_text_bytes_max);
}

Error backend_error(const WorkerResult &result, const JudgeContext &context) {
  Error error{error_code_of(result.code), entry_label(context.entry), {}, {}};
  if (result.code < REGCRED_OK || result.code > REGCRED_INTERNAL) {
    error.what = "the backend returned the unknown code " + std::to_string(result.code);
    error.cure = "report this to the maintainers of the backend";
    return error;
  }
  error.what = text_of(result.code);
  if (!result.text.empty()) error.what += ": " + message_of(result, context.token);
  if (result.code == REGCRED_THROTTLED && result.retry_after_seconds >= 0 &&
      result.retry_after_seconds <= limits::lifetime_seconds_max) {
    const std::int64_t until = context.unix_now_ms / 1000 + result.retry_after_seconds;
    error.cure = "wait until " + utc_text(until) + " (" + std::to_string(result.retry_after_seconds) + " s)";
  }
  return error;
}

// The path that a backend limited its credential to, in terms of the asked image: "" for the whole host. Empty optional
// when `registry` is neither the asked host nor a path of the asked image.
std::optional<std::string_view> scoped_path(std::string_view registry, const RegistryEntry &entry,
                                            const ImageReference &image) {
  const std::string_view host = asked_registry(entry, image);
  if (!registry.starts_with(host)) return std::nullopt;
  const std::string_view path = registry.substr(host.size());
  if (path.empty()) return path;
  const std::string_view image_path = image.path();
  if (path.front() != '/' || path.size() < 2 || !image_path.starts_with(path)) return std::nullopt;
  const bool whole_segment = image_path.size() == path.size() || image_path[path.size()] == '/' || path.back() == '/';
  return whole_segment ? std::optional(path) : std::nullopt;
}

// The first rule that one auth entry breaks, empty when it keeps all.
std::string broken_rule(const AuthEntry &auth) {
  if (auth.username.empty()) return "an empty username, which container runtimes ignore together with the password";
  if (auth.password.empty()) return "an empty password";
  if (!is_utf8(auth.username)) return "a username that is not UTF-8";
  if (!is_utf8(auth.password.reveal())) return "a password that is not UTF-8";
  if (!is_printable(auth.username)) return "a username with control characters";           // guard: username-printable
  if (!is_printable(auth.password.reveal())) return "a password with control characters";  // guard: password-printable
  if (auth.username.find(':') != std::string::npos) {                                      // guard: username-colon
    return "a username with ':', behind which registries read the password";
  }
  return {};
}

Error rule_error(const JudgeContext &context, std::string what) {
  return {ErrorCode::backend, entry_label(context.entry), "the backend answered with " + std::move(what),
          "nothing was passed to the kubelet; report this to the maintainers of the backend"};
}

}  // namespace

Result<Verdict> judge_result(WorkerResult result, const JudgeContext &context) {
  if (result.code == REGCRED_NO_CREDENTIALS) return Verdict{true, message_of(result, context.token), {}};
  if (result.code != REGCRED_OK) return tl::make_unexpected(backend_error(result, context));

  const auto broken = [&](std::string what) { return tl::make_unexpected(rule_error(context, std::move(what))); };
  if (result.auth.empty()) return broken("OK but without a credential");
  if (result.scope != REGCRED_SCOPE_IMAGE && result.scope != REGCRED_SCOPE_REGISTRY) return broken("an unknown scope");
  if (result.lifetime_seconds < REGCRED_LIFETIME_UNKNOWN || result.lifetime_seconds > limits::lifetime_seconds_max) {
    return broken("a credential lifetime that cannot be (" + std::to_string(result.lifetime_seconds) + " s)");
  }

  Verdict verdict;
  bool path_scoped = false;
  std::set<std::string> seen;
  for (AuthEntry &auth : result.auth) {
    if (std::string rule = broken_rule(auth); !rule.empty()) return broken(std::move(rule));
    const std::optional<std::string_view> path = scoped_path(auth.registry, context.entry, context.image);
    if (!path) {
      return broken("a credential for \"" + printable(auth.registry, 100) + "\", which is not what was asked for (" +
                    context.image.name() + ")");
    }
    std::string registry = std::string(context.image.registry()) + std::string(*path);
    if (!seen.insert(registry).second) return broken("two credentials for " + registry);
    path_scoped = path_scoped || !path->empty();
    verdict.answer.auth.push_back({std::move(registry), std::move(auth.username), std::move(auth.password)});
  }
  verdict.answer.cache_key_type = cache_key_type(result.scope, context.route.whole_registry, path_scoped);
  verdict.answer.cache_duration = cache_duration(result.lifetime_seconds, context.entry.cache_max);
  return verdict;
}

}  // namespace regcred::core
