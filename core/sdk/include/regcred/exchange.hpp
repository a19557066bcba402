// SPDX-License-Identifier: Apache-2.0
// One exchange: the pod's token goes to one address, a credential comes back. All that a backend needs whose registry
// has a token endpoint:
//
//   Result<Credentials> get_credentials(const Request &request) override {
//     const Result<PodToken> token = pod_token(request);
//     if (!token) return tl::make_unexpected(token.error());
//     Exchange exchange(host_, *token, {.name = "Acme", .asked = "team " + shown(team_)});
//     const Result<nlohmann::json> answer =
//         exchange.send(post_json("https://" + api_host_ + "/oidc", {{"jwt", token->text}, {"team", team_}}));
//     if (!answer) return tl::make_unexpected(answer.error());
//     return exchange.credentials(*answer, {.fixed_username = "token", .scope = Scope::registry});
//   }
//
// Every failure says what was wrong and where to look, then which host was asked for what, and the token's issuer,
// audience and subject: what an operator compares with the registry's settings. Nothing of the token, of the answer or
// of the registry's own error text is ever quoted.
#pragma once

#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/backend.hpp>
#include <regcred/http.hpp>
#include <regcred/json.hpp>
#include <regcred/jwt.hpp>
#include <regcred/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regcred {

// ---- The pod's token ---------------------------------------------------------------------------------------------

// A token that may be sent: base64url and dots only, so that no body, form or header has to escape it.
struct PodToken {
  std::string_view text;  // valid as long as the request
  UnverifiedClaims claims;
};

// The request's token. BAD_REQUEST when there is none, or when it is not a compact JWT (RFC 7519, section 3).
[[nodiscard]] inline Result<PodToken> pod_token(const Request &request);

// ---- Requests ----------------------------------------------------------------------------------------------------

// Names and values of a body, UTF-8. Views: what they point to must live until the request is made.
using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

// POST with the fields as application/x-www-form-urlencoded, in order; a name may occur again. Asks for JSON. The
// buffer in which the body is built is wiped; the body is a Secret.
[[nodiscard]] inline HttpRequest post_form(std::string url, const Fields &fields);

// The same with the fields as one JSON object of texts. A JSON library would leave copies of the token behind.
[[nodiscard]] inline HttpRequest post_json(std::string url, const Fields &fields);

// GET of `url` at one of the clouds' metadata services, with the header that each of them wants: by plain http, without
// a proxy, for at most 1 s, since off that cloud the address answers nothing. abi.h lists the hosts. Another method or
// time is set in what comes back. The value may be a token: Exchange::send() wipes it.
[[nodiscard]] inline HttpRequest metadata_request(std::string url, std::string header, std::string_view value);

// Adds `Authorization: Bearer TOKEN` (RFC 6750, section 2.1).
inline void add_bearer(HttpRequest &request, const PodToken &token);

// ---- The exchange ------------------------------------------------------------------------------------------------

// What one answer other than 200 and 201 means, by the registry's documentation.
struct Refusal {
  int status;              // 0: any that code_of_status() calls denied
  std::string_view error;  // its member `error`, one of RFC 6749 (5.2) or RFC 8693 (2.2.2); empty: whatever it says
  Code code;
  std::string_view words;          // follow on `NAME (HTTP 401): `; what it means; where to look
  std::string_view member = {};    // json_at(), and it must be a text that
  std::string_view contains = {};  // holds this, or one of several: "SlowDown|TooManyRequests"
};

// Where an answer holds the credential: paths of json_at(), "auth.client_token", "tokens.0.value".
struct AnswerFields {
  std::string password = "access_token";
  std::string username = {};              // used when the answer has it,
  std::string fixed_username = {};        // else this. One of the two is needed
  std::string expires_in = "expires_in";  // seconds from now; may be absent
  std::string expires_at = {};            // seconds since 1970, or an RFC 3339 time; may be absent
  Scope scope = Scope::image;             // registry when the exchange does not depend on the image
  // From when expires_at counts: server_time(), where this node's clock has turned out to be wrong. nullopt: this
  // node's clock.
  std::optional<std::chrono::seconds> now = std::nullopt;
  // Where the operator names the fields, the setting of each: "settings.passwordField". The error for a missing field
  // then says which setting to correct. Lives as long as the process.
  std::string_view password_setting = {};
  std::string_view username_setting = {};
  bool any_text = false;  // people chose the password: UTF-8 and blanks may be in it
};

