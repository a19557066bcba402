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

// Remembers who was asked last.
class RememberingRunner final : public BackendRunner {
 public:
  explicit RememberingRunner(std::unique_ptr<BackendRunner> runner) : runner_(std::move(runner)) {}

  [[nodiscard]] Result<WorkerResult> run(const BackendJob &job) override {
    asked_ = &job.entry;
    return runner_->run(job);
  }
  [[nodiscard]] const RegistryEntry *asked() const { return asked_; }

 private:
  std::unique_ptr<BackendRunner> runner_;
  const RegistryEntry *asked_ = nullptr;
};

}  // namespace

Exchanged answer_request(const Exchange &exchange, const Command &command, const Context &context) {
  const Result<Installation> installation = locate_installation();
  if (!installation) return {tl::make_unexpected(installation.error()), nullptr};
  const BackendLoader loader(backend_directories(exchange.config, *installation));
  const RunnerContext runner_context{
      exchange.config,   *installation, loader,      context.environment.get("CREDENTIALS_DIRECTORY").value_or(""),
      exchange.deadline, context.clock, exchange.log};
  RememberingRunner runner(make_runner(command, runner_context));
  Result<Answer> answer = dispatch(exchange.request, exchange.route, runner, context.clock, exchange.log);
  return {std::move(answer), runner.asked()};
}

}  // namespace regcred::core
