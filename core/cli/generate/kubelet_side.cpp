#include <algorithm>
#include <filesystem>

#include "cli/generate/generate.hpp"
#include "cli/kubelet_plan.hpp"
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

bool is_drop_in(const Config &config) { return config.origin.ends_with("(drop-in mode)"); }

// How the kubelet must start regcred to find the configuration of this run.
ProviderCall call_of(const Command &command, const Context &context, const Config &config) {
  ProviderCall call;
  if (command.config_path) {  // the kubelet's working directory is not ours
    call.arguments = {"--config", std::filesystem::absolute(*command.config_path).lexically_normal().string()};
  }
  if (!is_drop_in(config)) return call;
  for (const std::string_view name : plain_variables) {
    if (auto value = context.environment.get(name)) call.environment.emplace_back(name, std::move(*value));
  }
  return call;
}

Result<std::vector<std::pair<std::string, std::string>>> annotations_of(const GenerateOptions &options) {
  std::vector<std::pair<std::string, std::string>> annotations;
  for (const std::string &written : options.annotations) {
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

}  // namespace

Output generate_kubelet_config(const Command &command, const Context &context) {
  const auto planned = load_plan(command, context);
  if (!planned) return {"", planned.error()};
  const ProviderPlan &plan = planned->plan;
  const Config &config = planned->surveyed->config;
  if (plan.providers.empty()) return {"", left_out_error(plan)};
  return {write_provider_config(plan, planned->version, config.origin, call_of(command, context, config)),
          left_out_error(plan)};
}

Output generate_rbac(const Command &command, const Context &context) {
  const auto planned = load_plan(command, context);
  if (!planned) return {"", planned.error()};
  return output_of(write_rbac(planned->plan, planned->surveyed->config.origin, command.generate.name_space),
                   left_out_error(planned->plan));
}

Output generate_service_account(const Command &command, const Context &context) {
  const auto annotations = annotations_of(command.generate);
  if (!annotations) return {"", annotations.error()};
  const auto planned = load_plan(command, context);
  if (!planned) return {"", planned.error()};
  const ServiceAccountOptions options{command.generate.service_account, command.generate.name_space.value_or("default"),
                                      *annotations};
  return output_of(write_service_account(planned->plan, options), std::nullopt);
}

}  // namespace regcred::core
