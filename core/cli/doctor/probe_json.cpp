#include "cli/doctor/probe_json.hpp"

#include <stdexcept>

namespace regcred::core {
namespace {

using nlohmann::json;

std::string dumped(const json &document) { return document.dump(-1, ' ', false, json::error_handler_t::replace); }

ErrorCode error_code_of(int number) {
  for (const ErrorCode code : {ErrorCode::usage, ErrorCode::config, ErrorCode::no_match, ErrorCode::backend_load,
                               ErrorCode::backend, ErrorCode::deadline}) {
    if (exit_status(code) == number) return code;
  }
  return ErrorCode::internal;
}

ProbePhase phase_of(int number) {
  if (number < 0 || number > static_cast<int>(ProbePhase::done)) throw std::out_of_range("phase");
  return static_cast<ProbePhase>(number);
}

ProbeReport read_report(const json &document) {
  ProbeReport report;
  report.ended_in = phase_of(document.at("endedIn"));
  document.at("throughProxy").get_to(report.through_proxy);
  document.at("proxy").get_to(report.proxy);
  document.at("addresses").get_to(report.addresses);
  document.at("connectedTo").get_to(report.connected_to);
  document.at("tlsVersion").get_to(report.tls_version);
  document.at("verifyResult").get_to(report.verify_result);
  document.at("failure").get_to(report.failure);
  const json &times = document.at("times");
  report.times = {times.at(0), times.at(1), times.at(2), -1, times.at(3)};
  for (const json &item : document.at("chain")) {
    report.chain.push_back(
        {item.at("subject"), item.at("issuer"), item.at("names"), item.at("notAfter"), item.at("expired")});
  }
  return report;
}

}  // namespace

std::string error_as_json(const Error &error) {
  return dumped(
      {{"error",
        {{"code", exit_status(error.code)}, {"where", error.where}, {"what", error.what}, {"cure", error.cure}}}});
}

std::optional<Error> error_from_json(const json &document) {
  if (!document.is_object() || !document.contains("error")) return std::nullopt;
  try {
    const json &error = document.at("error");
    return Error{error_code_of(error.at("code")), error.at("where"), error.at("what"), error.at("cure")};
  } catch (const json::exception &) {
    return Error{ErrorCode::internal, "worker", "sent damaged data", "report this to the maintainers of regcred"};
  }
}

std::string probe_as_json(const ProbeReport &report) {
  json chain = json::array();
  for (const ProbedCertificate &certificate : report.chain) {
    chain.push_back({{"subject", certificate.subject},
                     {"issuer", certificate.issuer},
                     {"names", certificate.names},
                     {"notAfter", certificate.not_after},
                     {"expired", certificate.expired}});
  }
  const PhaseTimes &times = report.times;
  return dumped({{"endedIn", static_cast<int>(report.ended_in)},
                 {"throughProxy", report.through_proxy},
                 {"proxy", report.proxy},
                 {"addresses", report.addresses},
                 {"connectedTo", report.connected_to},
                 {"tlsVersion", report.tls_version},
                 {"verifyResult", report.verify_result},
                 {"failure", report.failure},
                 {"times", {times.name_ms, times.connect_ms, times.tls_ms, times.whole_ms}},
                 {"chain", std::move(chain)}});
}

Result<ProbeReport> probe_from_json(std::string_view bytes) {
  const json document = json::parse(bytes, nullptr, false);
  if (std::optional<Error> error = error_from_json(document)) return tl::make_unexpected(std::move(*error));
  try {
    return read_report(document);
  } catch (const std::exception &) {
    return fail(ErrorCode::internal, "worker", "sent damaged data", "report this to the maintainers of regcred");
  }
}

}  // namespace regcred::core
