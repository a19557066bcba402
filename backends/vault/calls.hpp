// SPDX-License-Identifier: Apache-2.0
// The calls of Vault's API: login, read, revocation; and what a refusal of them means.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/exchange.hpp>
#include <regcred/http.hpp>
#include <span>
#include <string_view>

#include "options.hpp"

namespace vault {

// POST auth/MOUNT/login with the pod's token.
[[nodiscard]] regcred::HttpRequest login_request(const Options &options, const regcred::PodToken &token);

// GET of `path`, as secret_path() made it, with the token of a login.
[[nodiscard]] regcred::HttpRequest read_request(const Options &options, std::string_view path,
                                                const regcred::Secret &login);

// The same with the login in its headers, as OpenBao has it: no token is made, so none is left behind.
[[nodiscard]] regcred::HttpRequest inline_request(const Options &options, std::string_view path,
                                                  const regcred::PodToken &token);

// POST auth/token/revoke-self with the token of a login. Sent once, for at most a second.
[[nodiscard]] regcred::HttpRequest revocation_request(const Options &options, const regcred::Secret &login);

// What these calls are refused with. Rows look at the member `said` that the functions below make.
[[nodiscard]] std::span<const regcred::Refusal> refusals();

// The JSON object of an answer. Of a refusal: {"said": "login: " or "read: ", then what the server says}, since most of
// its sentences come with the same status. The second function is for reads, whose headers tell when an inline login
// failed.
[[nodiscard]] std::optional<nlohmann::json> login_body(const regcred::HttpResponse &response);
[[nodiscard]] std::optional<nlohmann::json> read_body(const regcred::HttpResponse &response);

}  // namespace vault
