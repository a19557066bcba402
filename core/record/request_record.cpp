#include "record/request_record.hpp"

#include <regcred/jwt.hpp>

#include "common/text.hpp"

namespace regcred::core {
namespace {

// {"namespace": "team-a", "serviceaccount": {"name": "default", ...}, ...}: the claim of bound tokens.
std::string from_kubernetes_claim(const nlohmann::json &claims) {
  const auto kubernetes = claims.find("kubernetes.io");
  if (kubernetes == claims.end() || !kubernetes->is_object()) return {};
  const auto account = kubernetes->find("serviceaccount");
  if (account == kubernetes->end() || !account->is_object()) return {};
  const std::string name_space = detail::text_claim(*kubernetes, "namespace");
  const std::string name = detail::text_claim(*account, "name");
  return name_space.empty() || name.empty() ? std::string{} : name_space + '/' + name;
}

std::string from_subject(std::string_view subject) {
  constexpr std::string_view prefix = "system:serviceaccount:";
  if (!subject.starts_with(prefix)) return {};
  subject.remove_prefix(prefix.size());
  const std::size_t colon = subject.find(':');
  if (colon == std::string_view::npos || subject.find(':', colon + 1) != std::string_view::npos) return {};
  return std::string(subject.substr(0, colon)) + '/' + std::string(subject.substr(colon + 1));
}

}  // namespace

std::string service_account_of(std::string_view token) {
  const std::optional<UnverifiedClaims> claims = read_unverified_claims(token);
  if (!claims) return {};
  std::string account = from_kubernetes_claim(claims->all);
  return account.empty() ? from_subject(claims->subject) : account;
}

std::string_view outcome_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::config:
      return "config";
    case ErrorCode::no_match:
      return "no_match";
    case ErrorCode::backend_load:
      return "backend_load";
    case ErrorCode::backend:
      return "backend";
    case ErrorCode::deadline:
      return "deadline";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

void conclude(RequestRecord &record, const std::optional<Error> &failure, std::int64_t milliseconds) {
  constexpr std::string_view prefix = "regcred: ";
  record.milliseconds = milliseconds;
  if (!failure) {
    record.outcome = record.with_credentials ? "ok" : "no_credentials";
    return;
  }
  record.outcome = outcome_name(failure->code);
  record.exit_status = exit_status(failure->code);
  record.answer_bytes = 0;
  const std::string line = one_line(*failure);
  record.error = line.substr(prefix.size(), line.size() - prefix.size() - 1);
}

}  // namespace regcred::core
