// SPDX-License-Identifier: Apache-2.0
// `regcred get IMAGE`: a request by hand. Token from a file or from kubectl, the answer for people or programs.
#include <unistd.h>

#include <memory>

#include "cli/as_kubelet.hpp"
#include "cli/bypass.hpp"
#include "cli/credential_view.hpp"
#include "cli/identity.hpp"
#include "cli/options.hpp"
#include "cli/workshop.hpp"
#include "common/image_reference.hpp"
#include "common/text.hpp"
#include "kubelet/request_reader.hpp"
#include "match/route.hpp"

namespace regcred::core {
namespace {

struct Options {
  std::string image;
  IdentityOptions identity;
  AsKubeletOptions as_kubelet;
  std::string format;  // table, kubelet, docker-config or json
  bool show_secrets = false;
};

void show_notes(const std::vector<std::string> &notes, int error_fd) {
  for (const std::string &note : notes) ::dprintf(error_fd, "regcred: note: %s\n", printable(note, 900).c_str());
}

// What the backend of the first entry says of itself decides whether a token is missing: by hand, that is a slip of
// whoever typed the command, and no fault of the kubelet's configuration.
Status check_identity(const Identity &identity, const RegistryEntry &entry, const SurveyedBackend &backend) {
  if (backend.error || !identity.token.empty() || token_use_of(entry, backend) != TokenUse::required) return {};
  return fail(ErrorCode::usage, "registry \"" + entry.name + "\"",
              "backend " + entry.backend + " needs a service account token",
              "give --token-file FILE or --service-account NAMESPACE/NAME");
}

// A backend that also works without a token is asked without one; what it then says is meant for the kubelet.
std::vector<std::string> notes_on_token(const Identity &identity, const RegistryEntry &entry,
                                        const SurveyedBackend &backend) {
  if (entry.audience.empty() || !identity.token.empty() || token_use_of(entry, backend) != TokenUse::optional)
    return {};
  return {"no service account token is sent; if entry " + entry.name +
          " needs one, give --service-account NAMESPACE/NAME or --token-file FILE"};
}

std::string rendered(const std::string &format, const CredentialView &view) {
  if (format == "kubelet") return as_kubelet_answer(view);
  if (format == "docker-config") return as_docker_config(view);
  if (format == "json") return as_json(view);
  return as_table(view);
}

std::vector<std::string> notes_on_bypassed(const Workshop &workshop, const Route &route) {
  const Bypassed bypassed = find_bypassed(workshop, route);
  std::vector<std::string> notes;
  if (!bypassed.cache.empty()) notes.push_back(bypassed.cache);
  for (const std::string &host : bypassed.throttled) {
    notes.push_back(host + "; it is asked all the same, and pulls fail until then");
  }
  return notes;
}

// `call`: as the kubelet calls it, `context` being that of the call; null: by hand. `own` is this command's context.
Result<std::string> get(const Options &options, const std::string &image, const Context &context,
                        const KubeletCall *call, const Context &own) {
  Result<Workshop> workshop = open_workshop(context, LogDefault::configured);
  if (!workshop) return tl::make_unexpected(workshop.error());
  const Result<Route> route = choose_route(workshop->config, ImageReference(image));
  if (!route) return tl::make_unexpected(route.error());

  const RegistryEntry &first = *route->candidates.front();
  const SurveyedBackend backend = survey_backend(workshop->loader, first.backend, context.clock, workshop->log);
  Progress progress(context.terminal, context.error_fd);
  if (options.identity.service_account) progress.show("asking the cluster through kubectl");
  std::string expected;
  if (options.identity.service_account && first.audience.empty()) {
    expected =
        expected_audiences({&first}, workshop->loader, workshop->credentials_directory, context.clock, workshop->log)
            .front();
  }
  Result<Identity> identity = call == nullptr ? read_identity(options.identity, route->candidates, own, expected)
                                              : read_sent_identity(*call, options.identity, route->candidates, own);
  progress.clear();
  if (!identity) return tl::make_unexpected(identity.error());
  if (const Status enough = check_identity(*identity, first, backend); !enough) {
    return tl::make_unexpected(enough.error());
  }
  show_notes(identity->notes, context.error_fd);
  if (!backend.error) {
    if (call == nullptr) show_notes(notes_on_token(*identity, first, backend), context.error_fd);
    show_notes(notes_on_annotations(options.identity, first, annotation_keys_of(first, backend)), context.error_fd);
  }

  show_notes(notes_on_bypassed(*workshop, *route), context.error_fd);
  const Request request =
      make_request(ImageReference(image), std::move(identity->token), std::move(identity->annotations));
  const Deadline deadline{context.clock.monotonic_ms() + workshop->config.deadline.count()};
  progress.show("asking " + first.name + " for credentials");
  const Answered answered = answer_request(*workshop, {request, *route, deadline}, workshop->log);
  progress.clear();
  if (!answered.answer) return tl::make_unexpected(answered.answer.error());
  return rendered(options.format, {image, *answered.answer, answered.by, options.show_secrets, answered.why_none});
}

Result<std::string> get(const Options &options, const Context &context) {
  const Result<std::string> image = normalise_image(options.image);
  if (!image) return tl::make_unexpected(image.error());
  if (!options.as_kubelet.is_set) return get(options, *image, context, nullptr, context);
  const Result<KubeletCall> call = find_kubelet_call(options.as_kubelet, *image, context);
  if (!call) return tl::make_unexpected(call.error());
  show_notes({call_words(*call).front()}, context.error_fd);
  const Environment environment(call->variables);
  return get(options, *image, called_context(*call, environment, context), &*call, context);
}

Run declare(ArgumentParser &parser) {
  const auto options = std::make_shared<Options>();
  add_image(parser, options->image);
  add_identity_options(parser, options->identity);
  add_as_kubelet_options(parser, options->as_kubelet);
  parser.add("-o,--output", options->format, "How to print")
      .one_of({"table", "kubelet", "docker-config", "json"})
      .default_value("table")
      .value_name("FORMAT");
  parser.add_flag("--show-secrets", options->show_secrets, "Print the password; without it, it is hidden");
  parser.add_footer(
      "docker-config is what ~/.docker/config.json and a pull secret of type kubernetes.io/dockerconfigjson hold;\n"
      "like kubelet, it is of use with --show-secrets only. In json a hidden password is null.");
  return [options](const Context &context) {
    Result<std::string> document = get(*options, context);
    return document ? Output{std::move(*document), std::nullopt} : Output{"", std::move(document.error())};
  };
}

}  // namespace

const Command get_command = {"get", "Get credentials for an image by hand", declare};

}  // namespace regcred::core
