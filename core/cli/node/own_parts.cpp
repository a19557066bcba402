// SPDX-License-Identifier: Apache-2.0
#include "cli/node/own_parts.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "cli/kubelet_plan.hpp"
#include "cluster/provider_writer.hpp"
#include "common/limits.hpp"
#include "common/trusted_file.hpp"
#include "config/config_files.hpp"
#include "node/program_tree.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t digest_digits = 12;  // of a tree's name

Status take_tree(const NodeSurvey &survey, const Installation &installation, OwnParts &own) {
  own.version = REGCRED_VERSION;
  if (survey.root.is_ours() && !installation.is_bundle) {  // a package's, or one from source: it stays where it is
    own.installed_program = installation.executable;
    return {};
  }
  own.tree = fs::path(installation.library_directory).parent_path().parent_path().string();
  const Result<std::vector<TreeItem>> items = list_program_tree(own.tree);
  if (!items) return tl::make_unexpected(items.error());
  const Result<std::string> digest = digest_of_tree(own.tree, *items);
  if (!digest) return tl::make_unexpected(digest.error());
  own.tree_id = own.version + '-' + digest->substr(0, digest_digits);
  return {};
}

// The files of --config: one becomes config.yaml, those of a directory config.d/NAME, or NAME where the kubelet's call
// names the place. What lies there already is used as it is.
Status take_registries(const NodeSurvey &survey, const NodePlaces &places, const ConfigSource &source, OwnParts &own) {
  const std::string here = survey.root.here(places.configuration);
  const Result<ConfigFiles> files = files_of(source);
  if (!files) return tl::make_unexpected(files.error());
  std::error_code unknown;
  const bool is_directory = fs::is_directory(*source.path, unknown);
  for (const std::string &path : files->read) {
    OwnParts::Registry file{"config.yaml", {}, 0644};
    if (is_directory) file.name = (places.arguments.empty() ? "config.d/" : "") + fs::path(path).filename().string();
    if (fs::equivalent(path, here + '/' + file.name, unknown)) continue;
    Result<std::string> text =
        read_trusted(path, FileTrust::integrity, limits::config_file_bytes_max, ErrorCode::config);
    if (!text) return tl::make_unexpected(text.error());
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) == 0) file.mode = 0600;
    file.text = std::move(*text);
    own.registries.push_back(std::move(file));
  }
  return {};
}

// `context` with the configuration that the kubelet's call will find.
Context configured(const NodeSurvey &survey, const NodePlaces &places, const Environment &environment,
                   const Context &context) {
  Context there = with_environment(context, environment, survey.root);
  if (!there.options.config_path && !places.arguments.empty()) {
    there.options.config_path = survey.root.here(places.arguments);
  }
  return there;
}

}  // namespace

Result<Installation> own_installation(const Context &context) {
  Result<Workshop> workshop = open_workshop(context, Config{});
  if (!workshop) return tl::make_unexpected(workshop.error());
  return std::move(workshop->installation);
}

Result<OwnParts> gather_own_parts(const NodeSurvey &survey, const NodePlaces &places, const Context &context) {
  const Environment environment =
      survey.facts.kubelet ? Environment(survey.facts.kubelet->variables) : context.environment;
  const Context there = configured(survey, places, environment, context);
  const Result<KubeletPlan> planned = load_plan(to_text(survey.facts.version), there);
  if (!planned) return tl::make_unexpected(planned.error());
  const Config &config = planned->workshop->config;
  if (config.drop_in) {
    return fail(ErrorCode::config, "this configuration", "is that of drop-in mode, which has no file to install",
                "write a configuration, or give --config");
  }
  if (const std::optional<Error> left_out = left_out_error(planned->plan)) return tl::make_unexpected(*left_out);
  OwnParts own;
  if (Status taken = take_tree(survey, planned->workshop->installation, own); !taken) {
    return tl::make_unexpected(taken.error());
  }
  if (context.options.config_path) {
    if (Status taken = take_registries(survey, places, config_source(there), own); !taken) {
      return tl::make_unexpected(taken.error());
    }
  }
  ProviderCall call;
  if (!places.arguments.empty()) call.arguments = {"--config", places.arguments};
  own.providers = write_provider_config(planned->plan, survey.facts.version, places.configuration, call);
  return own;
}

}  // namespace regcred::core
