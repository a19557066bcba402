// SPDX-License-Identifier: Apache-2.0
// `regcred generate kubelet-config`, `rbac` and `service-account`.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>

#include "cli/generate/generate.hpp"
#include "cli/generate/machine_config.hpp"
#include "cli/kubelet_plan.hpp"
#include "cli/options.hpp"
#include "cluster/cluster_objects.hpp"
#include "cluster/provider_writer.hpp"
#include "common/key_value.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"
#include "config/config_files.hpp"

namespace regcred::core {
namespace {

// Of drop-in mode's variables, those that hold no secret: a provider that the kubelet starts needs them, too.
constexpr std::string_view plain_variables[] = {"CLOUDSMITH_API_HOST",
                                                "CLOUDSMITH_ORG_SLUG",
                                                "CLOUDSMITH_ORG",
                                                "CLOUDSMITH_ORGANIZATION",
                                                "CLOUDSMITH_SERVICE_SLUG",
                                                "CLOUDSMITH_OIDC_AUDIENCE",
                                                "CLOUDSMITH_ALLOWED_API_HOST_SUFFIXES",
                                                "CLOUDSMITH_REGISTRY_HOSTS"};

// `path` for a process with another working directory. ".." behind a symlink is of the link's target.
std::string absolute_path(const std::string &path) {
  namespace fs = std::filesystem;
  const fs::path whole = fs::absolute(path);
  std::error_code error;
  const fs::path normal = whole.lexically_normal();
  return (fs::equivalent(whole, normal, error) ? normal : fs::weakly_canonical(whole)).string();
}

// How the kubelet must start regcred to find the configuration of this run.
ProviderCall call_of(const Context &context, const Config &config) {
  ProviderCall call;
  if (const auto &path = context.options.config_path) {
    call.arguments = {"--config", absolute_path(*path)};
  }
  if (!config.drop_in) return call;
  for (const std::string_view name : plain_variables) {
    if (auto value = context.environment.get(name)) call.environment.emplace_back(name, std::move(*value));
  }
  return call;
}

Result<std::vector<std::pair<std::string, std::string>>> annotations_of(const std::vector<std::string> &given) {
  std::vector<std::pair<std::string, std::string>> annotations;
  for (const std::string &written : given) {
    const std::optional<KeyValue> pair = split_key_value(written);
    if (!pair) {
      return fail(ErrorCode::usage, "--annotation " + in_quotes(written), "is not KEY=VALUE",
                  "write example.com/key=value");
    }
    annotations.emplace_back(pair->key, pair->value);
  }
  return annotations;
}

Output output_of(Result<std::string> text, std::optional<Error> left_out) {
  if (!text) return {"", left_out ? std::move(left_out) : std::optional<Error>(std::move(text.error()))};
  return {std::move(*text), std::move(left_out)};
}

struct KubeletOptions {
  std::optional<std::string> version;
  std::optional<std::string> machine;  // --for
};

// The files that this configuration comes from. One is config.yaml there, those of a directory keep their names.
Result<std::vector<MachineParts::File>> configuration_files(const Context &context) {
  const ConfigSource source = config_source(context);
  const Result<ConfigFiles> files = files_of(source);
  if (!files) return tl::make_unexpected(files.error());
  std::error_code unknown;
  const bool keeps_names =
      files->read.size() > 1 || (source.path && std::filesystem::is_directory(*source.path, unknown));
  std::vector<MachineParts::File> result;
  for (const std::string &path : files->read) {
    Result<std::string> text =
        read_trusted(path, FileTrust::integrity, limits::config_file_bytes_max, ErrorCode::config);
    if (!text) return tl::make_unexpected(text.error());
    result.push_back({keeps_names ? std::filesystem::path(path).filename().string() : "config.yaml", std::move(*text)});
  }
  return result;
}

Result<std::string> machine_config(const std::string &name, const KubeletPlan &planned, const Context &context) {
  const auto *const found = std::find(std::begin(machine_kind_names), std::end(machine_kind_names), name);
  const auto kind = static_cast<MachineKind>(found - std::begin(machine_kind_names));
  if (planned.workshop->config.drop_in) {
    return fail(ErrorCode::config, "--for " + name, "this configuration is that of drop-in mode, which has no file",
                "write a configuration, or give --config");
  }
  const std::string place = configuration_place(kind);
  MachineParts parts{planned.version, {}, {}, {}};
  ProviderCall call;
  if (kind == MachineKind::talos) call.arguments = {"--config", place};
  parts.providers = write_provider_config(planned.plan, planned.version, place, call);
  for (const PlannedProvider &provider : planned.plan.providers) parts.names.push_back(provider.name);
  if (!place.empty()) {
    Result<std::vector<MachineParts::File>> files = configuration_files(context);
    if (!files) return tl::make_unexpected(files.error());
    parts.files = std::move(*files);
  }
  return write_machine_config(kind, parts);
}

Output kubelet_config(const KubeletOptions &options, const Context &context) {
  const auto planned = load_plan(options.version, context);
  if (!planned) return {"", planned.error()};
  const ProviderPlan &plan = planned->plan;
  const Config &config = planned->workshop->config;
  if (plan.providers.empty()) return {"", left_out_error(plan)};
  if (options.machine) return output_of(machine_config(*options.machine, *planned, context), left_out_error(plan));
  return {write_provider_config(plan, planned->version, config.origin, call_of(context, config)), left_out_error(plan)};
}

Run declare_kubelet_config(ArgumentParser &parser) {
  const auto options = std::make_shared<KubeletOptions>();
  add_version_option(parser, options->version);
  parser.add("--for", options->machine, "As a piece of that platform's machine configuration")
      .one_of({std::begin(machine_kind_names), std::end(machine_kind_names)})
      .value_name("PLATFORM");
  return [options](const Context &context) { return kubelet_config(*options, context); };
}

Run declare_rbac(ArgumentParser &parser) {
  const auto name_space = std::make_shared<std::optional<std::string>>();
  parser.add("--namespace", *name_space, "Only for service accounts of this namespace").value_name("NAME");
  return [name_space](const Context &context) -> Output {
    const auto planned = load_plan(std::nullopt, context);
    if (!planned) return {"", planned.error()};
    return output_of(write_rbac(planned->plan, planned->workshop->config.origin, *name_space),
                     left_out_error(planned->plan));
  };
}

struct AccountOptions {
  std::string name;
  std::string name_space = "default";
  std::vector<std::string> annotations;
};

Output service_account(const AccountOptions &options, const Context &context) {
  const auto annotations = annotations_of(options.annotations);
  if (!annotations) return {"", annotations.error()};
  const auto planned = load_plan(std::nullopt, context);
  if (!planned) return {"", planned.error()};
  return output_of(write_service_account(planned->plan, {options.name, options.name_space, *annotations}),
                   std::nullopt);
}

Run declare_service_account(ArgumentParser &parser) {
  const auto options = std::make_shared<AccountOptions>();
  parser.add("NAME", options->name, "Its name").required();
  parser.add("--namespace", options->name_space, "Its namespace (default: default)").value_name("NAME");
  parser.add("--annotation", options->annotations, "A value for an annotation; may be given several times")
      .value_name("KEY=VALUE");
  return [options](const Context &context) { return service_account(*options, context); };
}

}  // namespace

const Command generate_kubelet_config = {"kubelet-config", "The kubelet's CredentialProviderConfig",
                                         declare_kubelet_config};
const Command generate_rbac = {"rbac", "The rules that let kubelets ask for the audiences of this configuration",
                               declare_rbac};
const Command generate_service_account = {
    "service-account", "A ServiceAccount with the annotations that the backends read", declare_service_account};

}  // namespace regcred::core
