// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/config_schema.hpp"

#include <nlohmann/json.hpp>

#include "cli/generate/generate.hpp"
#include "cli/workshop.hpp"
#include "common/limits.hpp"
#include "common/trusted_file.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

Output schema(const Context &context) {
  const ConfigSource source = config_source(context);
  const Result<Config> config = configuration_exists(source) ? load_config(source) : Config{};
  // An editor is used while the configuration is unfinished: then only the installation's own backends are looked at.
  Result<Workshop> workshop = open_workshop(context, config.value_or(Config{}));
  if (!workshop) return {"", workshop.error()};
  const Result<std::string> installed =
      read_trusted(workshop->installation.schema_directory + "/regcred-config.schema.json", FileTrust::integrity,
                   limits::config_file_bytes_max, ErrorCode::internal);
  if (!installed) return {"", installed.error()};
  std::vector<SurveyedBackend> backends = survey_installed_backends(*workshop);

  Result<std::string> document = schema_with_backends(*installed, backends);
  if (!document) return {"", document.error()};
  Output output{std::move(*document), std::nullopt};
  for (SurveyedBackend &backend : backends) {
    if (backend.error && !output.error) output.error = std::move(backend.error);
  }
  return output;
}

Run declare(ArgumentParser &) { return schema; }

}  // namespace

const Command generate_schema = {
    "schema", "JSON Schema of the configuration with the settings of every installed backend, for editors", declare};

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

}  // namespace regcred::core
