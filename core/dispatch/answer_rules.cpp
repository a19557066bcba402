// SPDX-License-Identifier: Apache-2.0
#include "dispatch/answer_rules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "common/known_secrets.hpp"
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
  constexpr std::array<std::string_view, 10> texts = {
      "ok",          "no credentials", "wrong configuration", "unusable request",  "denied",
      "unavailable", "throttled",      "timed out",           "unexpected answer", "internal fault"};
  return texts.at(static_cast<std::size_t>(code));
}

// The backend's own message, printable, and redacted once more: the worker's bytes may be forged.
std::string message_of(const WorkerResult &result, std::string_view token) {
  KnownSecrets secrets;
  secrets.add(token);
  for (const AuthEntry &auth : result.auth) secrets.add(auth.password.reveal());
  // guard: backend-text-redacted
  return printable(secrets.hidden_in(result.text), limits::backend_text_bytes_max);
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

Error rule_error(const JudgeContext &context, std::string what) {
  return {ErrorCode::backend, entry_label(context.entry), "the backend answered with " + std::move(what),
          "nothing was passed to the kubelet; report this to the maintainers of the backend"};
}

}  // namespace

std::string credential_fault(std::string_view username, std::string_view password) {
  if (username.empty()) return "an empty username, which container runtimes ignore together with the password";
  if (password.empty()) return "an empty password";
  if (!is_utf8(username)) return "a username that is not UTF-8";
  if (!is_utf8(password)) return "a password that is not UTF-8";
  if (!is_printable(username)) return "a username with control characters";  // guard: username-printable
  if (!is_printable(password)) return "a password with control characters";  // guard: password-printable
  if (username.find(':') != std::string_view::npos) {                        // guard: username-colon
    return "a username with ':', behind which registries read the password";
  }
  return {};
}

std::string reuse_fault(std::int32_t scope, std::int64_t lifetime_seconds) {
  if (scope != REGCRED_SCOPE_IMAGE && scope != REGCRED_SCOPE_REGISTRY) return "an unknown scope";
  if (lifetime_seconds >= REGCRED_LIFETIME_UNKNOWN && lifetime_seconds <= limits::lifetime_seconds_max) return {};
  return "a credential lifetime that cannot be (" + std::to_string(lifetime_seconds) + " s)";
}

std::optional<std::string_view> answered_path(std::string_view answered, std::string_view prefix,
                                              std::string_view image_path) {
  const std::string asked = std::string(prefix) + std::string(image_path);
  const std::size_t host_bytes = std::min(prefix.find('/'), prefix.size());
  if (answered.size() < host_bytes) return std::nullopt;
  if (!asked.starts_with(answered)) return std::nullopt;  // guard: answered-host
  const bool has_path = answered.size() > host_bytes;
  if (has_path && (answered[host_bytes] != '/' || answered.size() == host_bytes + 1)) return std::nullopt;
  const bool whole_segment = asked.size() == answered.size() || asked[answered.size()] == '/' || answered.back() == '/';
  if (!whole_segment) return std::nullopt;  // guard: answered-path
  const std::string_view path = image_path.substr(0, answered.size() - std::min(answered.size(), prefix.size()));
  return path == "/" ? std::nullopt : std::optional(path);
}

Result<Verdict> judge_result(WorkerResult result, const JudgeContext &context) {
  // guard: refusal-is-error
  if (result.code == REGCRED_NO_CREDENTIALS) return Verdict{true, message_of(result, context.token), {}};
  if (result.code != REGCRED_OK) return tl::make_unexpected(backend_error(result, context));

  const auto broken = [&](std::string what) { return tl::make_unexpected(rule_error(context, std::move(what))); };
  if (result.auth.empty()) return broken("OK but without a credential");
  if (std::string fault = reuse_fault(result.scope, result.lifetime_seconds); !fault.empty()) {
    return broken(std::move(fault));
  }

  Verdict verdict;
  bool path_scoped = false;
  std::set<std::string> seen;
  for (AuthEntry &auth : result.auth) {
    std::string fault = credential_fault(auth.username, auth.password.reveal());
    if (!fault.empty()) return broken(std::move(fault));
    const std::optional<std::string_view> path =
        answered_path(auth.registry, asked_prefix(context.entry, context.image), context.image.path());
    if (!path) {
      return broken("a credential for \"" + printable(auth.registry, 100) + "\", which is not what was asked for (" +
                    context.image.name() + ")");
    }
    // guard: answer-for-asked-host
    std::string registry = std::string(context.image.registry()) + std::string(*path);
    if (!seen.insert(registry).second) return broken("two credentials for " + registry);
    path_scoped = path_scoped || !path->empty();
    verdict.answer.auth.push_back(
        {std::move(registry), std::move(auth.username), std::move(auth.password), auth.username_is_secret});
  }
  verdict.answer.cache_key_type = cache_key_type(result.scope, context.route.whole_registry, path_scoped);
  verdict.answer.cache_duration =
      cache_duration(result.lifetime_seconds, context.entry.cache_max, result.lifetime_has_margin, context.spread);
  return verdict;
}

}  // namespace regcred::core
