// SPDX-License-Identifier: Apache-2.0
#include "cli/node/agent_judges.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <regcred/json.hpp>
#include <utility>

#include "cli/child_process.hpp"
#include "common/contains.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t ms_max = 60'000;
constexpr std::size_t judge_output_bytes_max = 4U << 20U;
constexpr std::array<std::string_view, 5> rules_of_machine = {"ca-file", "backend-directory", "metrics-file",
                                                              "event-spool", "program-trust"};

Result<ChildOutput> ask(std::vector<std::string> words, Clock &clock) {
  const Environment environment(Variables{{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}});
  return run_child({std::move(words), judge_output_bytes_max, {clock.monotonic_ms() + ms_max}}, environment, clock);
}

}  // namespace

Status judge_findings(std::string_view json) {
  const Json report = Json::parse(json, nullptr, false);
  const auto findings = report.is_object() ? report.find("findings") : report.end();
  if (findings == report.end() || !findings->is_array()) {
    return fail(ErrorCode::internal, "check of the configuration", "gave no report", "run `check` by hand");
  }
  for (const Json &finding : *findings) {
    if (!finding.is_object() || json_text(finding, "severity") != "error") continue;
    const std::string rule = json_text(finding, "rule");
    if (contains(rules_of_machine, rule)) continue;
    std::string where = json_text(finding, "file");
    if (const int line = finding.value("line", 0); line > 0) {
      where += ':' + std::to_string(line) + ':' + std::to_string(finding.value("column", 0));
    }
    return fail(ErrorCode::config, std::move(where), json_text(finding, "what"), json_text(finding, "cure"));
  }
  return {};
}

Status judge_by_check(const std::string &program, const std::string &directory, Clock &clock) {
  Result<ChildOutput> answer = ask({program, "check", "--config", directory, "-o", "json"}, clock);
  if (!answer) return tl::make_unexpected(std::move(answer.error()));
  if (answer->status == 0) return {};
  if (answer->out.empty()) {
    return fail(
        ErrorCode::internal, "check of the configuration",
        "ended with status " + std::to_string(answer->status) + (answer->err.empty() ? "" : ": " + answer->err));
  }
  return judge_findings(answer->out);
}

std::string obstacle_in_status(std::string_view json) {
  const Json report = Json::parse(json, nullptr, false);
  const auto install = report.is_object() ? report.find("install") : report.end();
  if (install == report.end() || !install->is_object()) return "regcred node status gave no report; run it by hand";
  const std::string refusal = json_text(*install, "refusal");
  if (!refusal.empty()) return "regcred cannot be installed on this node: " + refusal;
  const auto state = install->find("upToDate");
  const bool is_up_to_date = state != install->end() && state->is_boolean() && state->get<bool>();
  return is_up_to_date ? std::string() : "the node is not up to date; run `regcred node install` there";
}

std::string obstacle_by_status(const std::string &program, const std::string &host_root, Clock &clock) {
  const Result<ChildOutput> answer = ask({program, "node", "status", "--host-root", host_root, "-o", "json"}, clock);
  if (!answer) return answer.error().where + ": " + answer.error().what;
  if (answer->out.empty()) return "regcred node status: " + answer->err;
  return obstacle_in_status(answer->out);
}

}  // namespace regcred::core
