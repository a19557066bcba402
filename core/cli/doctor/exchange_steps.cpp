// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/exchange_steps.hpp"

#include <algorithm>
#include <regcred/http.hpp>

#include "common/duration.hpp"
#include "common/join.hpp"

namespace regcred::core {
namespace {

constexpr const char *exchange_area = "exchange";
constexpr std::size_t longest_method = 4;
constexpr const char *without_network = " answers without network";

std::string in_ms(std::int64_t until_ms, std::int64_t from_ms) {
  return until_ms < 0 ? "" : " in " + std::to_string(until_ms - std::max<std::int64_t>(0, from_ms)) + " ms";
}

Step step_of(const std::string &name, StepState state, std::string what, std::string cure = {}) {
  return {exchange_area, name, state, std::move(what), std::move(cure), {}};
}

Step broken_phase(const std::string &name, const std::string &failure) {
  WhatAndCure words = split_cure(failure);
  return step_of(name, StepState::failed, std::move(words.what), std::move(words.cure));
}

Step tls_step(const std::string &name, const ProbeReport &probe) {
  Step step = probe.ended_in == ProbePhase::done ? step_of(name, StepState::passed,
                                                           probe.tls_version + ", the certificate is trusted" +
                                                               in_ms(probe.times.tls_ms, probe.times.connect_ms))
                                                 : broken_phase(name, probe.failure);
  for (const ProbedCertificate &certificate : probe.chain) {
    step.details.push_back("certificate " + certificate.subject + ", by " + certificate.issuer + ", " +
                           (certificate.expired ? "expired since " : "until ") + certificate.not_after +
                           (certificate.names.empty() ? "" : ", for " + certificate.names));
  }
  if (!probe.verify_result.empty()) step.details.push_back("verified by OpenSSL: " + probe.verify_result);
  return step;
}

// The phases of one probe as steps, their names followed by `number`; those after the failed one are skipped.
bool report_probe(const std::string &authority, const std::string &number, const ProbeReport &probe,
                  DoctorReport &report) {
  const std::string name = "exchange-name" + number;
  const std::string connection = "exchange-connection" + number;
  const std::string tls = "exchange-tls" + number;
  if (probe.ended_in == ProbePhase::setup) {
    report.add(broken_phase(name, probe.failure));
    report.skip(exchange_area, {connection, tls}, "nothing could be tried");
    return false;
  }
  if (probe.ended_in == ProbePhase::name) {
    report.add(broken_phase(name, probe.failure));
    report.skip(exchange_area, {connection, tls}, "the name is not resolved");
    return false;
  }
  report.add(step_of(name, StepState::passed,
                     (probe.through_proxy ? "the proxy " + probe.proxy + " is " : authority + " is ") +
                         joined(probe.addresses) + in_ms(probe.times.name_ms, 0) +
                         (probe.through_proxy ? "; it resolves " + authority : "")));
  if (probe.ended_in == ProbePhase::connection) {
    report.add(broken_phase(connection, probe.failure));
    report.skip(exchange_area, {tls}, "there is no connection");
    return false;
  }
  report.add(step_of(connection, StepState::passed,
                     "to " + (probe.connected_to.empty() ? authority : probe.connected_to) +
                         in_ms(probe.times.connect_ms, probe.times.name_ms) +
                         (probe.through_proxy ? ", the proxy " + probe.proxy : ", without a proxy")));
  report.add(tls_step(tls, probe));
  return probe.ended_in == ProbePhase::done;
}

std::string kept_words(const Answer &answer) {
  if (!answer.cache_duration) return "kept as long as the kubelet's defaultCacheDuration says";
  if (answer.cache_duration->count() == 0) return "not kept by the kubelet";
  return "kept by the kubelet for " + format_seconds(*answer.cache_duration) +
         (answer.cache_key_type == CacheKeyType::registry ? ", for every image of the registry" : ", for this image");
}

}  // namespace

void report_bypassed(const Bypassed &bypassed, const Config &config, DoctorReport &report) {
  if (bypassed.cache.empty() && bypassed.throttled.empty()) return;
  Step step = step_of("exchange-memory", StepState::passed,
                      bypassed.throttled.empty() ? bypassed.cache : bypassed.throttled.front());
  if (!bypassed.throttled.empty()) {
    step.cure = "pulls fail until then; this exchange asks all the same; `" + clear_throttle_command(config) +
                "` lets pulls ask again, too";
    step.details.assign(bypassed.throttled.begin() + 1, bypassed.throttled.end());
    if (!bypassed.cache.empty()) step.details.push_back(bypassed.cache);
  }
  report.add(std::move(step));
}

bool examine_connection(const BackendJob &job, DoctorNetwork &network, DoctorReport &report) {
  const std::vector<std::string> later(connection_steps.begin() + 1, connection_steps.end());
  const Result<FirstRequest> first = network.first_request(job);
  if (!first) {
    report.add(failed_step(exchange_area, "exchange-host", first.error()));
    report.skip(exchange_area, later, "the backend asks nobody");
    return false;
  }
  if (first->method.empty()) {
    const std::string &program = first->program;
    report.add(step_of("exchange-host", StepState::passed,
                       "backend " + job.entry.backend + (program.empty() ? without_network : " runs " + program)));
    report.skip(exchange_area, later, "nobody is asked");
    return true;
  }
  report.add(step_of("exchange-host", StepState::passed,
                     "backend " + job.entry.backend + " asks " + first->method + ' ' + first->url));
  if (!first->url.starts_with("https://")) {  // the http service lets only metadata endpoints pass
    report.skip(exchange_area, later, "a cloud's metadata endpoint, asked without TLS and proxy");
    return true;
  }
  const std::string authority(url_host(first->url));
  const Result<ProbeReport> probe = network.probe(authority, true);
  if (probe) return report_probe(authority, "", *probe, report);
  report.add(failed_step(exchange_area, "exchange-name", probe.error()));
  report.skip(exchange_area, {"exchange-connection", "exchange-tls"}, "nothing could be tried");
  return false;
}

void examine_last_host(const std::vector<std::string> &trace, DoctorNetwork &network, DoctorReport &report) {
  std::string first;
  std::string last;
  bool answered = true;
  for (const std::string &line : trace) {  // of services/http/trace.hpp: "POST https://host/path: no response in 5 ms"
    const std::size_t url = line.find(" https://");
    if (url > longest_method) continue;  // also when there is none
    last = url_host(std::string_view(line).substr(url + 1, line.find(": ", url) - url - 1));
    if (first.empty()) first = last;
    answered = line.find(": no response in ") == std::string::npos;
  }
  if (answered || last == first) return;
  report.add(step_of("exchange-host-2", StepState::passed, "a later call asks " + last));
  const Result<ProbeReport> probe = network.probe(last, true);
  if (probe) {
    report_probe(last, "-2", *probe, report);
  } else {
    report.add(failed_step(exchange_area, "exchange-name-2", probe.error()));
  }
}

bool asks_nobody(const DoctorReport &report) {
  return std::any_of(report.steps().begin(), report.steps().end(), [](const Step &step) {
    return step.name == connection_steps.front() && step.what.ends_with(without_network);
  });
}

void report_calls(const std::vector<HttpCall> &calls, bool exchange_failed, DoctorReport &report) {
  const auto is_good = [](const HttpCall &call) { return call.status >= 200 && call.status <= 299; };
  const auto last_bad = std::find_if_not(calls.rbegin(), calls.rend(), is_good);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const HttpCall &call = calls[i];
    std::string what = call.party + (call.party.empty() ? "" : ": ") + call.method + ' ' + call.url + ": ";
    what += call.status == 0 ? "no response" : "HTTP " + std::to_string(call.status);
    what += " in " + std::to_string(call.ms) + " ms";
    if (call.attempts > 1) what += ", after " + std::to_string(call.attempts) + " attempts";
    Step step = step_of("exchange-call-" + std::to_string(i + 1), StepState::passed, std::move(what));
    if (!call.failure.empty()) step.details.push_back(call.failure);
    if (exchange_failed && last_bad != calls.rend() && &call == &*last_bad) {
      step.state = StepState::failed;
      step.is_explained_later = true;
      step.cure = "see `exchange` below";
    }
    report.add(std::move(step));
  }
}

