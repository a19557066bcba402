// SPDX-License-Identifier: Apache-2.0
// `regcred audit`: who gives the credentials for the images that a cluster uses, before and after pull secrets go.
#include "cluster/audit.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/kubelet_plan.hpp"
#include "cli/options.hpp"
#include "cli/table.hpp"
#include "cluster/explain.hpp"
#include "common/contains.hpp"
#include "common/join.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"
#include "common/wrapped.hpp"
#include "match/pattern.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

constexpr int status_of_fail_on = 1;
constexpr std::size_t columns_max = 80;
constexpr std::size_t name_bytes_max = 253;  // of Kubernetes
constexpr const char *detail_indent = "         ";

struct Options {
  std::string file;
  std::optional<std::string> kubelet_config;
  std::optional<std::string> kubernetes_version;
  std::vector<std::string> open;  // --public
  std::vector<std::string> fail_on;
  bool as_json = false;
};

struct ResultWords {
  const char *name;
  const char *meaning;
  Tone tone;
};

ResultWords words_of(AuditResult result) {
  switch (result) {
    case AuditResult::unserved:
      return {"unserved", "nobody gives credentials: pulled without", Tone::bad};
    case AuditResult::secret:
      return {"secret", "only a pull secret may give them: still needed", Tone::warning};
    case AuditResult::shadowed:
      return {"shadowed", "regcred answers, a pull secret may be tried first", Tone::warning};
    case AuditResult::served:
      return {"served", "regcred answers", Tone::good};
    case AuditResult::other:
      return {"other", "another credential provider is called", Tone::plain};
    case AuditResult::open:
      return {"public", "needs no credentials, by --public", Tone::plain};
  }
  return {"", "", Tone::plain};
}

// What the report is made from.
struct Report {
  const Workloads &workloads;
  const std::vector<AuditRow> &rows;
  std::optional<std::string> kubelet_config;  // absent: assumed
  std::vector<std::string> notes;
};

struct ResultCount {
  std::size_t images = 0;
  std::size_t uses = 0;  // an image in a pod
};

ResultCount count(const std::vector<AuditRow> &rows, AuditResult result) {
  ResultCount counts;
  const std::string *last = nullptr;  // rows of one result are sorted by image
  for (const AuditRow &row : rows) {
    if (row.result != result) continue;
    counts.uses += row.use->pods;
    if (last == nullptr || *last != row.image) ++counts.images;
    last = &row.image;
  }
  return counts;
}

std::string amount(std::size_t number, const std::string &one) {
  return std::to_string(number) + ' ' + one + (number == 1 ? "" : "s");
}

std::string shown(const std::string &name) { return printable(name, name_bytes_max); }
std::string shown_image(const std::string &image) { return printable(image, 400); }

std::size_t image_count(const Report &report) {
  std::set<std::string_view> images;
  for (const AuditRow &row : report.rows) images.insert(row.image);
  return images.size();
}

std::size_t account_count(const Report &report) {
  std::set<std::pair<std::string_view, std::string_view>> accounts;
  for (const AuditRow &row : report.rows) {
    if (!row.who->service_account.empty()) accounts.emplace(row.who->name_space, row.who->service_account);
  }
  return accounts.size();
}

std::string pods_of(const AuditRow &row) {
  const PodIdentity &who = *row.who;
  const bool has_account = !who.service_account.empty();
  std::string text = shown(who.name_space) + (has_account ? '/' + shown(who.service_account) : "") + " (" +
                     amount(row.use->pods, who.is_static ? "static pod" : "pod");
  if (has_account) return text + ')';
  if (!who.is_static) text += " without a service account";
  return text + ": " + shown(row.use->first_pod) + (row.use->pods > 1 ? ", ...)" : ")");
}

std::string answer_of(const AuditRow &row) {
  if (row.entry == nullptr) {
    return (row.provider.empty() ? "" : "provider " + shown(row.provider) + " is called; ") + row.reason;
  }
  std::string text = "entry " + row.entry->name + " by provider " + shown(row.provider) +
                     (row.token ? ", with a token" : ", without a token");
  for (const auto &[key, value] : row.annotations) text += " and " + shown(key) + '=' + value;
  return text;
}

