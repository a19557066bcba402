// SPDX-License-Identifier: Apache-2.0
// `regcred node install`.
#include <memory>

#include "cli/check/report.hpp"
#include "cli/node/node.hpp"
#include "cli/node/node_survey.hpp"
#include "cli/node/node_work.hpp"
#include "cli/node/survey_report.hpp"

namespace regcred::core {
namespace {

struct Options {
  InstallOptions install;
  bool dry_run = false;
  std::string restart = "auto";
};

// What forbids the installation.
std::optional<Error> refusal_of(const NodeSurvey &survey) {
  if (survey.refusal) return survey.refusal;
  const Finding *const error = first_refusal(survey.findings);
  if (error == nullptr) return std::nullopt;
  return Error{ErrorCode::config, error->where, error->what, error->cure};
}

std::string shown(const NodeSurvey &survey, const Context &context) {
  return steps_as_text(survey, context.terminal) + finding_lines(survey.findings, context.terminal);
}

Output dry_run(const Options &options, const Context &context) {
  const Result<NodeSurvey> survey = survey_node(options.install, context);
  if (!survey) return {"", survey.error()};
  return {shown(*survey, context), refusal_of(*survey)};
}

Output install(const Options &options, const Context &context) {
  if (options.dry_run) return dry_run(options, context);
  NodeWork work(options.install.host_root, options.restart, context.clock);
  if (const Status begun = work.begin(); !begun) return {"", begun.error()};

  const Result<NodeSurvey> survey = survey_node(options.install, context);
  if (!survey) return {"", survey.error()};
  if (std::optional<Error> refusal = refusal_of(*survey)) return {shown(*survey, context), std::move(refusal)};
  if (survey->facts.unit) work.kubelet.set_unit(survey->facts.unit->name);
  const Result<InstallResult> done =
      work.installer.install(survey->plan, survey->outlook, survey->facts, survey->own, work.restart_mode);
  std::string text = shown(*survey, context);
  if (!done) return {std::move(text), done.error()};
  return {text + "installed; " + result_words(*done) + '\n', std::nullopt};
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  add_install_options(parser, options->install);
  parser.add_flag("--dry-run", options->dry_run, "Show what would be done, and change nothing");
  add_restart_option(parser, options->restart);
  return [options](const Context &context) { return install(*options, context); };
}

}  // namespace

const Command node_install = {"install", "Install regcred for this node's kubelet", declare};

}  // namespace regcred::core
