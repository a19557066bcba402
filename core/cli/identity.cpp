// SPDX-License-Identifier: Apache-2.0
#include "cli/identity.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/child_process.hpp"
#include "common/contains.hpp"
#include "common/key_value.hpp"
#include "common/kubernetes_names.hpp"
#include "common/limits.hpp"
#include "common/text.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

constexpr std::int64_t kubectl_ms_max = 20'000;               // both calls together
constexpr std::size_t service_account_bytes_max = 1U << 20U;  // annotations alone may be 256 KiB

struct AccountName {
  std::string name_space;
  std::string name;
};

Result<AccountName> parse_account(const std::string &text) {
  const std::size_t slash = text.find('/');
  AccountName account{text.substr(0, slash), slash == std::string::npos ? "" : text.substr(slash + 1)};
  // Nothing that passes could be an option to kubectl.
  if (is_dns_label(account.name_space) && is_dns_subdomain(account.name)) return account;
  return fail(ErrorCode::usage, "--service-account", in_quotes(text) + " is not NAMESPACE/NAME",
              "write it like default/my-service-account");
}

// The token within a JSON document: a TokenRequest (kubectl create token -o json), an ExecCredential, a kubelet's
// request. The text of `document` is wiped.
Result<Secret> token_in(nlohmann::json document, const std::string &where) {
  for (const char *path : {"/status/token", "/serviceAccountToken"}) {
    const nlohmann::json::json_pointer place(path);
    if (!document.is_object() || !document.contains(place) || !document.at(place).is_string()) continue;
    auto &text = document.at(place).get_ref<std::string &>();
    Result<Secret> token = Secret(text);
    wipe(text);
    if (!token->empty()) return token;
  }
  return fail(ErrorCode::usage, where, "contains JSON without a token at status.token",
              "give what `kubectl create token` prints, as text or with -o json");
}

// Turns what a file or kubectl gave into a token, and wipes it.
Result<Secret> to_token(std::string text, const std::string &where) {
  if (nlohmann::json document = nlohmann::json::parse(text, nullptr, false); !document.is_discarded()) {
    wipe(text);
    return token_in(std::move(document), where);
  }
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  std::string_view token = std::string_view(text).substr(0, end == std::string::npos ? 0 : end + 1);
  token.remove_prefix(std::min(token.size(), token.find_first_not_of(" \t\r\n")));
  const bool one_word = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
  Result<Secret> secret = Secret(token);
  if (token.empty() || !one_word) {
    secret = fail(ErrorCode::usage, where, token.empty() ? "holds no token" : "contains more than one token",
                  "give what `kubectl create token` prints");
  }
  wipe(text);
  return secret;
}

Result<Secret> token_from_file(const std::string &path, int input_fd) {
  if (path == "-") {
    Result<std::string> text = read_all(input_fd, limits::token_bytes_max, ErrorCode::usage, "standard input");
    if (!text) return tl::make_unexpected(text.error());
    return to_token(std::move(*text), "standard input");
  }
  Result<std::string> text = read_named(path, limits::token_bytes_max, ErrorCode::usage,
                                        "name a file with a service account token, or - for standard input");
  if (!text) return tl::make_unexpected(text.error());
  return to_token(std::move(*text), path);
}