std::string secrets_of(const AuditRow &row) {
  const std::vector<std::string> &secrets = row.who->pull_secrets;
  if (secrets.empty()) return {};
  return std::string("; pull ") + (secrets.size() == 1 ? "secret " : "secrets ") + joined(secrets, shown) +
         (row.secrets_of_account ? ", of the service account" : ", of the pod");
}

using Rows = std::vector<AuditRow>::const_iterator;

// The rows of one result and image: pods of which the same is to be said stand together.
std::string lines_of(Rows first, Rows last, const Terminal &terminal) {
  const ResultWords words = words_of(first->result);
  std::string text = paint(terminal, words.tone, words.name) + std::string(10 - std::strlen(words.name), ' ') +
                     paint(terminal, Tone::strong, shown_image(first->image)) + '\n';
  std::map<std::string, std::string> pods;  // by what is said of them
  for (Rows row = first; row != last; ++row) {
    std::string &list = pods[answer_of(*row) + secrets_of(*row)];
    list += (list.empty() ? "" : ", ") + pods_of(*row);
  }
  for (const auto &[said, list] : pods) text += wrapped(list + ": " + said, detail_indent, columns_max) + '\n';
  return text;
}

std::string as_text(const Report &report, const Terminal &terminal) {
  const Workloads &workloads = report.workloads;
  std::string text = amount(workloads.pods, "pod") + " (" + std::to_string(workloads.static_pods) + " static) with " +
                     amount(image_count(report), "image") + " and " + amount(account_count(report), "service account") +
                     '\n';
  text += "kubelet: " +
          (report.kubelet_config ? printable(*report.kubelet_config, 400)
                                 : "assumed, as generate kubelet-config writes it; see --kubelet-config") +
          '\n';
  for (const std::string &note : report.notes) {
    text += "note:" + wrapped(printable(note, 900), "     ", columns_max).substr(5) + '\n';
  }
  std::vector<std::vector<std::string>> rows = {{"RESULT", "IMAGES", "USES", "MEANING"}};
  for (const AuditResult result : audit_results) {
    const ResultCount counts = count(report.rows, result);
    const ResultWords words = words_of(result);
    rows.push_back({words.name, std::to_string(counts.images), std::to_string(counts.uses), words.meaning});
  }
  text += '\n' + format_table(rows);

  for (Rows first = report.rows.begin(), last = first; first != report.rows.end(); first = last) {
    last = std::find_if(first, report.rows.end(),
                        [&](const AuditRow &row) { return row.result != first->result || row.image != first->image; });
    if (first == report.rows.begin() || first->result != std::prev(first)->result) text += '\n';
    text += lines_of(first, last, terminal);
  }
  return text;
}

Json text_or_null(const std::string &text) { return text.empty() ? Json() : Json(printable(text, name_bytes_max)); }

Json as_json(const AuditRow &row) {
  Json annotations = Json::object();
  for (const auto &[key, value] : row.annotations) annotations[shown(key)] = value;
  Json secrets = Json::array();
  for (const std::string &name : row.who->pull_secrets) secrets.push_back(shown(name));
  return {{"result", words_of(row.result).name},
          {"image", shown_image(row.image)},
          {"namespace", shown(row.who->name_space)},
          {"serviceAccount", text_or_null(row.who->service_account)},
          {"static", row.who->is_static},
          {"pods", row.use->pods},
          {"firstPod", shown(row.use->first_pod)},
          {"callsRegcred", row.calls_regcred},
          {"provider", text_or_null(row.provider)},
          {"registry", row.entry == nullptr ? Json() : Json(row.entry->name)},
          {"token", row.token},
          {"annotations", std::move(annotations)},
          {"imagePullSecrets", std::move(secrets)},
          {"imagePullSecretsOfServiceAccount", !row.who->pull_secrets.empty() && row.secrets_of_account},
          {"reason", row.reason}};
}

