// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/text.hpp>
#include <utility>

namespace ecr {

using regcred::failure;
using regcred::Result;
using regcred::shown;

std::optional<std::string_view> partition_of_role(std::string_view arn, bool is_pattern) {
  constexpr std::size_t account_digits = 12, name_bytes_max = 512;
  const auto only = [is_pattern](std::string_view text, std::string_view allowed) {
    if (!is_pattern) allowed.remove_suffix(1);
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
  };
  if (!regcred::matches_parts("arn:*:iam::*:role/*", arn, ':')) return std::nullopt;
  const std::size_t service = arn.find(":iam::"), kind = arn.find(":role/");
  const std::string_view partition = arn.substr(4, service - 4);
  const std::string_view account = arn.substr(service + 6, kind - service - 6);
  const std::string_view name = arn.substr(kind + 6);
  const bool is_whole = is_pattern ? account.size() <= account_digits : account.size() == account_digits;
  if (!is_whole || name.size() > name_bytes_max || !only(partition, "-abcdefghijklmnopqrstuvwxyz*") ||
      !only(account, "0123456789*") ||
      !only(name, "+=,.@/-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*")) {
    return std::nullopt;
  }
  return partition;
}

bool fits(std::string_view pattern, std::string_view role) {
  return regcred::matches_parts(pattern, role, ':');  // guard: ecr-star-within-part
}

std::string filled_in(std::string_view arn, const regcred::ServiceAccountName &pod) {
  const regcred::Placeholder values[] = {{"namespace", pod.namespace_name}, {"serviceAccount", pod.name}};
  return regcred::with_placeholders(arn, values);
}

Result<Options> read_options(regcred::Settings &settings) {
  constexpr std::size_t keys_max = 8, key_bytes_max = 317, roles_max = 1024;
  constexpr std::string_view key_characters = "-._/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const auto wrong = [](std::string text) { return failure(regcred::Code::bad_config, "settings." + std::move(text)); };

  const Result<regcred::Identity> identity = regcred::read_identity(settings);
  const Result<std::optional<std::string>> sts_url = regcred::read_base_url(settings, "stsEndpoint");
  const Result<std::optional<std::string>> ecr_url = regcred::read_base_url(settings, "ecrEndpoint");
  if (!identity) return tl::make_unexpected(identity.error());
  if (!sts_url) return tl::make_unexpected(sts_url.error());
  if (!ecr_url) return tl::make_unexpected(ecr_url.error());
  Options options{.identity = *identity,
                  .pod_identity = settings.boolean("podIdentity").value_or(false),
                  .role_arn = settings.text("roleArn"),
                  .role_annotations = settings.texts("roleAnnotations"),
                  .allowed_roles = settings.texts("allowedRoles"),
                  .sts_url = *sts_url,
                  .ecr_url = *ecr_url};
  if (options.role_arn && !partition_of_role(filled_in(*options.role_arn, {"x", "x"}))) {
    return wrong("roleArn: " + shown(*options.role_arn) +
                 " is not the ARN of a role; write arn:aws:iam::ACCOUNT:role/NAME, with {namespace} and "
                 "{serviceAccount} in the name where roles follow the pods");
  }
  if (options.role_arn && regcred::placeholders_may_mix(*options.role_arn)) {
    return wrong("roleArn: " + shown(*options.role_arn) +
                 " could be the same for two pods; put / or _ between the placeholders");
  }
  for (const std::string &role : options.allowed_roles) {
    if (partition_of_role(role, true)) continue;
    return wrong("allowedRoles: " + shown(role) +
                 " is not the ARN of a role; write arn:aws:iam::ACCOUNT:role/NAME, with * for any text within a part");
  }
  for (const std::string &key : options.role_annotations) {
    if (!key.empty() && key.size() <= key_bytes_max && key.find_first_not_of(key_characters) == std::string::npos)
      continue;
    return wrong("roleAnnotations: " + shown(key) + " is not the key of an annotation");
  }
  if (options.allowed_roles.size() > roles_max) return wrong("allowedRoles: more than 1024 roles");
  if (options.role_annotations.size() > keys_max) return wrong("roleAnnotations: more than 8 keys");
  const bool has_role = options.identity == regcred::Identity::token && !options.pod_identity;
  for (const char *key : {"roleArn", "roleAnnotations", "allowedRoles", "stsEndpoint"}) {
    if (has_role || !settings.has(key)) continue;
    return wrong(std::string(key) +
                 ": has no meaning with identity: node or podIdentity: true, where no role is "
                 "assumed by the pod's token; remove one of the two");
  }
  if (options.pod_identity && options.identity == regcred::Identity::node) {
    return wrong("podIdentity: the identity is the node's; remove identity: node or podIdentity");
  }
  if (!settings.has("roleAnnotations")) options.role_annotations.assign(annotation_keys.begin(), annotation_keys.end());
  return options;
}

}  // namespace ecr
