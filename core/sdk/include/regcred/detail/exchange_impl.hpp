// SPDX-License-Identifier: Apache-2.0
// The bodies of class Exchange, whose comments in exchange.hpp say what they do. Included by it alone.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <regcred/detail/answer.hpp>
#include <regcred/exchange.hpp>
#include <regcred/jwt.hpp>
#include <regcred/text.hpp>
#include <regcred/time.hpp>

namespace regcred {

inline Exchange::Exchange(Host host, PodToken token, Party party)
    : host_(host), token_(std::move(token)), party_(std::move(party)) {}

inline Exchange::Exchange(Host host, Party party) : host_(host), party_(std::move(party)) {}

// The object of a body; nullopt for web pages and what cannot be read.
inline std::optional<nlohmann::json> Exchange::body_of(const HttpResponse &response) const {
  const bool reads_itself = party_.read_body != nullptr;
  if (reads_itself ? detail::is_html(response) : detail::is_web_page(response)) return std::nullopt;
  return reads_itself ? party_.read_body(response) : response.json_object();
}

inline Result<nlohmann::json> Exchange::send(HttpRequest request) {
  asked_host_ = std::string(url_host(request.url));
  refusal_ = nullptr;
  server_time_.reset();
  if (request.party.empty()) request.party = party_.name;
  const Result<HttpResponse> response = Http(host_).send(request);
  for (auto &[name, value] : request.headers) wipe(value);
  if (!response) {
    const bool refused_here = response.error().code == Code::bad_request;
    return tl::make_unexpected(
        failed(response.error().code, party_.name + (refused_here ? " (not sent): " : " (no complete answer): ") +
                                          response.error().text.substr(0, 240)));
  }
  if (const auto date = http_date(response->header("date"))) server_time_ = std::chrono::seconds(*date);
  std::optional<nlohmann::json> answer = body_of(*response);
  if (!response->ok() || (!answer && detail::is_web_page(*response))) {
    return tl::make_unexpected(refused(*response, answer));
  }
  if (!answer) {
    const std::string what = party_.read_body == nullptr ? "is not a JSON object" : "cannot be read";
    return tl::make_unexpected(failed(Code::bad_upstream, party_.name + "'s answer " + what + "; " + where_to_look()));
  }
  return std::move(*answer);
}

inline Result<Credentials> Exchange::credentials(const nlohmann::json &answer, const AnswerFields &fields) const {
  constexpr std::size_t username_bytes_max = 256;
  Credentials made;
  made.scope = fields.scope;
  Result<std::string> password = text_in(answer, fields.password, fields.password_setting, fields.any_text);
  if (!password) return tl::make_unexpected(std::move(password.error()));
  made.password = Secret(*password);
  wipe(*password);

  made.username = fields.fixed_username;
  if (made.username.empty() || json_at(answer, fields.username) != nullptr) {
    Result<std::string> username = text_in(answer, fields.username, fields.username_setting, fields.any_text);
    if (!username) return tl::make_unexpected(std::move(username.error()));
    if (username->size() > username_bytes_max || username->find(':') != std::string::npos) {
      return tl::make_unexpected(unusable(fields.username, "that cannot be a username"));
    }
    made.username = std::move(*username);
  }

  Result<Lifetime> lifetime = lifetime_of(answer, fields, made.password);
  if (!lifetime) return tl::make_unexpected(std::move(lifetime.error()));
  made.lifetime = *lifetime;
  host_.log().debug(party_.name + " gave a credential " +
                    (made.lifetime ? "for " + std::to_string(made.lifetime->count()) + " s" : "of unknown lifetime"));
  return made;
}

inline Result<Secret> Exchange::secret_in(const nlohmann::json &answer, const std::string &field) const {
  Result<std::string> text = text_in(answer, field, {}, false);
  if (!text) return tl::make_unexpected(std::move(text.error()));
  Secret secret(*text);
  wipe(*text);
  return secret;
}

inline Failure Exchange::failed(Code code, std::string_view finding) const {
  constexpr std::size_t kept_bytes = 512;  // abi.h, regcred_sink_v1.fail
  std::string text;
  for (const std::size_t value_bytes_max : {120U, 80U, 50U, 24U}) {
    const std::string known = facts(value_bytes_max);
    text = std::string(finding) + (known.empty() ? "" : "; ") + known;
    if (text.size() <= kept_bytes) break;
  }
  if (text.size() > kept_bytes) text = text.substr(0, kept_bytes - 3) + "...";
  return {code, std::move(text)};
}

// ---- Texts ----

inline std::string Exchange::facts(std::size_t value_bytes_max) const {
  const auto named = [value_bytes_max](std::string_view name, std::string_view value) {
    return std::string(name) + " " + (value.empty() ? "none" : shown(value, value_bytes_max));
  };
  std::string text = party_.asked;
  const auto add = [&text](const std::string &fact) { text += (text.empty() ? "" : ", ") + fact; };
  if (!asked_host_.empty()) add(named("host", asked_host_));
  if (!token_) return text;
  std::string audiences;
  for (const std::string &item : token_->claims.audiences) audiences += (audiences.empty() ? "" : ",") + item;
  add(named("token's issuer", token_->claims.issuer));
  add(named("audience", audiences));
  add(named("subject", token_->claims.subject));
  return text;
}

// For answers that seem to come from another server than was meant.
inline std::string Exchange::where_to_look() const {
  if (party_.host_setting.empty()) return "check the proxy";
  return "check " + std::string(party_.host_setting) + " and the proxy";
}

namespace detail {

// Whether `text` holds one of the words, which have | between them.
[[nodiscard]] inline bool holds_one_of(std::string_view text, std::string_view words) {
  while (true) {
    const std::size_t end = words.find('|');
    if (text.find(words.substr(0, end)) != std::string_view::npos) return true;
    if (end == std::string_view::npos) return false;
    words.remove_prefix(end + 1);
  }
}

[[nodiscard]] inline bool fits(const Refusal &refusal, int status, std::string_view error,
                               const std::optional<nlohmann::json> &body) {
  const bool of_status = refusal.status == 0 ? code_of_status(status) == Code::denied : refusal.status == status;
  if (!of_status || (!refusal.error.empty() && refusal.error != error)) return false;
  if (refusal.member.empty()) return true;
  const nlohmann::json *text = body ? json_at(*body, refusal.member) : nullptr;
  return text != nullptr && text->is_string() && holds_one_of(text->get_ref<const std::string &>(), refusal.contains);
}

}  // namespace detail

inline Failure Exchange::refused(const HttpResponse &response, const std::optional<nlohmann::json> &body) {
  const int status = response.status;
  const bool page = !body && detail::is_web_page(response);
  const std::string_view error = body ? detail::oauth_error(*body) : std::string_view{};
  const std::string http = "(HTTP " + std::to_string(status) + (error.empty() ? "" : ", ") + std::string(error) + ")";
  for (const Refusal &refusal : party_.refusals) {
    if (page || !detail::fits(refusal, status, error, body)) continue;
    refusal_ = &refusal;
    return judged(refusal.code, http, refusal.words, response);
  }
  if (status >= 300 && status < 400) {
    return failed(Code::bad_upstream, party_.name + " redirects " + http + " to " +
                                          detail::redirect_target(response.header("location")) +
                                          "; not followed, since the token would go there; " + where_to_look());
  }
  const Code code = code_of_status(status);
  if (code == Code::throttled) {
    return judged(code, http, "it asks to wait; nodes behind one NAT share its limit, so let the kubelet cache longer",
                  response);
  }
  if (code == Code::unavailable) {
    return judged(code, http, "it is failing; see its status page, try again later", response);
  }
  if (page) {
    return failed(Code::bad_upstream, "a web page " + http + " instead of " + party_.name +
                                          "'s answer: a proxy, firewall or login page is in between; " +
                                          where_to_look());
  }
  if (code == Code::denied) {
    return judged(code, http,
                  token_ ? "the token is refused; its issuer, audience and subject must be trusted there"
                         : "it is refused; see what this identity may do there",
                  response);
  }
  return judged(code, http, "this status is not documented; " + where_to_look(), response);
}

namespace detail {

// Why a token is refused, where its own times tell; empty when they do not.
[[nodiscard]] inline std::string cause_in(const UnverifiedClaims &claims, std::int64_t now) {
  if (claims.expires_at && *claims.expires_at <= now) {
    return expired_words(*claims.expires_at, now) + "; check the clock";
  }
  if (claims.not_before && *claims.not_before > now) {
    return not_yet_valid_words(*claims.not_before, now) + "; check the clocks of this node and of the control plane";
  }
  return {};
}

}  // namespace detail

inline Failure Exchange::judged(Code code, const std::string &http, std::string_view words,
                                const HttpResponse &response) const {
  std::string finding = party_.name + " " + http + ": ";  // guard: finding-not-quoted
  if (code == Code::unavailable && response.attempts > 1) {
    finding.insert(finding.size() - std::string_view("): ").size(),
                   ", " + std::to_string(response.attempts) + " tries");
  }
  const bool token_refused = code == Code::denied && token_;
  const std::string cause =
      token_refused ? detail::cause_in(token_->claims, host_.clock().unix_now().count()) : std::string();
  if (!cause.empty()) {
    finding += cause;
  } else if (token_refused && response.status != 404 && !party_.may_know_cluster_issuer &&
             is_cluster_issuer(token_->claims.issuer)) {
    finding +=
        "the token's issuer is known inside the cluster only, so its keys cannot be read from there: publish "
        "them, and set kube-apiserver's --service-account-issuer to that https address";
  } else {
    finding += words;  // guard: body-not-quoted
  }
  Failure failure = failed(code, finding);
  if (code == Code::throttled) failure.retry_after = response.retry_after;
  return failure;
}

// ---- Answers ----

inline Failure Exchange::lacks(std::string_view field, std::string_view setting) const {
  const std::string correct = setting.empty() ? "" : "correct " + std::string(setting) + ", or ";
  return failed(Code::bad_upstream,
                party_.name + "'s answer holds no " + shown(field) + "; " + correct + where_to_look());
}

inline Failure Exchange::unusable(std::string_view field, std::string_view why) const {
  return failed(Code::bad_upstream, party_.name + "'s answer holds a " + shown(field) + " " + std::string(why));
}

// A member that can be a username or a password: printable ASCII without blanks, unless people chose it.
inline Result<std::string> Exchange::text_in(const nlohmann::json &answer, const std::string &field,
                                             std::string_view setting, bool any_text) const {
  constexpr std::size_t password_bytes_max = 64U * 1024U;  // abi.h, regcred_sink_v1.add_auth
  const nlohmann::json *found = json_at(answer, field);
  if (found == nullptr) return tl::make_unexpected(lacks(field, setting));
  if (!found->is_string()) return tl::make_unexpected(unusable(field, "that is not a text"));
  const std::string &value = found->get_ref<const std::string &>();
  if (value.empty()) {
    const std::string cure = any_text ? "write it again" : where_to_look();
    return tl::make_unexpected(unusable(field, "that is empty; " + cure));
  }
  if (value.size() > password_bytes_max) return tl::make_unexpected(unusable(field, "of more than 64 KiB"));
  if (any_text && (has_control_character(value) || !is_utf8(value))) {
    return tl::make_unexpected(
        unusable(field, "with a line end or another control character, or not in UTF-8; write it again without"));
  }
  if (!any_text && !std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; })) {
    return tl::make_unexpected(unusable(field, "with blanks, control or non-ASCII characters"));
  }
  return value;
}

