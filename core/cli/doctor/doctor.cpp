// SPDX-License-Identifier: Apache-2.0
// `regcred doctor`: every step of a pull, from the configuration to the registry's answer. START HERE in this folder.
#include <unistd.h>

#include <memory>

#include "cli/as_kubelet.hpp"
#include "cli/bypass.hpp"
#include "cli/doctor/configuration_steps.hpp"
#include "cli/doctor/exchange_steps.hpp"
#include "cli/doctor/issuer_steps.hpp"
#include "cli/doctor/registry_steps.hpp"
#include "cli/doctor/token_steps.hpp"
#include "cli/doctor/worker_network.hpp"
#include "cli/identity.hpp"
#include "cli/options.hpp"
#include "common/advice.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "kubelet/request_reader.hpp"
#include "services/host.hpp"

namespace regcred::core {
namespace {

constexpr std::size_t trace_lines_max = 40;

struct Options {
  std::string image;
  IdentityOptions identity;
  AsKubeletOptions as_kubelet;
  std::vector<std::string> followed;  // --follow-realm
  bool as_json = false;
};

// Keeps the lines of one exchange for its step, and passes them on to standard error as --log-level says.
class KeepingLog final : public LogSink {
 public:
  explicit KeepingLog(LogSink &next) : next_(next) {}

  [[nodiscard]] bool enabled(std::int32_t) const noexcept override { return true; }
  void write(std::int32_t level, std::string_view line) noexcept override {
    if (next_.enabled(level)) next_.write(level, line);
    try {
      if (lines_.size() < trace_lines_max) lines_.emplace_back(line);
    } catch (...) {  // without memory the line is lost, and nothing else
    }
  }
  [[nodiscard]] const std::vector<std::string> &lines() const { return lines_; }

 private:
  LogSink &next_;
  std::vector<std::string> lines_;
};

// One run. Its members are what the steps find. `call`: as the kubelet calls it, `context` being that of the call;
// null: by hand. `own` is this command's context.
class Doctor {
 public:
  Doctor(const Options &options, const Context &context, const KubeletCall *call, const Context &own, std::string image)
      : options_(options),
        context_(context),
        call_(call),
        own_(own),
        image_(std::move(image)),
        progress_(context.terminal, context.error_fd) {}

  Output run() {
    if (call_ != nullptr) {
      std::vector<std::string> words = call_words(*call_);
      report_.add({"configuration", "kubelet", StepState::passed, words.front(), {}, {words.begin() + 1, words.end()}});
    }
    progress_.show("reading the configuration and loading the backend");
    examine_configuration(context_, image_, groundwork_, report_);
    const std::optional<TokenFacts> facts = token();
    progress_.clear();
    if (groundwork_.route) {
      with_network(facts);
    } else {
      report_.skip("issuer", issuer_steps, no_network);
      skip_from_exchange(no_network);
    }
    progress_.clear();
    return {options_.as_json ? report_.as_json(image_) : report_.as_text(image_, context_.terminal), report_.error()};
  }

 private:
  static constexpr const char *no_network = "proxy and roots come from the configuration, and no entry of it answers";

  [[nodiscard]] const RegistryEntry *entry() const {
    return groundwork_.route ? groundwork_.route->candidates.front() : nullptr;
  }

  void skip_from_exchange(const std::string &why) {
    report_.skip("exchange", connection_steps, why);
    report_.skip("exchange", {"exchange"}, why);
    report_.skip("registry", registry_steps, "there is no credential");
  }

  void skip_token(const std::string &why) { report_.skip("token", token_steps, why); }

