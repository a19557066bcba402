// SPDX-License-Identifier: Apache-2.0
// A backend that runs one program and answers with what it wrote. Each bad one only brings its decisions.
#pragma once

#include <memory>
#include <regcred/backend.hpp>
#include <regcred/process.hpp>
#include <utility>

struct ProgramDecisions {
  bool looks_at_status = true;
  bool keeps_codes = true;
  bool quotes_output = false;
};

template <ProgramDecisions decisions>
class ProgramBackend final : public regcred::Backend {
 public:
  static constexpr regcred::BackendInfo info{
      .name = "subject", .version = "1.0.0", .settings_schema = R"({"type":"object"})", .runs_programs = true};

  static regcred::Result<std::unique_ptr<ProgramBackend>> create(regcred::Host host, regcred::Settings &) {
    return std::make_unique<ProgramBackend>(host);
  }
  explicit ProgramBackend(regcred::Host host) : host_(host) {}

  regcred::Result<regcred::Credentials> get_credentials(const regcred::Request &) override {
    using regcred::Code;
    regcred::Result<regcred::ProgramResult> end = regcred::Process(host_).run({.path = "/usr/bin/helper"});
    if (!end) {
      const bool other = !decisions.keeps_codes && end.error().code == Code::bad_config;
      return regcred::failure(other ? Code::denied : end.error().code, "the program did not run");
    }
    if (decisions.looks_at_status && end->exit_status != 0) return regcred::failure(Code::unavailable, "it failed");
    const std::string_view output = end->output.reveal();
    if (!output.starts_with("password=") || !output.ends_with(";")) {
      return regcred::failure(Code::bad_upstream,
                              "not a password" + (decisions.quotes_output ? ": " + std::string(output) : ""));
    }
    return regcred::Credentials{.username = "user", .password = std::move(end->output)};
  }

 private:
  regcred::Host host_;
};
