// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <regcred/aws.hpp>
#include <regcred/text.hpp>
#include <utility>

namespace ecr {

using regcred::failure;
using regcred::Result;
using regcred::shown;

Result<Options> read_options(regcred::Settings &settings) {
  constexpr std::size_t keys_max = 8, key_bytes_max = 317;
  constexpr std::string_view key_characters = "-._/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const auto wrong = [](std::string text) { return failure(regcred::Code::bad_config, "settings." + std::move(text)); };

  const Result<regcred::Identity> identity = regcred::read_identity(settings);
  const Result<std::optional<std::string>> sts_url = regcred::read_base_url(settings, "stsEndpoint");
  const Result<std::optional<std::string>> ecr_url = regcred::read_base_url(settings, "ecrEndpoint");
  const Result<std::optional<std::string>> role_arn = regcred::aws::read_role(settings, "roleArn");
  const Result<std::vector<std::string>> allowed_roles = regcred::aws::read_role_patterns(settings, "allowedRoles");
  if (!identity) return tl::make_unexpected(identity.error());
  if (!sts_url) return tl::make_unexpected(sts_url.error());
  if (!ecr_url) return tl::make_unexpected(ecr_url.error());
  if (!role_arn) return tl::make_unexpected(role_arn.error());
  if (!allowed_roles) return tl::make_unexpected(allowed_roles.error());
  Options options{.identity = *identity,
                  .pod_identity = settings.boolean("podIdentity").value_or(false),
                  .role_arn = *role_arn,
                  .role_annotations = settings.texts("roleAnnotations"),
                  .allowed_roles = *allowed_roles,
                  .sts_url = *sts_url,
                  .ecr_url = *ecr_url};
  for (const std::string &key : options.role_annotations) {
    if (!key.empty() && key.size() <= key_bytes_max && key.find_first_not_of(key_characters) == std::string::npos)
      continue;
    return wrong("roleAnnotations: " + shown(key) + " is not the key of an annotation");
  }
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