  // Reads who asks; then what the token says.
  std::optional<TokenFacts> token() {
    if (options_.identity.service_account) progress_.show("asking the cluster through kubectl");
    const std::vector<const RegistryEntry *> nobody;
    const auto &candidates = groundwork_.route ? groundwork_.route->candidates : nobody;
    const std::string expected = common_audience({groundwork_.opinion});
    Result<Identity> identity = call_ == nullptr ? read_identity(options_.identity, candidates, own_, expected)
                                                 : read_sent_identity(*call_, options_.identity, candidates, own_);
    const bool usable = groundwork_.backend.has_value();
    const TokenUse use = usable ? token_use_of(*entry(), *groundwork_.backend) : TokenUse::optional;
    if (!identity) {
      report_.add(failed_step("token", "token", identity.error()));
      report_.skip("token", {"token-audience", "token-expiry"}, "there is no token");
      return std::nullopt;
    }
    identity_ = std::move(*identity);
    report_.hide(identity_.token.reveal());
    if (use == TokenUse::never) {
      skip_token("entry " + entry()->name + " uses no token");
      return std::nullopt;
    }
    if (identity_.token.empty()) {
      missing_token(use);
      return std::nullopt;
    }
    return examine_token(identity_.token.reveal(), {entry(), groundwork_.opinion}, context_.clock.unix_ms() / 1000,
                         report_);
  }

  void missing_token(TokenUse use) {
    if (use != TokenUse::required) return skip_token("none was given: --token-file or --service-account");
    report_.add({"token",
                 "token",
                 StepState::failed,
                 "backend " + entry()->backend + " needs one, and none was given",
                 "give --token-file FILE or --service-account NAMESPACE/NAME",
                 {},
                 ErrorCode::usage});
    report_.skip("token", {"token-audience", "token-expiry"}, "there is no token");
  }

  void with_network(const std::optional<TokenFacts> &facts) {
    Workshop &workshop = *groundwork_.workshop;
    WorkerNetwork network({workshop.config, workshop.installation, workshop.loader, workshop.credentials_directory,
                           workshop.clock, workshop.log});
    if (facts) {
      progress_.show("asking the token's issuer");
      examine_issuer(*facts, network, report_, followed_);
    } else {
      report_.skip("issuer", issuer_steps, "there is no token whose issuer could be asked");
    }
    if (!groundwork_.backend) return skip_from_exchange("the backend cannot be used");
    if (report_.failed("token") && !facts) return skip_from_exchange("there is no token");
    exchange(network);
  }

  void exchange(DoctorNetwork &network) {
    const Request request = make_request(ImageReference(image_), identity_.token.clone(), identity_.annotations);
    report_bypassed(find_bypassed(*groundwork_.workshop, *groundwork_.route), groundwork_.workshop->config, report_);
    progress_.show("looking up and reaching the host of the exchange");
    if (!examine_connection({*entry(), *groundwork_.route, request}, network, report_)) {
      report_.skip("exchange", {"exchange"}, "it would fail like the step before");
      return report_.skip("registry", registry_steps, "there is no credential");
    }
    progress_.show("asking " + entry()->name + " for credentials");
    Workshop &workshop = *groundwork_.workshop;
    KeepingLog log(workshop.log);
    const Deadline deadline{context_.clock.monotonic_ms() + workshop.config.deadline.count()};
    std::vector<HttpCall> calls;
    const Answered answered = answer_request(workshop, {request, *groundwork_.route, deadline, &calls}, log);
    report_calls(calls, !answered.answer, report_);
    if (!answered.answer) examine_last_host(log.lines(), network, report_);
    report_exchange(answered, details(log.lines()), report_);
    if (!answered.answer) return report_.skip("registry", registry_steps, "there is no credential");
    const AuthEntry *const auth = auth_for(*answered.answer);
    if (auth == nullptr) return report_.skip("registry", registry_steps, "the answer has no credential");
    progress_.show("logging in to the registry");
    const auto announce = [this](const std::string &text) {
      progress_.clear();
      ::dprintf(context_.error_fd, "regcred: note: %s\n", printable(text, 900).c_str());
    };
    examine_registry(registry_target(options_.image, image_), *auth, network, announce, report_, origin_of(log.lines()),
                     followed_);
  }

