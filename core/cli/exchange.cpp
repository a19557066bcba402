#include "cli/exchange.hpp"

#include <memory>

#include "cli/config_source.hpp"
#include "dispatch/runner.hpp"

namespace regcred::core {
namespace {

std::unique_ptr<BackendRunner> make_runner(const Command &command, const RunnerContext &context) {
  if (command.in_process) return std::make_unique<InProcessRunner>(context);
  return std::make_unique<ForkedRunner>(context);
}

}  // namespace

Answered answer_request(const Exchange &exchange, const Command &command, const Context &context) {
  const Result<Installation> installation = locate_installation();
  if (!installation) return {tl::make_unexpected(installation.error()), nullptr};
  const BackendLoader loader(backend_directories(exchange.config, *installation));
  const RunnerContext runner_context{
      exchange.config,   *installation, loader,      context.environment.get("CREDENTIALS_DIRECTORY").value_or(""),
      exchange.deadline, context.clock, exchange.log};
  const std::unique_ptr<BackendRunner> runner = make_runner(command, runner_context);
  return dispatch(exchange.request, exchange.route, *runner, context.clock, exchange.log);
}

}  // namespace regcred::core
