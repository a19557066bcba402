#include "cli/doctor/worker_network.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/doctor/probe_json.hpp"
#include "common/text.hpp"
#include "dispatch/answer_rules.hpp"
#include "dispatch/backend_call.hpp"
#include "services/host.hpp"
#include "services/http/lazy_http.hpp"
#include "services/http/module_library.hpp"
#include "worker/isolation.hpp"

namespace regcred::core {
namespace {

using nlohmann::json;

constexpr std::int64_t call_ms_max = 20'000;
constexpr std::int64_t last_words_ms = 300;  // a call in the worker ends before its parent loses patience
constexpr std::size_t body_bytes_max = 256U << 10U;

std::string dumped(const json &document) { return document.dump(-1, ' ', false, json::error_handler_t::replace); }

// The worker's lines to its parent.
class WorkerLog final : public LogSink {
 public:
  WorkerLog(const WorkerChannel &channel, const LogSink &parent) : channel_(channel), parent_(parent) {}
  [[nodiscard]] bool enabled(std::int32_t level) const noexcept override { return parent_.enabled(level); }
  void write(std::int32_t level, std::string_view line) noexcept override { channel_.send_log(level, line); }

 private:
  const WorkerChannel &channel_;
  const LogSink &parent_;
};

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

std::string fetched_as_json(tl::expected<HttpResponse, HttpFailure> outcome) {
  json document;
  if (!outcome) {
    document = {{"failure", outcome.error().text}, {"timedOut", outcome.error().code == REGCRED_TIMEOUT}};
  } else if (outcome->body.size() > body_bytes_max) {
    document = {{"failure", "the answer is longer than 256 KiB; see what stands at this address"}};
  } else {
    document = {{"status", outcome->status}, {"body", outcome->body}, {"headers", json::array()}};
    for (const auto &[name, value] : outcome->headers) document["headers"].push_back({name, value});
    wipe(outcome->body);
  }
  return dumped(document);
}

Fetched fetched_from_json(std::string_view bytes) {
  const json document = json::parse(bytes, nullptr, false);
  Fetched fetched;
  try {
    fetched.status = document.value("status", 0);
    fetched.body = document.value("body", "");
    fetched.failure = document.value("failure", "");
    fetched.timed_out = document.value("timedOut", false);
    for (const json &header : document.value("headers", json::array())) {
      fetched.headers.emplace_back(header.at(0).get<std::string>(), header.at(1).get<std::string>());
    }
  } catch (const json::exception &) {
    return {.failure = "the worker sent damaged data"};
  }
  return fetched;
}

Error worker_error(const std::string &where, const WorkerFailure &failure) {
  return {failure.deadline ? ErrorCode::deadline : ErrorCode::backend, where, "the worker " + failure.what,
          failure.cure};
}

}  // namespace

WorkerNetwork::WorkerNetwork(WorkerNetworkParts parts) : parts_(std::move(parts)), public_http_(parts_.config.http) {
  public_http_.ca_files.clear();
}

Deadline WorkerNetwork::call_deadline() const {
  return {parts_.clock.monotonic_ms() + std::min<std::int64_t>(call_ms_max, parts_.config.deadline.count())};
}

Fetched WorkerNetwork::get(const std::string &url, const Headers &headers) {
  const Deadline deadline = call_deadline();
  const WorkerBody body = [&](const WorkerChannel &channel) {
    WorkerLog log(channel, parts_.log);
    LazyHttp http(parts_.installation.library_directory, parts_.config.http, {deadline.monotonic_ms - last_words_ms},
                  parts_.clock, {&log});
    HttpRequest request{.method = "GET", .url = url, .may_repeat = false};
    request.headers.assign(headers.begin(), headers.end());
    channel.send_result(fetched_as_json(http.send(request)));
  };
  const auto bytes = run_isolated(body, deadline, parts_.clock, parts_.log);
  if (bytes) return fetched_from_json(bytes->reveal());
  return {.failure = "the worker " + bytes.error().what + "; " + bytes.error().cure,
          .timed_out = bytes.error().deadline};
}

Result<ProbeReport> WorkerNetwork::probe(const std::string &authority, bool own_roots) {
  const Deadline deadline = call_deadline();
  const HttpConfig &config = own_roots ? parts_.config.http : public_http_;
  const WorkerBody body = [&](const WorkerChannel &channel) {
    const std::int64_t left_ms = remaining_ms(deadline, parts_.clock) - last_words_ms;
    const AttemptLimits limits{std::min(config.attempt_ms_max, left_ms), std::min(config.connect_ms_max, left_ms)};
    const Result<ProbeReport> report =
        probe_host(parts_.installation.library_directory, config, parts_.clock, authority, limits);
    channel.send_result(report ? probe_as_json(*report) : error_as_json(report.error()));
  };
  const auto bytes = run_isolated(body, deadline, parts_.clock, parts_.log);
  if (!bytes) return tl::make_unexpected(worker_error(authority, bytes.error()));
  return probe_from_json(bytes->reveal());
}

Result<FirstRequest> WorkerNetwork::first_request(const BackendJob &job) {
  const Deadline deadline = call_deadline();
  const WorkerBody body = [&](const WorkerChannel &channel) {
    FirstRequestHttp http;
    NoLog log;
    HostServices host({parts_.clock,
                       {deadline.monotonic_ms - last_words_ms},
                       http,
                       log,
                       job.request.service_account_token.reveal(),
                       parts_.credentials_directory});
    // Whom the backend asks does not depend on the audience, and nothing leaves: a token for somebody else will do.
    RegistryEntry entry = job.entry;
    entry.audience.clear();
    WorkerResult result = call_backend({entry, job.route, job.request}, parts_.loader, host);
    if (!http.first.method.empty()) {
      return channel.send_result(dumped({{"method", http.first.method}, {"url", http.first.url}}));
    }
    const Result<Verdict> verdict = judge_result(
        std::move(result), {job.entry, job.route, job.request.service_account_token.reveal(), parts_.clock.unix_ms()});
    channel.send_result(verdict ? dumped(json::object()) : error_as_json(verdict.error()));
  };
  const auto bytes = run_isolated(body, deadline, parts_.clock, parts_.log);
  if (!bytes) return tl::make_unexpected(worker_error(entry_label(job.entry), bytes.error()));
  const json document = json::parse(bytes->reveal(), nullptr, false);
  if (std::optional<Error> error = error_from_json(document)) return tl::make_unexpected(std::move(*error));
  try {
    return FirstRequest{document.value("method", ""), document.value("url", "")};
  } catch (const json::exception &) {
    return tl::make_unexpected(
        Error{ErrorCode::backend, entry_label(job.entry), "the worker sent damaged data", "report this"});
  }
}

SignatureCheck WorkerNetwork::check(const SignedToken &token, const PublicKey &key) {
  const WorkerBody body = [&](const WorkerChannel &channel) {
    const Result<const HttpModule *> module = load_http_module(parts_.installation.library_directory);
    const SignatureCheck outcome = module ? (*module)->check_signature(token, key) : SignatureCheck::not_checked;
    channel.send_result(std::to_string(static_cast<int>(outcome)));
  };
  const auto bytes = run_isolated(body, call_deadline(), parts_.clock, parts_.log);
  const int outcome = bytes && bytes->size() == 1 ? bytes->reveal().front() - '0' : -1;
  constexpr int last = static_cast<int>(SignatureCheck::not_checked);
  return outcome < 0 || outcome > last ? SignatureCheck::not_checked : static_cast<SignatureCheck>(outcome);
}

}  // namespace regcred::core
