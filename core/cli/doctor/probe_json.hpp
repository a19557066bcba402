// Probes and errors on their way from a worker: JSON, read as the untrusted input that it is.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "services/http/probe.hpp"

namespace regcred::core {

[[nodiscard]] std::string error_as_json(const Error &error);
// The error in `document`; empty when it holds none.
[[nodiscard]] std::optional<Error> error_from_json(const nlohmann::json &document);

[[nodiscard]] std::string probe_as_json(const ProbeReport &report);
// The report, or the error that was sent in its place. Fails with ErrorCode::internal for anything else.
[[nodiscard]] Result<ProbeReport> probe_from_json(std::string_view bytes);

}  // namespace regcred::core
