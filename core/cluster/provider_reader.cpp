// SPDX-License-Identifier: Apache-2.0
#include "cluster/provider_reader.hpp"

#include <algorithm>

#include "common/contains.hpp"
#include "common/duration.hpp"
#include "common/kubernetes_names.hpp"
#include "common/text.hpp"
#include "match/pattern.hpp"
#include "match/pattern_lint.hpp"

namespace regcred::core {
namespace {

void read_name(const FieldReader &in, KubeletProvider &provider) {
  provider.name = {in.text("name").value_or(""), in.where("name")};
  const std::string &name = provider.name.text;
  const char *const cure = "it is the name of a file in the kubelet's bin directory: write it without a path";
  if (name.empty()) {
    in.refuse("name", "provider-name", in.named("name") + " is missing", cure);
  } else if (name == "." || name == ".." || name.find_first_of("/ ") != std::string::npos) {
    in.refuse("name", "provider-name",
              in.named("name") + " is " + in_quotes(name) + ", which no provider may be called", cure);
  }
  if (name.starts_with("docker-credential-")) {
    in.refuse("name", "credential-helper",
              in_quotes(name) + " is a Docker credential helper, which speaks another protocol than the kubelet",
              "name a kubelet credential provider, such as regcred", Severity::warning);
  }
}

void read_api_version(const FieldReader &in, bool with_token) {
  const std::optional<std::string> written = in.text("apiVersion");
  if (!written) {
    if (in.value("apiVersion") == nullptr) {
      in.refuse("apiVersion", "provider-api-version", in.named("apiVersion") + " is missing",
                "write apiVersion: " + std::string(credential_provider_v1));
    }
  } else if (std::find(std::begin(credential_provider_versions), std::end(credential_provider_versions), *written) ==
             std::end(credential_provider_versions)) {
    in.refuse("apiVersion", "provider-api-version",
              in.named("apiVersion") + " is " + in_quotes(*written) + ", which the kubelet does not know",
              "write " + std::string(credential_provider_v1));
  } else if (with_token && *written != credential_provider_v1) {
    in.refuse("apiVersion", "token-version", "tokenAttributes need " + std::string(credential_provider_v1),
              "write apiVersion: " + std::string(credential_provider_v1));
  }
}

void read_match_images(const FieldReader &in, KubeletProvider &provider, std::vector<Finding> &findings) {
  provider.match_images = in.texts("matchImages");
  const YamlNode *const written = in.value("matchImages");
  if (written == nullptr || (written->kind == YamlNode::Kind::sequence && written->items.empty())) {
    in.refuse("matchImages", "provider-match-images", in.named("matchImages") + " is missing or empty",
              "list the images that the provider is asked for");
  }
  for (const PlacedText &pattern : provider.match_images) {
    if (const Status valid = validate_pattern(pattern.text); !valid) {
      in.refuse_at(pattern.where, "provider-match-images",
                   in.named("matchImages") + " has " + in_quotes(pattern.text) + ": " + valid.error().what,
                   valid.error().cure);
      continue;
    }
    for (Finding &finding : lint_pattern(pattern.text)) {
      finding.where = pattern.where;
      findings.push_back(std::move(finding));
    }
  }
}

void read_cache_duration(const FieldReader &in) {
  constexpr const char *rule = "provider-cache-duration";
  const YamlNode *const written = in.value("defaultCacheDuration");
  if (written == nullptr) {
    in.refuse("defaultCacheDuration", rule, in.named("defaultCacheDuration") + " is missing",
              "write defaultCacheDuration: 10m, for answers that name no duration of their own");
    return;
  }
  const std::optional<std::string> text = in.text("defaultCacheDuration");
  if (!text) return;
  const auto duration = parse_duration(*text);
  if (!duration) {
    in.refuse("defaultCacheDuration", rule,
              in.named("defaultCacheDuration") + " is " + in_quotes(*text) + ", which is not a duration of Go",
              "write 10m, 1h30m or 0s; there is no unit for days");
  } else if (duration->count() < 0) {
    in.refuse("defaultCacheDuration", rule, in.named("defaultCacheDuration") + " is negative",
              "write 0s to keep nothing");
  }
}

// A variable whose value should not stand in a file that other programs read, too.
bool looks_secret(std::string name) {
  for (char &c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const char *word : {"PASSWORD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY"}) {
    const std::size_t at = name.find(word);
    if (at != std::string::npos && !name.ends_with("_FILE") && !name.ends_with("_PATH")) return true;
  }
  return false;
}

void read_environment(const FieldReader &in, const std::string &file, KubeletProvider &provider,
                      std::vector<Finding> &findings) {
  const std::vector<YamlNode> &items = in.items("env");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const FieldReader variable(items[i], in.named("env") + '[' + std::to_string(i) + ']', {"name", "value"}, file,
                               in.version(), findings);
    const std::string name = variable.text("name").value_or("");
    const std::string value = variable.text("value").value_or("");
    if (!name.empty()) provider.environment.emplace_back(name, value);
    if (looks_secret(name) && !value.empty()) {
      variable.refuse("value", "env-secret",
                      "the variable " + in_quotes(name) + " looks like a secret, and whoever reads this file has it",
                      "use a file that only root can read", Severity::warning);
    }
  }
}

std::vector<std::string> read_keys(const FieldReader &in, std::string_view field) {
  std::vector<std::string> keys;
  for (const PlacedText &key : in.texts(field)) {
    if (!is_annotation_key(key.text)) {
      in.refuse_at(key.where, "annotation-key",
                   in.named(field) + " has " + in_quotes(key.text) + ", which is not an annotation key",
                   "write NAME or PREFIX/NAME, like example.com/name");
    } else if (contains(keys, key.text)) {
      in.refuse_at(key.where, "annotation-key", in.named(field) + " has " + in_quotes(key.text) + " twice",
                   "remove one of the two");
    }
    keys.push_back(key.text);
  }
  return keys;
}

void read_annotation_keys(const FieldReader &in, KubeletProvider &provider) {
  constexpr std::string_view required = "requiredServiceAccountAnnotationKeys";
  constexpr std::string_view optional = "optionalServiceAccountAnnotationKeys";
  provider.required_annotations = read_keys(in, required);
  provider.optional_annotations = read_keys(in, optional);
  for (const PlacedText &key : in.texts(optional)) {
    const auto &others = provider.required_annotations;
    if (!contains(others, key.text)) continue;
    in.refuse_at(key.where, "annotation-key", in_quotes(key.text) + " stands in both lists of annotation keys",
                 "keep it where it belongs: a pod whose account lacks a required one gets no credentials from this "
                 "provider");
  }
  if (!provider.required_annotations.empty() && !provider.require_service_account) {
    in.refuse(required, "annotation-required", in.named(required) + " needs requireServiceAccount: true",
              "set it, or make the keys optional");
  }
}

void read_cache_type(const FieldReader &in, KubeletProvider &provider) {
  provider.cache_type = {in.text("cacheType").value_or(""), in.where("cacheType")};
  const std::string &written = provider.cache_type.text;
  if (cache_type.contains(in.version())) {
    const YamlNode *const node = in.value("cacheType");
    if (node == nullptr || (node->kind == YamlNode::Kind::scalar && node->text.empty())) {
      in.refuse("cacheType", "cache-type-missing",
                in.named("cacheType") + " is missing, and a kubelet of 1.34 or later does not start without it",
                "write cacheType: ServiceAccount, or Token when the pod's own token is the password");
    } else if (!written.empty() && written != "ServiceAccount" && written != "Token") {
      in.refuse("cacheType", "cache-type", in.named("cacheType") + " is " + in_quotes(written),
                "write ServiceAccount or Token");
    }
  } else if (in.value("cacheType") != nullptr) {
    in.refuse("cacheType", "cache-type-unknown",
              in.named("cacheType") + " does not exist before 1.34, and the kubelet does not start with it",
              "remove it for nodes of 1.33: one file cannot serve both");
  }
}

void read_token_attributes(const FieldReader &in, const std::string &file, std::string_view config_api_version,
                           KubeletProvider &provider, std::vector<Finding> &findings) {
  const YamlNode *const node = in.value("tokenAttributes");
  provider.token_where = in.where("tokenAttributes");
  if (!token_attributes.contains(in.version())) {
    if (!in.is_written("tokenAttributes")) return;
    in.refuse("tokenAttributes", "token-version",
              in.named("tokenAttributes") + " does not exist before 1.33, so pods' tokens are never sent",
              "update the nodes, or remove it for them");
    return;
  }
  if (node == nullptr) return;
  provider.sends_token = true;
  if (token_gate_off.contains(in.version())) {
    in.refuse("tokenAttributes", "token-version",
              "the feature gate of tokenAttributes is off by default in 1.33, and the kubelet then does not start",
              "set KubeletServiceAccountTokenForCredentialProviders=true for kubelet and kube-apiserver",
              Severity::warning);
  }
  if (config_api_version != "kubelet.config.k8s.io/v1") {
    in.refuse("tokenAttributes", "token-version",
              in.named("tokenAttributes") + " needs a file of apiVersion kubelet.config.k8s.io/v1",
              "write apiVersion: kubelet.config.k8s.io/v1 at its top");
  }
  const FieldReader token(*node, in.named("tokenAttributes"),
                          {"serviceAccountTokenAudience", "cacheType", "requireServiceAccount",
                           "requiredServiceAccountAnnotationKeys", "optionalServiceAccountAnnotationKeys"},
                          file, in.version(), findings);
  provider.audience = {token.text("serviceAccountTokenAudience").value_or(""),
                       token.where("serviceAccountTokenAudience")};
  if (provider.audience.text.empty()) {
    token.refuse("serviceAccountTokenAudience", "token-audience",
                 token.named("serviceAccountTokenAudience") + " is missing",
                 "write the audience that the registry expects in pods' tokens");
  }
  if (token.value("requireServiceAccount") == nullptr) {
    token.refuse("requireServiceAccount", "token-require-service-account",
                 token.named("requireServiceAccount") + " is missing, and has no default",
                 "write true, or false to serve static pods, too, without a token");
  }
  provider.require_service_account = token.boolean("requireServiceAccount").value_or(false);
  read_cache_type(token, provider);
  read_annotation_keys(token, provider);
}

}  // namespace

KubeletProvider read_provider(const YamlNode &node, const std::string &name, const std::string &file,
                              std::string_view config_api_version, KubernetesVersion version,
                              std::vector<Finding> &findings) {
  const FieldReader in(node, name,
                       {"name", "matchImages", "defaultCacheDuration", "apiVersion", "args", "env", "tokenAttributes"},
                       file, version, findings);
  KubeletProvider provider;
  provider.where = position(file, node);
  if (node.kind != YamlNode::Kind::mapping) return provider;
  read_name(in, provider);
  read_match_images(in, provider, findings);
  read_cache_duration(in);
  for (PlacedText &argument : in.texts("args")) provider.arguments.push_back(std::move(argument.text));
  provider.arguments_where = in.where("args");
  read_environment(in, file, provider, findings);
  read_api_version(in, in.value("tokenAttributes") != nullptr);
  read_token_attributes(in, file, config_api_version, provider, findings);
  return provider;
}

}  // namespace regcred::core