std::string as_json(const Report &report) {
  Json results = Json::object();
  for (const AuditResult result : audit_results) {
    const ResultCount counts = count(report.rows, result);
    results[words_of(result).name] = {{"images", counts.images}, {"uses", counts.uses}};
  }
  Json document;
  document["kubeletConfig"] = report.kubelet_config ? Json(printable(*report.kubelet_config, 4096)) : Json();
  document["pods"] = report.workloads.pods;
  document["staticPods"] = report.workloads.static_pods;
  document["images"] = image_count(report);
  document["serviceAccounts"] = account_count(report);
  document["results"] = std::move(results);
  document["notes"] = Json::array();
  for (const std::string &note : report.notes) document["notes"].push_back(printable(note, 900));
  document["rows"] = Json::array();
  for (const AuditRow &row : report.rows) document["rows"].push_back(as_json(row));
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

// `file`, or standard input for none and for "-".
Result<Workloads> read_input(const std::string &file, const std::set<std::string> &keys, const Context &context) {
  if (!file.empty() && file != "-") {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() >= 0) return read_workloads(fd.get(), file, keys);
    return fail(ErrorCode::usage, file, std::string("cannot be opened: ") + std::strerror(errno),
                "name what this printed: kubectl get pods,serviceaccounts -A -o json");
  }
  if (::isatty(context.input_fd) == 0) return read_workloads(context.input_fd, "standard input", keys);
  return fail(ErrorCode::usage, "standard input", "is a terminal",
              "pipe this into it: kubectl get pods,serviceaccounts -A -o json");
}

std::vector<std::string> notes_of(const Workloads &workloads, const ProviderPlan &plan, bool plan_counts) {
  std::vector<std::string> notes;
  if (plan_counts) {
    for (const LeftOutEntry &item : plan.left_out) {
      notes.push_back("no provider is assumed for entry " + in_quotes(item.entry->name) + ": " + item.reason.what +
                      "; " + item.reason.cure);
    }
  }
  if (workloads.secrets > 0) {
    notes.push_back("the input holds " + amount(workloads.secrets, "Secret") +
                    ", passed over: nothing of them is needed, so leave them out");
  }
  if (workloads.others > 0) notes.push_back("passed over: " + amount(workloads.others, "object") + " of other kinds");
  return notes;
}

Output audit(const Options &options, const Context &context) {
  for (const std::string &pattern : options.open) {
    if (const Status valid = validate_pattern(pattern); !valid) {
      return {"", Error{ErrorCode::usage, "--public " + in_quotes(pattern), valid.error().what, valid.error().cure}};
    }
  }
  const Result<KubeletPlan> plan = load_plan(options.kubernetes_version, context);
  if (!plan) return {"", plan.error()};
  std::vector<KubeletProvider> providers;
  if (options.kubelet_config) {
    Result<ProviderConfig> kubelet =
        load_provider_config(*options.kubelet_config, options.kubernetes_version, plan->workshop->config.invocation);
    if (!kubelet) return {"", kubelet.error()};
    providers = std::move(kubelet->providers);
  } else {
    providers = planned_kubelet_providers(plan->plan);
  }
  const Result<Workloads> workloads = read_input(options.file, annotation_keys_of(providers), context);
  if (!workloads) return {"", workloads.error()};

  const Config &config = plan->workshop->config;
  const std::vector<AuditRow> rows =
      audit_workloads(*workloads, {config, *plan->backends, providers, options.open, config.drop_in});
  const Report report{*workloads, rows, options.kubelet_config,
                      notes_of(*workloads, plan->plan, !options.kubelet_config)};
  Output output{options.as_json ? as_json(report) : as_text(report, context.terminal), std::nullopt};
  const bool fails = std::any_of(rows.begin(), rows.end(), [&](const AuditRow &row) {
    return contains(options.fail_on, words_of(row.result).name);
  });
  if (fails) output.status = status_of_fail_on;
  return output;
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  parser.add("FILE", options->file, "Output of kubectl get pods,serviceaccounts -A -o json (default: standard input)")
      .value_name("");
  add_kubelet_config_option(parser, options->kubelet_config);
  add_version_option(parser, options->kubernetes_version);
  parser
      .add("--public", options->open, "Images that need no credentials, as in matchImages; may be given several times")
      .value_name("PATTERN");
  parser.add("--fail-on", options->fail_on, "Exit with status 1 when there is such a result; several with commas")
      .with_commas()
      .one_of({"unserved", "shadowed"})
      .value_name("RESULT");
  add_output_option(parser, options->as_json);
  parser.add_footer(
      "Nothing is asked of the cluster or of a registry, and secrets are not needed. A use is an image in a pod.");
  return [options](const Context &context) { return audit(*options, context); };
}

}  // namespace

const Command audit_command = {"audit", "Show who gives the credentials for each image of a cluster", declare};

}  // namespace regcred::core
