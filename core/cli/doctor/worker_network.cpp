// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/worker_network.hpp"

#include <algorithm>
#include <regcred/base64.hpp>

#include "common/text.hpp"
#include "dispatch/answer_rules.hpp"
#include "dispatch/backend_call.hpp"
#include "services/host.hpp"
#include "services/http/lazy_http.hpp"
#include "services/http/module_library.hpp"
#include "services/process/programs.hpp"

namespace regcred::core {
namespace {

constexpr const char *who = "the worker";
constexpr std::int64_t call_ms_max = 20'000;

// Keeps what the backend wants to send, and sends nothing.
class FirstRequestHttp final : public Http {
 public:
  [[nodiscard]] tl::expected<HttpResponse, HttpFailure> send(const HttpRequest &request) override {
    if (first.method.empty()) {
      first = {std::string(request.method), std::string(request.url.substr(0, request.url.find('?')))};
    }
    return tl::make_unexpected(HttpFailure{REGCRED_UNAVAILABLE, "nothing is sent yet", 0});
  }
  FirstRequest first;
};

Fetched fetched(tl::expected<HttpResponse, HttpFailure> outcome) {
  if (!outcome) return {.failure = outcome.error().text, .timed_out = outcome.error().code == REGCRED_TIMEOUT};
  if (outcome->body.size() > fetched_body_bytes_max) {
    return {.failure = "the answer is longer than 256 KiB; see what answers at this address"};
  }
  Fetched fetched{.status = outcome->status, .body = std::move(outcome->body)};
  for (auto &[name, value] : outcome->headers) fetched.headers.emplace_back(name, value);
  return fetched;
}

}  // namespace

WorkerNetwork::WorkerNetwork(WorkerNetworkParts parts) : parts_(std::move(parts)), public_http_(parts_.config.http) {
  public_http_.ca_files.clear();
}

WorkerSite WorkerNetwork::site(std::string where) const {
  const std::int64_t ms_max = std::min<std::int64_t>(call_ms_max, parts_.config.deadline.count());
  return {std::move(where), {parts_.clock.monotonic_ms() + ms_max}, parts_.clock, parts_.log};
}

Fetched WorkerNetwork::get(const std::string &url, const Headers &headers, AddressKinds allowed) {
  const Result<Fetched> outcome = in_worker<Fetched>(site(url), who, [&](LogSink &log, Deadline deadline) {
    LazyHttp http(parts_.installation.library_directory, parts_.config.http, deadline, parts_.clock, {&log});
    AddressGuard guard{allowed};
    HttpRequest request{.method = "GET", .url = url, .may_repeat = false, .guard = &guard};
    request.headers.assign(headers.begin(), headers.end());
    Fetched answer = fetched(http.send(request));
    answer.address = guard.address;
    if (guard.address.empty()) answer.refused = guard.refused;
    return answer;
  });
  if (outcome) return *outcome;
  const Error &error = outcome.error();
  return {.failure = error.what + "; " + error.cure, .timed_out = error.code == ErrorCode::deadline};
}

Result<ProbeReport> WorkerNetwork::probe(const std::string &authority, bool own_roots) {
  const HttpConfig &config = own_roots ? parts_.config.http : public_http_;
  return in_worker<ProbeReport>(site(authority), who, [&](LogSink &, Deadline deadline) {
    const std::int64_t left_ms = remaining_ms(deadline, parts_.clock);
    const AttemptLimits limits{std::min(config.attempt_ms_max, left_ms), std::min(config.connect_ms_max, left_ms)};
    return probe_host(parts_.installation.library_directory, config, parts_.clock, authority, limits);
  });
}

Request without_signature(const Request &request) {
  const std::string_view token = request.service_account_token.reveal();
  Request unsigned_request;
  unsigned_request.api_version = request.api_version;
  unsigned_request.image = request.image;
  unsigned_request.annotations = request.annotations;
  unsigned_request.token_claims = request.token_claims;
  std::string text(token.substr(0, token.rfind('.') + 1));
  if (!token.empty()) text += base64url_encode("not the issuer's signature");
  unsigned_request.service_account_token = Secret(text);
  wipe(text);
  return unsigned_request;
}

Result<FirstRequest> WorkerNetwork::first_request(const BackendJob &asked) {
  const Request unsigned_request = without_signature(asked.request);
  const BackendJob job{asked.entry, asked.route, unsigned_request};
  const std::string_view token = unsigned_request.service_account_token.reveal();
  const auto begin = [&](LogSink &, Deadline deadline) -> Result<FirstRequest> {
    FirstRequestHttp http;
    NoLog log;
    JudgedPrograms programs;
    HostServices host({parts_.clock, deadline, http, log, token, parts_.credentials_directory, nullptr, &programs});
    Result<WorkerResult> result = call_backend(job, parts_.loader, host);
    if (!http.first.method.empty()) return http.first;
    if (!result) return tl::make_unexpected(result.error());
    if (!programs.asked().empty() && result->code == REGCRED_UNAVAILABLE) {  // its file is as it must be
      return FirstRequest{.program = printable(programs.asked(), wire_text_bytes_max)};
    }
    const Result<Verdict> verdict =
        judge_result(std::move(*result), {job.entry, job.route, job.request.image, token, parts_.clock.unix_ms()});
    if (!verdict) return tl::make_unexpected(verdict.error());
    return FirstRequest{};
  };
  return in_worker<FirstRequest>(site(entry_label(job.entry)), who, begin);
}

SignatureCheck WorkerNetwork::check(const SignedToken &token, const PublicKey &key) {
  const auto check = [&](LogSink &, Deadline) {
    const Result<const HttpModule *> module = load_http_module(parts_.installation.library_directory);
    return module ? (*module)->check_signature(token, key) : SignatureCheck::not_checked;
  };
  return in_worker<SignatureCheck>(site("signature"), who, check).value_or(SignatureCheck::not_checked);
}

}  // namespace regcred::core