void report_exchange(const Answered &answered, const std::vector<std::string> &trace, DoctorReport &report) {
  if (!answered.answer) {
    Step step = failed_step(exchange_area, "exchange", answered.answer.error());
    step.details = trace;
    // What is wrong with token or issuer, a registry only ever calls "refused".
    const Step *const before = report.first_suspect({"token", "issuer"});
    if (before != nullptr) {
      step.cure =
          (before->state == StepState::failed ? "mend " + before->name + " first" : "see the hint of " + before->name) +
          (step.cure.empty() ? "" : "; " + step.cure);
    }
    report.add(std::move(step));
    return;
  }
  const Answer &answer = *answered.answer;
  const std::string whose = answered.by == nullptr ? "" : "entry " + answered.by->name + ": ";
  if (answer.auth.empty()) {
    report.add({exchange_area, "exchange", StepState::passed,
                whose + "no credentials, the kubelet pulls without any" +
                    (answered.why_none.empty() ? "" : ": " + answered.why_none),
                std::string("expected only for public images") +
                    (answered.why_none.empty() ? "" : "; else see the reason above"),
                trace});
    return;
  }
  std::string registries;
  for (const AuthEntry &auth : answer.auth) {
    registries += (registries.empty() ? "" : ", ") + auth.registry + " (username " +
                  (auth.username_is_secret ? "not shown, it holds a secret" : auth.username) + ")";
  }
  report.add({exchange_area,
              "exchange",
              StepState::passed,
              whose + "a credential for " + registries + ", " + kept_words(answer),
              {},
              trace});
}

}  // namespace regcred::core