inline Result<Exchange::Lifetime> Exchange::lifetime_of(const nlohmann::json &answer, const AnswerFields &fields,
                                                        const Secret &password) const {
  constexpr std::chrono::seconds lifetime_max = std::chrono::hours(24);
  const std::int64_t now = fields.now.value_or(host_.clock().unix_now()).count();
  const std::optional<UnverifiedClaims> claims = read_unverified_claims(password.reveal());
  const nlohmann::json *in = json_at(answer, fields.expires_in);
  const nlohmann::json *at = json_at(answer, fields.expires_at);
  struct Source {
    std::string_view name;
    bool present;
    std::optional<std::int64_t> seconds;
    std::int64_t origin;
  };
  const Source sources[] = {
      {fields.expires_in, in != nullptr, detail::seconds_in(in), 0},
      {fields.expires_at, at != nullptr, detail::unix_time_in(at), now},
      {"exp", claims && claims->all.contains("exp"), claims ? claims->expires_at : std::nullopt, now},
  };
  Lifetime shortest;
  for (const Source &source : sources) {
    if (source.present && !source.seconds) {
      host_.log().warn(party_.name + "'s answer holds a " + shown(source.name) + " that is not a time; not cached");
      shortest = std::chrono::seconds(0);  // guard: unreadable-expiry
    }
    if (!source.seconds) continue;
    const std::chrono::seconds left(*source.seconds - source.origin);
    // A life of 0 s that starts now forbids caching; an end that has passed makes the credential useless.
    if (left.count() < 0 || (left.count() == 0 && source.origin == now)) {
      return tl::make_unexpected(
          failed(Code::bad_upstream,
                 party_.name + "'s new credential expired " + std::to_string(-left.count()) + " s ago, by its " +
                     shown(source.name) +
                     " and this node's clock, so the clock is probably ahead; check the time service (NTP)"));
    }
    shortest = std::min({left, shortest.value_or(left), lifetime_max});  // guard: shortest-lifetime
  }
  return shortest;
}

}  // namespace regcred
