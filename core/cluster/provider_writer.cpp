// SPDX-License-Identifier: Apache-2.0
#include "cluster/provider_writer.hpp"

#include <algorithm>

#include "cluster/yaml_text.hpp"
#include "common/join.hpp"
#include "common/kubernetes_names.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t name_bytes_max = 100;

// Lines under one another.
class Lines {
 public:
  void add(std::string_view line) {
    text_ += line;
    text_ += '\n';
  }
  void comment(std::string_view text, std::size_t indent = 0) { add(yaml_comment(text, indent)); }
  void list(std::string_view key, const std::vector<std::string> &items, std::size_t indent) {
    const std::string before(indent, ' ');
    add(before + std::string(key) + ":");
    for (const std::string &item : items) add(before + "  - " + yaml_quoted(item));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_head(Lines &out, const ProviderPlan &plan, KubernetesVersion version, const std::string &origin,
                const ProviderCall &call) {
  const Invocation invocation{.config_path = call.arguments.empty() ? "" : call.arguments.back()};
  out.comment("The kubelet's credential providers for Kubernetes " + to_text(version) +
              ", made by `regcred generate kubelet-config` from " + origin +
              ". Make it anew when patterns, audiences or annotations change there: the kubelet calls regcred only "
              "for the images that are listed here.");
  if (newest_known_kubernetes < version) {
    out.comment("regcred knows the rules up to " + to_text(newest_known_kubernetes) + "; these are that version's.");
  }
  if (token_gate_off.contains(version)) {
    out.comment(
        "Service account tokens are off by default in this version. Start every kubelet and kube-apiserver with "
        "--feature-gates=KubeletServiceAccountTokenForCredentialProviders=true, or the kubelet refuses "
        "tokenAttributes.");
  }
  out.add("#");
  out.comment(
      "Start the kubelet with these flags; it reads the file when it starts, and does not start while anything "
      "in it is wrong:");
  out.add("#   --image-credential-provider-config=FILE     this file");
  out.add("#   --image-credential-provider-bin-dir=DIR     a directory with a program for each name below");
  if (plan.providers.size() > 1) {
    out.add("#");
    out.comment(
        "The kubelet sends one audience per provider and wants every name once, so one program has several names. All "
        "are links to regcred; make them with: " +
        advised_command(invocation, "install-links DIR"));
  }
}

void write_left_out(Lines &out, const ProviderPlan &plan) {
  if (plan.left_out.empty()) return;
  out.add("#");
  out.comment("Left out:");
  for (const LeftOutEntry &item : plan.left_out) {
    out.comment("- " + item.entry->name + ": " + item.reason.what + "; " + item.reason.cure);
  }
}

void write_without_audience(Lines &out, const ProviderPlan &plan) {
  if (plan.without_audience.empty()) return;
  out.add("#");
  out.comment("Without a token:");
  for (const RegistryEntry *const entry : plan.without_audience) {
    out.comment("- " + entry->name +
                ": it may use a token, but has no `audience`, so none is sent; set `audience` at " + entry->origin +
                ", or serviceAccountToken: never");
  }
}

void write_assumed(Lines &out, const ProviderPlan &plan) {
  if (plan.assumed.empty()) return;
  out.add("#");
  out.comment("By what the backend expects, since the entry names no audience:");
  for (const auto &[entry, audience] : plan.assumed) {
    out.comment("- " + entry->name + ": " + in_quotes(audience) + "; set `audience` at " + entry->origin +
                ", so that a token for somebody else is refused");
  }
}

// Where the pattern stands in another provider too: what then happens.
void write_shared(Lines &out, const ProviderPlan &plan, const PlannedProvider &provider, KubernetesVersion version) {
  for (const PlannedProvider &other : plan.providers) {
    if (&other == &provider) break;  // noted once, at the later one
    for (const PlannedPattern &mine : provider.patterns) {
      const auto same = [&](const PlannedPattern &theirs) { return theirs.pattern == mine.pattern; };
      if (std::none_of(other.patterns.begin(), other.patterns.end(), same)) continue;
      const std::string order = keeps_provider_order.contains(version) ? "in the order of this file"
                                                                       : "in the alphabetical order of their names";
      out.comment(in_quotes(mine.pattern, name_bytes_max) + " stands under " + other.name +
                      " too: the kubelet calls both " + order +
                      " and tries their credentials in that order. regcred itself asks the first matching entry of "
                      "its configuration, whoever calls.",
                  2);
    }
  }
}

void write_token(Lines &out, const PlannedToken &token, KubernetesVersion version) {
  out.add("    tokenAttributes:");
  out.add("      serviceAccountTokenAudience: " + yaml_quoted(token.audience));
  if (cache_type.contains(version)) {
    const bool per_account = token.cache_type == CacheType::service_account;
    out.comment(per_account ? "One credential serves all pods of a service account on this node."
                            : "The pod's own token is the password: the kubelet must keep it for that pod alone.",
                6);
    out.add(per_account ? "      cacheType: ServiceAccount" : "      cacheType: Token");
  }
  if (!token.require_service_account) {
    out.comment("Static pods have no service account; for them regcred is called without a token.", 6);
  }
  out.add(token.require_service_account ? "      requireServiceAccount: true" : "      requireServiceAccount: false");
  if (token.annotation_keys.empty()) return;
  out.comment("Sent when the service account has them; nothing else of it is.", 6);
  out.list("optionalServiceAccountAnnotationKeys", token.annotation_keys, 6);
}

std::string entries_of(const PlannedProvider &provider) {
  const auto shown = [](const RegistryEntry *entry) { return entry->name + " (backend " + entry->backend + ")"; };
  return (provider.entries.size() == 1 ? "Registry entry " : "Registry entries ") +
         joined(provider.entries, shown, ", ", " and ") + (provider.token ? "." : ": no token.");
}

void write_provider(Lines &out, const ProviderPlan &plan, const PlannedProvider &provider, KubernetesVersion version,
                    const ProviderCall &call) {
  out.comment(entries_of(provider), 2);
  write_shared(out, plan, provider, version);
  out.add("  - name: " + provider.name);
  out.add("    apiVersion: " + std::string(credential_provider_v1));
  out.add("    matchImages:");
  for (const PlannedPattern &item : provider.patterns) out.add("      - " + yaml_quoted(item.pattern));
  if (provider.token && provider.token->cache_type == CacheType::token) {
    out.add("    defaultCacheDuration: 0s");
  } else {
    out.comment("For credentials whose life is unknown; regcred tells the kubelet how long the others last.", 4);
    out.add("    defaultCacheDuration: 10m");
  }
  if (!call.arguments.empty()) out.list("args", call.arguments, 4);
  if (!call.environment.empty()) {
    out.add("    env:");
    for (const auto &[name, value] : call.environment) {
      out.add("      - name: " + yaml_quoted(name));
      out.add("        value: " + yaml_quoted(value));
    }
  }
  if (provider.token) write_token(out, *provider.token, version);
}

}  // namespace

std::string write_provider_config(const ProviderPlan &plan, KubernetesVersion version, const std::string &origin,
                                  const ProviderCall &call) {
  Lines out;
  write_head(out, plan, version, origin, call);
  write_left_out(out, plan);
  write_without_audience(out, plan);
  write_assumed(out, plan);
  out.add("apiVersion: kubelet.config.k8s.io/v1");
  out.add("kind: CredentialProviderConfig");
  out.add("providers:");
  for (const PlannedProvider &provider : plan.providers) write_provider(out, plan, provider, version, call);
  return out.take();
}

}  // namespace regcred::core