  // This run, with one more host that a registry or an issuer may name.
  [[nodiscard]] std::string command_following(const std::string &host) const {
    std::string words = "doctor " + shell_word(options_.image);
    const auto add = [&words](const char *option, const std::string &value) {
      words += std::string(" ") + option + ' ' + shell_word(value);
    };
    const IdentityOptions &who = options_.identity;
    if (who.token_file) add("--token-file", *who.token_file);
    if (who.service_account) add("--service-account", *who.service_account);
    for (const std::string &annotation : who.annotations) add("--annotation", annotation);
    if (call_ != nullptr) words += " --as-kubelet";
    if (options_.as_kubelet.host_root != AsKubeletOptions{}.host_root) {
      add("--host-root", options_.as_kubelet.host_root);
    }
    for (const std::string &before : options_.followed) add("--follow-realm", before);
    add("--follow-realm", host);
    if (call_ != nullptr) return advised_command({}, words);  // its configuration is that of the provider's args
    return advised_command(groundwork_.workshop->config.invocation, words);
  }

  // The worker's lines name the secret files that were read.
  [[nodiscard]] CredentialOrigin origin_of(const std::vector<std::string> &lines) const {
    CredentialOrigin origin;
    for (const std::string &line : lines) {
      const std::size_t at = line.find(secret_read_words);
      if (at != std::string::npos) origin.files.push_back(line.substr(at + secret_read_words.size()));
    }
    if (!origin.files.empty()) {
      origin.kind = CredentialOrigin::Kind::files;
    } else if (asks_nobody(report_)) {
      origin.kind = CredentialOrigin::Kind::pod_token;
    }
    return origin;
  }

  // The notes about who asks belong to what was done with it.
  std::vector<std::string> details(const std::vector<std::string> &trace) const {
    std::vector<std::string> lines = identity_.notes;
    const auto notes =
        notes_on_annotations(options_.identity, *entry(), annotation_keys_of(*entry(), *groundwork_.backend));
    lines.insert(lines.end(), notes.begin(), notes.end());
    lines.insert(lines.end(), trace.begin(), trace.end());
    return lines;
  }

  const Options &options_;
  const Context &context_;
  const KubeletCall *call_;
  const Context &own_;
  std::string image_;
  Progress progress_;
  DoctorReport report_;
  Groundwork groundwork_;
  Identity identity_;
  const FollowedHosts followed_{options_.followed, [this](const std::string &host) { return command_following(host); }};
};

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  add_image(parser, options->image);
  add_identity_options(parser, options->identity);
  add_as_kubelet_options(parser, options->as_kubelet);
  parser
      .add("--follow-realm", options->followed,
           "A host to which the registry may send logins, or the issuer for its keys; may be given several times")
      .value_name("HOST");
  add_output_option(parser, options->as_json);
  parser.add_footer(
      "All steps are shown, also after one has failed; the exit status is that of the first failure.\n"
      "The token goes to the exchange alone, as for the kubelet; the credential to the registry, and to the https\n"
      "address of its own domain that it names for logins. The issuer, which the token names, gets plain GETs over\n"
      "https. What registry or issuer name may be at public addresses and on the network that they are in themselves.\n"
      "--follow-realm allows another domain or network. No redirect is followed, and no secret is shown.");
  return [options](const Context &context) -> Output {
    Result<std::string> image = normalise_image(options->image);
    if (!image) return {"", image.error()};
    if (!options->as_kubelet.is_set) return Doctor(*options, context, nullptr, context, std::move(*image)).run();
    const Result<KubeletCall> call = find_kubelet_call(options->as_kubelet, *image, context);
    if (!call) return {"", call.error()};
    const Environment environment(call->variables);
    const Context called = called_context(*call, environment, context);
    return Doctor(*options, called, &*call, context, std::move(*image)).run();
  };
}

}  // namespace

const Command doctor_command = {"doctor", "Try an image step by step, from the token to the registry's login", declare};

}  // namespace regcred::core
