// SPDX-License-Identifier: Apache-2.0
// `regcred generate kubelet-config`, `rbac` and `service-account`.
#include <filesystem>
#include <memory>

#include "cli/generate/generate.hpp"
#include "cli/kubelet_plan.hpp"
#include "cli/options.hpp"
#include "cluster/cluster_objects.hpp"
#include "cluster/provider_writer.hpp"
#include "common/key_value.hpp"
#include "common/text.hpp"

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

Run declare_kubelet_config(ArgumentParser &parser) {
  const auto version = std::make_shared<std::optional<std::string>>();
  add_version_option(parser, *version);
  return [version](const Context &context) -> Output {
    const auto planned = load_plan(*version, context);
    if (!planned) return {"", planned.error()};
    const ProviderPlan &plan = planned->plan;
    const Config &config = planned->workshop->config;
    if (plan.providers.empty()) return {"", left_out_error(plan)};
    return {write_provider_config(plan, planned->version, config.origin, call_of(context, config)),
            left_out_error(plan)};
  };
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
