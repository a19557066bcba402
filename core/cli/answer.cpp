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

RequestRecord begin_record(const RecordConfig &to, const Request &request) {
  RequestRecord record;
  record.destinations = to;
  record.image = request.image.name();
  if (request.token_claims) record.service_account = request.token_claims->service_account;
  return record;
}

void note_answer(RequestRecord &record, const Answered &answered) {
  if (answered.by != nullptr) {
    record.registry = answered.by->name;
    record.backend = answered.by->backend;
  }
  if (!answered.answer) return;
  record.cache_key_type = answered.answer->cache_key_type;
  record.cache_duration = answered.answer->cache_duration;
  record.with_credentials = !answered.answer->auth.empty();
}

// One request, from the first byte to the last: the picture in the README of core/ as code. `record` is left empty
// unless the configuration wants one.
Result<std::string> answer(const Command &command, const Context &context, std::optional<RequestRecord> &record) {
  const Result<Request> request = read_request(context.input_fd);
  if (!request) return tl::make_unexpected(request.error());

  const Result<Config> config = load_config(config_source(command, context));
  if (!config) return tl::make_unexpected(config.error());
  if (config->record.wanted()) record = begin_record(config->record, *request);

  const Result<Route> route = choose_route(*config, request->image);
  if (!route) return tl::make_unexpected(route.error());

  StderrLog log(context.error_fd, command.log_level.value_or(config->log_level));
  const Deadline deadline{context.started_ms + config->deadline.count()};
  const Answered answered = answer_request({*request, *config, *route, deadline, log}, command, context);
  if (record) note_answer(*record, answered);
  if (!answered.answer) return tl::make_unexpected(answered.answer.error());

  return render_answer(*answered.answer);
}

}  // namespace

Output answer_command(const Command &command, const Context &context) {
  std::optional<RequestRecord> record;
  Result<std::string> document = answer(command, context, record);
  if (!document) return {"", std::move(document.error()), std::move(record)};
  if (record) record->answer_bytes = document->size();
  return {std::move(*document), std::nullopt, std::move(record)};
}

}  // namespace regcred::core