// One call of kubectl that has to succeed.
Result<std::string> kubectl(std::vector<std::string> arguments, std::size_t out_bytes_max, Deadline deadline,
                            const Context &context) {
  std::vector<std::string> argv = {"kubectl"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  Result<ChildOutput> output =
      run_child({std::move(argv), out_bytes_max, deadline}, context.environment, context.clock);
  if (!output) {
    Error error = std::move(output.error());
    if (error.code == ErrorCode::usage) error.cure += "; --token-file takes a token that was made elsewhere";
    return tl::make_unexpected(std::move(error));
  }
  if (output->status == 0) return std::move(output->out);
  wipe(output->out);
  const std::string words = output->err.empty() ? "no error output" : output->err;
  return fail(ErrorCode::usage, "kubectl " + arguments[0] + ' ' + arguments[1],
              "ended with status " + std::to_string(output->status) + ": " + words,
              words.find("orbidden") != std::string::npos
                  ? "see which cluster and user kubectl stands for: kubectl auth whoami"
                  : "set KUBECONFIG to the kubeconfig file of a user who may create tokens (sudo does not pass it on), "
                    "or give a token that was made elsewhere by --token-file FILE");
}

// The audience to ask for, and a note about the choice.
Result<std::string> choose_audience(const std::vector<const RegistryEntry *> &candidates, const std::string &expected,
                                    Identity &identity) {
  if (candidates.empty()) {
    return fail(ErrorCode::config, "--service-account", "no entry is known that would name the token's audience",
                "give a token by --token-file");
  }
  const RegistryEntry &first = *candidates.front();
  if (first.audience.empty() && !expected.empty()) {
    identity.notes.push_back("the token is for audience " + in_quotes(expected) + ", which backend " + first.backend +
                             " expects; entry " + first.name + " names none");
    return expected;
  }
  if (first.audience.empty()) {
    return fail(ErrorCode::config, "registry \"" + first.name + "\"",
                "names no `audience`, and a token is made for one audience",
                "set `audience` at " + first.origin + ", or give a token by --token-file");
  }
  std::string others;
  for (const RegistryEntry *entry : candidates) {
    if (entry->audience == first.audience) continue;
    others += (others.empty() ? "" : ", ") + entry->name +
              (entry->audience.empty() ? " (no audience)" : " (audience " + in_quotes(entry->audience) + ")");
  }
  if (!others.empty()) {
    identity.notes.push_back("the token is for audience " + in_quotes(first.audience) + ", as entry " + first.name +
                             " wants it; these match the image, too, and want another: " + others);
  }
  return first.audience;
}

Status read_account_annotations(const std::string &text, Identity &identity) {
  const nlohmann::json account = nlohmann::json::parse(text, nullptr, false);
  const nlohmann::json::json_pointer place("/metadata/annotations");
  if (!account.is_object() || !account.contains("metadata")) {
    return fail(ErrorCode::usage, "kubectl get serviceaccount", "gave no ServiceAccount",
                "see what it prints when run by hand");
  }
  if (!account.contains(place) || !account.at(place).is_object()) return {};
  for (const auto &[key, value] : account.at(place).items()) {
    if (value.is_string()) identity.annotations[key] = value.get<std::string>();
  }
  return {};
}

Status ask_cluster(const std::string &account_text, const std::vector<const RegistryEntry *> &candidates,
                   const std::string &expected, const Context &context, Identity &identity) {
  const Result<AccountName> account = parse_account(account_text);
  if (!account) return tl::make_unexpected(account.error());
  const Result<std::string> audience = choose_audience(candidates, expected, identity);
  if (!audience) return tl::make_unexpected(audience.error());

  const Deadline deadline{context.clock.monotonic_ms() + kubectl_ms_max};
  Result<std::string> token =
      kubectl({"create", "token", account->name, "--namespace=" + account->name_space, "--audience=" + *audience},
              limits::token_bytes_max, deadline, context);
  if (!token) return tl::make_unexpected(token.error());
  Result<Secret> secret = to_token(std::move(*token), "kubectl create token");
  if (!secret) return tl::make_unexpected(secret.error());
  identity.token = std::move(*secret);
  const Result<std::string> text =
      kubectl({"get", "serviceaccount", account->name, "--namespace=" + account->name_space, "--output=json"},
              service_account_bytes_max, deadline, context);
  if (!text) return tl::make_unexpected(text.error());
  return read_account_annotations(*text, identity);
}

std::string key_of(const std::string &annotation) { return annotation.substr(0, annotation.find('=')); }

}  // namespace

void add_identity_options(ArgumentParser &parser, IdentityOptions &identity) {
  const Argument file =
      parser.add("--token-file", identity.token_file, "File with a service account token; - is standard input")
          .value_name("FILE");
  parser
      .add("--service-account", identity.service_account,
           "Ask the cluster for a token of this account and for its annotations, through kubectl")
      .value_name("NAMESPACE/NAME")
      .excludes(file);
  parser.add("--annotation", identity.annotations, "A service account annotation; may be given several times")
      .value_name("KEY=VALUE");
}

Result<Identity> read_identity(const IdentityOptions &options, const std::vector<const RegistryEntry *> &candidates,
                               const Context &context, const std::string &expected) {
  Identity identity;
  if (options.token_file) {
    Result<Secret> token = token_from_file(*options.token_file, context.input_fd);
    if (!token) return tl::make_unexpected(token.error());
    identity.token = std::move(*token);
  }
  if (options.service_account) {
    const Status asked = ask_cluster(*options.service_account, candidates, expected, context, identity);
    if (!asked) return tl::make_unexpected(asked.error());
  }
  for (const std::string &annotation : options.annotations) {
    const std::optional<KeyValue> pair = split_key_value(annotation);
    if (!pair) {
      return fail(ErrorCode::usage, "--annotation", in_quotes(annotation) + " is not KEY=VALUE",
                  "write it like cloudsmith.io/service-slug=my-service");
    }
    identity.annotations[std::string(pair->key)] = pair->value;
  }
  return identity;
}

std::vector<std::string> notes_on_annotations(const IdentityOptions &options, const RegistryEntry &entry,
                                              const std::vector<std::string> &allowed) {
  std::vector<std::string> notes;
  std::string names;
  for (const std::string &name : allowed) names += (names.empty() ? "" : ", ") + name;
  for (const std::string &annotation : options.annotations) {
    if (contains(allowed, key_of(annotation))) continue;
    notes.push_back("entry " + entry.name + " does not let the annotation " + in_quotes(key_of(annotation)) +
                    " through; it lets through: " + (names.empty() ? "none" : names));
  }
  return notes;
}

}  // namespace regcred::core
