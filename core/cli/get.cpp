#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/config_source.hpp"
#include "cli/credential_view.hpp"
#include "cli/exchange.hpp"
#include "cli/identity.hpp"
#include "cli/stderr_log.hpp"
#include "common/image_reference.hpp"
#include "common/kubernetes_names.hpp"
#include "common/text.hpp"
#include "dispatch/survey.hpp"
#include "match/route.hpp"

namespace regcred::core {
namespace {

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

std::string rendered(const Command &command, const CredentialView &view) {
  if (command.format == "kubelet") return as_kubelet_answer(view);
  if (command.format == "docker-config") return as_docker_config(view);
  if (command.format == "json") return as_json(view);
  return as_table(view);
}

Result<std::string> get(const Command &command, const Context &context) {
  const Result<std::string> image = normalise_image(command.image);
  if (!image) return tl::make_unexpected(image.error());
  const Result<Config> config = load_config(config_source(command, context));
  if (!config) return tl::make_unexpected(config.error());
  const Result<Route> route = choose_route(*config, *image);
  if (!route) return tl::make_unexpected(route.error());
  const Result<Installation> installation = locate_installation();
  if (!installation) return tl::make_unexpected(installation.error());

  StderrLog log(context.error_fd, command.log_level.value_or(config->log_level));
  const RegistryEntry &first = *route->candidates.front();
  const BackendLoader loader(backend_directories(*config, *installation));
  const SurveyedBackend backend = survey_backend(loader, first.backend, context.clock, log);
  Progress progress(context.terminal, context.error_fd);
  if (command.identity.service_account) progress.show("asking the cluster through kubectl");
  Result<Identity> identity = read_identity(command.identity, route->candidates, context);
  progress.clear();
  if (!identity) return tl::make_unexpected(identity.error());
  if (const Status enough = check_identity(*identity, first, backend); !enough) {
    return tl::make_unexpected(enough.error());
  }
  show_notes(identity->notes, context.error_fd);
  if (!backend.error) {
    show_notes(notes_on_annotations(command.identity, first, annotation_keys_of(first, backend)), context.error_fd);
  }

  const Request request{std::string(credential_provider_v1), *image, std::move(identity->token),
                        std::move(identity->annotations)};
  const Deadline deadline{context.clock.monotonic_ms() + config->deadline.count()};
  progress.show("asking " + first.name + " for credentials");
  const Exchanged exchanged = answer_request({request, *config, *route, deadline, log}, command, context);
  progress.clear();
  if (!exchanged.answer) return tl::make_unexpected(exchanged.answer.error());
  return rendered(command, {*image, *exchanged.answer, exchanged.entry, command.show_secrets});
}

}  // namespace

Output get_command(const Command &command, const Context &context) {
  Result<std::string> document = get(command, context);
  if (!document) return {"", std::move(document.error())};
  return {std::move(*document), std::nullopt};
}

}  // namespace regcred::core
