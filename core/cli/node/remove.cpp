// SPDX-License-Identifier: Apache-2.0
// `regcred node remove`.
#include <memory>

#include "cli/node/node.hpp"
#include "cli/node/node_survey.hpp"
#include "cli/node/node_work.hpp"
#include "cli/options.hpp"
#include "common/text.hpp"
#include "node/removal_plan.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t path_bytes_max = 600;

struct Options {
  InstallOptions install;
  bool dry_run = false;
  std::string restart = "auto";
};

std::string shown(const RemovalPlan &plan) {
  std::string text;
  const auto add = [&](const char *words, const std::string &path) {
    text += std::string("  ") + words + "  " + printable(path, path_bytes_max) + '\n';
  };
  for (const RemovalPlan::Change &change : plan.changes) add(change.content ? "change" : "remove", change.path);
  if (!plan.restart.empty()) text += "  restart the kubelet: " + printable(plan.restart, path_bytes_max) + '\n';
  for (const std::string &path : plan.files) add("remove", path);
  for (const std::string &path : plan.trees) add("remove", path);
  return text;
}

Output remove(const Options &options, const Context &context) {
  NodeWork work(options.install.host_root, options.restart, context.clock);
  if (!options.dry_run) {
    if (const Status begun = work.begin(); !begun) return {"", begun.error()};
  }
  const Result<NodeFacts> facts = look_at_node(options.install, context);
  if (!facts) return {"", facts.error()};
  if (facts->state.provider_file.empty()) return {"nothing is installed by `regcred node install`\n", std::nullopt};
  if (facts->unit) work.kubelet.set_unit(facts->unit->name);
  const Result<RemovalPlan> plan = plan_removal(*facts, work.root);
  if (!plan) return {"", plan.error()};
  std::string text = shown(*plan);
  if (options.dry_run) return {std::move(text), std::nullopt};
  const Result<InstallResult> done = work.installer.remove(*plan, *facts, work.restart_mode);
  if (!done) return {std::move(text), done.error()};
  const char *const words = done->waiting.empty() ? "removed; " : "not all is removed yet: run this again after that; ";
  return {text + words + result_words(*done) + '\n', std::nullopt};
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  add_host_root_option(parser, options->install.host_root);
  add_version_option(parser, options->install.kubernetes_version);
  parser.add_flag("--dry-run", options->dry_run, "Show what would be done, and change nothing");
  add_restart_option(parser, options->restart);
  return [options](const Context &context) { return remove(*options, context); };
}

}  // namespace

const Command node_remove = {"remove", "Take away what install put on this node", declare};

}  // namespace regcred::core
