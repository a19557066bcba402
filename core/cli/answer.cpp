// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "cli/commands.hpp"
#include "cli/workshop.hpp"
#include "kubelet/answer_writer.hpp"
#include "kubelet/request_reader.hpp"
#include "match/route.hpp"

namespace regcred::core {
namespace {

// The bytes hold the pod's token; they are wiped as soon as they are parsed.
Result<Request> read_request(int fd) {  // guard: token-off-argv-declared
  Result<std::string> bytes = read_request_bytes(fd);
  if (!bytes) return tl::make_unexpected(std::move(bytes.error()));
  Result<Request> request = parse_request(*bytes);
  wipe(*bytes);
  return request;  // guard: token-off-argv
}

bool is_pipe(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

RequestRecord begin_record(const RecordConfig &to, const Request &request) {
  RequestRecord record;
  record.destinations = to;
  record.image = request.image.name();
  if (request.token_claims) {
    record.service_account = request.token_claims->service_account;
    record.pod = request.token_claims->pod;
  }
  return record;
}

void complete_record(RequestRecord &record, const Answered &answered) {
  record.reason = answered.why_none;
  if (answered.by != nullptr) {
    record.registry = answered.by->name;
    record.backend = answered.by->backend;
  }
  record.cache = name_of(answered.cache.use);
  record.cache_corrupt = answered.cache.corrupt;
  if (answered.cache.age_seconds >= 0) record.cache_age = std::chrono::seconds(answered.cache.age_seconds);
  if (!answered.answer) return;
  record.cache_key_type = answered.answer->cache_key_type;
  record.cache_duration = answered.answer->cache_duration;
  record.with_credentials = !answered.answer->auth.empty();
}

// A configuration that cannot be used may be another one than the operator looks at.
Error with_origin(Error error, const std::optional<std::string> &path) {
  if (path) error.cure += "; in a kubelet's call --config " + *path + " is from `args` in its CredentialProviderConfig";
  return error;
}

// One request, from the first byte to the last: the picture in the README of core/ as code. `record` is left empty
// unless the configuration wants one.
Result<std::string> answer(const Context &context, std::optional<RequestRecord> &record) {
  if (context.options.in_process && is_pipe(context.input_fd)) {  // guard: in-process-pipe
    return fail(ErrorCode::usage, "--in-process",
                "is for debuggers, and this request comes through a pipe, as from the kubelet",
                "leave it out, or give the request as a file");
  }
  const Result<Request> request = read_request(context.input_fd);
  if (!request) return tl::make_unexpected(request.error());

  Result<Workshop> workshop = open_workshop(context, LogDefault::configured);
  if (!workshop) return tl::make_unexpected(with_origin(workshop.error(), context.options.config_path));
  const Config &config = workshop->config;
  if (config.record.wanted()) record = begin_record(config.record, *request);

  const Result<Route> route = choose_route(config, request->image);
  if (!route) return tl::make_unexpected(route.error());

  const Deadline deadline{context.started_ms + config.deadline.count()};
  const Answered answered = answer_request(*workshop, {*request, *route, deadline, nullptr, true}, workshop->log);
  if (record) complete_record(*record, answered);
  if (!answered.answer) return tl::make_unexpected(answered.answer.error());

  return render_answer(*answered.answer);
}

}  // namespace

Output answer_kubelet(const Context &context) {
  std::optional<RequestRecord> record;
  Result<std::string> document = answer(context, record);
  if (!document) return {"", std::move(document.error()), std::move(record)};
  if (record) record->answer_bytes = document->size();
  return {std::move(*document), std::nullopt, std::move(record)};
}

}  // namespace regcred::core