// One exchange with one party. Lives for one get_credentials. A backend whose registry wants several calls makes one
// for each party that it asks: STS, then the registry's own service.
class Exchange {
 public:
  // The service that gets the token, and what texts call it. What the views point to lives as long as the process.
  struct Party {
    std::string name;                        // begins a sentence: "JFrog"
    std::string asked = {};                  // for what: `provider "k8s"`. What comes from outside by shown()
    std::string_view host_setting = {};      // that names the host: "settings.apiHost"; empty: none does
    std::span<const Refusal> refusals = {};  // the first that fits the answer is used
    // Reads an answer that is not JSON, XML for instance, as the object that stands for it; nullopt when it cannot.
    std::optional<nlohmann::json> (*read_body)(const HttpResponse &response) = nullptr;  // null: JSON
    // True for a service that may stand in the cluster, or to which keys can be uploaded: an issuer that is known
    // inside the cluster only is then not named as the cause of a refusal.
    bool may_know_cluster_issuer = false;
  };

  Exchange(Host host, PodToken token, Party party);

  // Without the pod's token: for the identity of the node. Texts then name no claims.
  Exchange(Host host, Party party);

  // Sends `request` and gives the JSON object of a 200 or 201. Failures: the host's code when no response came; what
  // `refusals` says, else code_of_status() with the time to wait when throttled; bad_upstream for redirects, web pages
  // and what is not a JSON object. A denied token that is expired by this node's clock is named as the cause. Wipes the
  // request's header values.
  [[nodiscard]] Result<nlohmann::json> send(HttpRequest request);

  // Of Party::refusals, the one that the last send() failed with; null when it did not, or none fitted.
  [[nodiscard]] const Refusal *refusal() const noexcept { return refusal_; }

  // When the last answer was made, by its server's clock: the Date header (RFC 9110, section 6.6.1). nullopt without
  // one that can be read.
  [[nodiscard]] std::optional<std::chrono::seconds> server_time() const noexcept { return server_time_; }

  // The credential in an answer. Its lifetime is the shortest of what expires_in, expires_at, and the exp of a password
  // that is a JWT say; at most a day, so that a revoked credential does not stay in use; unknown without all three;
  // 0, which forbids caching, when one of them cannot be read.
  // bad_upstream: a field is missing or cannot be a username or password, or the credential is expired already. Logs
  // the lifetime at level debug.
  [[nodiscard]] Result<Credentials> credentials(const nlohmann::json &answer, const AnswerFields &fields) const;

  // The secret at the path `field` of json_at(), where the next call needs it and it is not the credential yet: an
  // access token, a key. Fails as credentials() does for its password.
  [[nodiscard]] Result<Secret> secret_in(const nlohmann::json &answer, const std::string &field) const;

  // A failure of this exchange: `finding` (what was wrong; where to look), then the facts, cut so that the whole is
  // what the host keeps. Before send() no host is named.
  [[nodiscard]] Failure failed(Code code, std::string_view finding) const;

  // `provider "k8s", host "acme.jfrog.io", token's issuer "...", audience "...", subject "..."`: for a log line. At
  // most `value_bytes_max` bytes of each value.
  [[nodiscard]] std::string facts(std::size_t value_bytes_max = 80) const;

 private:
  using Lifetime = std::optional<std::chrono::seconds>;

  [[nodiscard]] std::string where_to_look() const;
  [[nodiscard]] std::optional<nlohmann::json> body_of(const HttpResponse &response) const;
  [[nodiscard]] Failure refused(const HttpResponse &response, const std::optional<nlohmann::json> &body);
  [[nodiscard]] Failure judged(Code code, const std::string &http, std::string_view words,
                               const HttpResponse &response) const;
  [[nodiscard]] Failure lacks(std::string_view field, std::string_view setting) const;
  [[nodiscard]] Failure unusable(std::string_view field, std::string_view why) const;
  [[nodiscard]] Result<std::string> text_in(const nlohmann::json &answer, const std::string &field,
                                            std::string_view setting, bool any_text) const;
  [[nodiscard]] Result<Lifetime> lifetime_of(const nlohmann::json &answer, const AnswerFields &fields,
                                             const Secret &password) const;

  Host host_;
  std::optional<PodToken> token_;
  Party party_;
  std::string asked_host_;
  const Refusal *refusal_ = nullptr;
  std::optional<std::chrono::seconds> server_time_;
};

}  // namespace regcred

#include <regcred/detail/exchange_impl.hpp>
#include <regcred/detail/pod_requests_impl.hpp>
