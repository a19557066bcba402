// SPDX-License-Identifier: Apache-2.0
// A DoctorNetwork that answers from a table, and what a test looks at afterwards.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regcred/http.hpp>

#include "cli/doctor/network.hpp"
#include "cli/doctor/report.hpp"
#include "services/http/http.hpp"

namespace regcred::core {

class ScriptedNetwork final : public DoctorNetwork {
 public:
  struct Sent {
    std::string url;
    std::string authorization;
  };

  using DoctorNetwork::get;
  [[nodiscard]] Fetched get(const std::string &url, const Headers &headers, AddressKinds allowed) override {
    std::string authorization;
    for (const auto &[name, value] : headers) {
      if (name == "Authorization") authorization = value;
    }
    const std::string host = bare_host(url_host(url));
    const auto known = addresses.find(host);
    const std::string address = known != addresses.end() ? known->second : kind_of_address(host) ? host : "203.0.113.7";
    if (AddressGuard guard{allowed}; !guard.allows(*kind_of_address(address), address)) {
      return {.failure = "refused", .refused = guard.refused};
    }
    sent.push_back({url, authorization});
    for (const std::string &key : {url + " " + authorization.substr(0, authorization.find(' ')), url}) {
      const auto found = answers.find(key);
      if (found == answers.end()) continue;
      Fetched answer = found->second;
      answer.address = through_proxy ? "" : address;
      return answer;
    }
    return {.failure = "no connection to it; check the firewall"};
  }
  [[nodiscard]] Result<ProbeReport> probe(const std::string &authority, bool own_roots) override {
    probed.push_back(authority + (own_roots ? "" : " with public roots"));
    return report;
  }
  [[nodiscard]] Result<FirstRequest> first_request(const BackendJob &) override { return first; }
  [[nodiscard]] SignatureCheck check(const SignedToken &token, const PublicKey &) override {
    checked = std::string(token.signing_input);
    return signature;
  }

  std::map<std::string, Fetched> answers;  // by URL, or by "URL SCHEME" of the Authorization that must come with it
  std::map<std::string, std::string> addresses;  // of hosts; others have a public one, or are one
  bool through_proxy = false;
  ProbeReport report;
  Result<FirstRequest> first = FirstRequest{};
  SignatureCheck signature = SignatureCheck::fits;
  std::vector<Sent> sent;
  std::vector<std::string> probed;
  std::string checked;
};

// The step of that name; one that says so when there is none.
inline Step step_in(const DoctorReport &report, const std::string &name) {
  for (const Step &step : report.steps()) {
    if (step.name == name) return step;
  }
  ADD_FAILURE() << "no step " << name;
  return {};
}

inline const char *state_of(const DoctorReport &report, const std::string &name) {
  switch (step_in(report, name).state) {
    case StepState::passed:
      return "passed";
    case StepState::failed:
      return "failed";
    case StepState::skipped:
      return "skipped";
  }
  return "";
}

}  // namespace regcred::core
