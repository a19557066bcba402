#include "cli/generate/config_schema.hpp"

#include <nlohmann/json.hpp>

#include "cli/config_source.hpp"
#include "cli/stderr_log.hpp"
#include "common/limits.hpp"
#include "common/trusted_file.hpp"
#include "loader/installation.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Result<std::string> schema_with_backends(const std::string &schema, const std::vector<SurveyedBackend> &backends) {
  Json document = Json::parse(schema, nullptr, false);
  const Json::json_pointer entry("/properties/registries/items");
  if (!document.is_object() || !document.contains(entry)) {
    return fail(ErrorCode::internal, "regcred-config.schema.json", "is not the schema of this version",
                "install regcred again");
  }
  Json names = Json::array();
  Json rules = Json::array();
  for (const SurveyedBackend &backend : backends) {
    if (backend.error) continue;
    names.push_back(backend.name);
    Json settings = Json::parse(backend.settings_schema, nullptr, false);
    if (!settings.is_object()) continue;
    settings.erase("$schema");
    rules.push_back({{"if", {{"required", {"backend"}}, {"properties", {{"backend", {{"const", backend.name}}}}}}},
                     {"then", {{"properties", {{"settings", std::move(settings)}}}}}});
  }
  document[entry]["properties"]["backend"]["examples"] = std::move(names);
  document[entry]["allOf"] = std::move(rules);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Output config_schema_command(const Command &command, const Context &context) {
  const Result<Installation> installation = locate_installation();
  if (!installation) return {"", installation.error()};
  const Result<std::string> schema =
      read_trusted(installation->schema_directory + "/regcred-config.schema.json", FileTrust::integrity,
                   limits::config_file_bytes_max, ErrorCode::internal);
  if (!schema) return {"", schema.error()};
  const ConfigSource source = config_source(command, context);
  const Result<Config> config = configuration_exists(source) ? load_config(source) : Config{};
  // An unfinished configuration is what an editor is for: then the installation's own backends have to do.
  const BackendLoader loader(backend_directories(config.value_or(Config{}), *installation));
  StderrLog log(context.error_fd, command.log_level.value_or("off"));
  std::vector<SurveyedBackend> backends;
  for (const std::string &name : loader.names()) backends.push_back(survey_backend(loader, name, context.clock, log));

  Result<std::string> document = schema_with_backends(*schema, backends);
  if (!document) return {"", document.error()};
  Output output{std::move(*document), std::nullopt};
  for (SurveyedBackend &backend : backends) {
    if (backend.error && !output.error) output.error = std::move(backend.error);
  }
  return output;
}

}  // namespace regcred::core
