#include "cli/commands.hpp"
#include "cli/config_source.hpp"
#include "cli/exchange.hpp"
#include "cli/stderr_log.hpp"
#include "config/config.hpp"
#include "kubelet/answer_writer.hpp"
#include "kubelet/request_reader.hpp"
#include "match/route.hpp"

namespace regcred::core {
namespace {

// The bytes hold the pod's token; they are wiped as soon as they are parsed.
Result<Request> read_request(int fd) {
  Result<std::string> bytes = read_request_bytes(fd);
  if (!bytes) return tl::make_unexpected(std::move(bytes.error()));
  Result<Request> request = parse_request(*bytes);
  wipe(*bytes);
  return request;
}

// One request, from the first byte to the last: the picture in the README of core/ as code.
Result<std::string> answer(const Command &command, const Context &context) {
  const Result<Request> request = read_request(context.input_fd);
  if (!request) return tl::make_unexpected(request.error());

  const Result<Config> config = load_config(config_source(command, context));
  if (!config) return tl::make_unexpected(config.error());

  const Result<Route> route = choose_route(*config, request->image);
  if (!route) return tl::make_unexpected(route.error());

  StderrLog log(context.error_fd, command.log_level.value_or(config->log_level));
  const Deadline deadline{context.started_ms + config->deadline.count()};
  const Exchanged exchanged = answer_request({*request, *config, *route, deadline, log}, command, context);
  if (!exchanged.answer) return tl::make_unexpected(exchanged.answer.error());

  return render_answer(*exchanged.answer);
}

}  // namespace

Output answer_command(const Command &command, const Context &context) {
  Result<std::string> document = answer(command, context);
  if (!document) return {"", std::move(document.error())};
  return {std::move(*document), std::nullopt};
}

}  // namespace regcred::core
