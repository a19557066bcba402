// SPDX-License-Identifier: Apache-2.0
// The bodies of testing/scripted_program.hpp, and what the process table of a FakeHost calls. Included by
// fake_host.hpp.
#pragma once

#include <regcred/detail/program_rules.hpp>
#include <regcred/detail/slice.hpp>
#include <regcred/testing/fake_host.hpp>
#include <utility>

namespace regcred::test {

inline ScriptedProgram::ScriptedProgram(std::string path) : path_(std::move(path)) {}

inline ScriptedProgram &ScriptedProgram::with_arguments(std::vector<std::string> arguments) {
  arguments_ = std::move(arguments);
  return *this;
}

inline ScriptedProgram &ScriptedProgram::with_environment(std::map<std::string, std::string> environment) {
  environment_ = std::move(environment);
  return *this;
}

inline ScriptedProgram &ScriptedProgram::with_input(std::string input) {
  input_ = std::move(input);
  return *this;
}

inline ScriptedProgram &ScriptedProgram::with_json_input(nlohmann::json input) {
  json_input_ = std::move(input);
  return *this;
}

inline ScriptedProgram &ScriptedProgram::prints(std::string output, int status) {
  output_ = std::move(output);
  status_ = status;
  return *this;
}

inline ScriptedProgram &ScriptedProgram::dies(int signal) {
  status_ = -1;
  signal_ = signal;
  return *this;
}

inline ScriptedProgram &ScriptedProgram::fail(Code code, std::string text) {
  status_ = -1;
  code_ = static_cast<std::int32_t>(code);
  error_ = std::move(text);
  return *this;
}

inline ScriptedProgram &FakeHost::expect_program(std::string path) {
  return program_script_.emplace_back(std::move(path));
}

namespace detail {

// What the real host refuses before it opens the file.
[[nodiscard]] inline std::string_view broken_rule(const RecordedProgram &run) {
  const std::vector<std::string_view> arguments(run.arguments.begin(), run.arguments.end());
  const std::vector<std::pair<std::string_view, std::string_view>> environment(run.environment.begin(),
                                                                               run.environment.end());
  return regcred::detail::broken_program_rule({run.path, run.sha256, arguments, environment, run.input.size()});
}

inline std::int32_t FakeServices::run_program(void *context, const regcred_process_request_v1 *raw,
                                              const regcred_process_sink_v1 *sink) noexcept {
  using regcred::detail::to_view;
  FakeHost &self = of(context);
  RecordedProgram &run = self.programs_.emplace_back();
  run.path = to_view(raw->program);
  run.sha256 = to_view(raw->sha256);
  for (std::uint64_t i = 0; i < raw->arguments_count; ++i) run.arguments.emplace_back(to_view(raw->arguments[i]));
  for (std::uint64_t i = 0; i < raw->environment_count; ++i) {
    run.environment[std::string(to_view(raw->environment[i].name))] = to_view(raw->environment[i].value);
  }
  run.input = to_view(raw->input);
  run.timeout = std::chrono::milliseconds(raw->timeout_ms);

  ScriptedProgram outcome("");
  if (const std::string_view broken = broken_rule(run); !broken.empty()) {
    self.problems_.push_back(std::string(broken) + ": " + run.path);
    outcome.fail(Code::bad_request, std::string(broken));
  } else if (self.remaining() <= std::chrono::seconds(2)) {
    outcome.fail(Code::timeout, "no time is left to run a program");
  } else if (self.next_program_ == self.program_script_.size()) {
    self.problems_.push_back("unexpected program: " + run.path);
    outcome.fail(Code::unavailable, "the test expects no such program");
  } else {
    const ScriptedProgram &expected = self.program_script_[self.next_program_++];
    const auto differs = [&](const char *what) {
      self.problems_.push_back(run.path + " was run with other " + what + " than the test expects");
    };
    if (run.path != expected.path_)
      self.problems_.push_back("program: expected " + expected.path_ + ", got " + run.path);
    if (expected.arguments_ && run.arguments != *expected.arguments_) differs("arguments");
    if (expected.environment_ && run.environment != *expected.environment_) differs("variables");
    if (expected.input_ && run.input != *expected.input_) differs("input");
    if (expected.json_input_) {
      const nlohmann::json sent = nlohmann::json::parse(run.input, nullptr, /*allow_exceptions=*/false);
      const bool is_line = run.input.find('\n') + 1 == run.input.size();
      if (!is_line || sent.is_discarded() || sent != *expected.json_input_) differs("input");
    }
    outcome = expected;
  }
  regcred_process_result_v1 result{};
  regcred::detail::set_header(result);
  result.exit_status = outcome.status_;
  result.signal = outcome.signal_;
  result.output = regcred::detail::to_slice(outcome.output_);
  result.error = regcred::detail::to_slice(outcome.error_);
  sink->result(sink->context, &result);
  return outcome.code_;
}

}  // namespace detail

}  // namespace regcred::test
