// SPDX-License-Identifier: Apache-2.0
// `regcred backends`: what is installed.
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/options.hpp"
#include "cli/table.hpp"
#include "cli/workshop.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

const char *token_word(TokenUse use) {
  switch (use) {
    case TokenUse::required:
      return "required";
    case TokenUse::optional:
      return "optional";
    case TokenUse::never:
      return "never";
  }
  return "";
}

Json as_json(const SurveyedBackend &backend) {
  Json document = {{"name", backend.name}};
  if (backend.error) {
    document["error"] = one_line(*backend.error);
  } else {
    document["version"] = backend.version;
    document["abi"] = backend.abi;
    document["serviceAccountToken"] = token_word(backend.token_use);
    document["annotations"] = backend.annotation_keys;
    Json schema = Json::parse(backend.settings_schema, nullptr, false);
    document["settingsSchema"] = schema.is_discarded() ? Json() : std::move(schema);
  }
  if (!backend.path.empty()) {
    document["path"] = backend.path;
    document["sha256"] = backend.sha256;
  }
  return document;
}

std::string text_of(const Json &backend, const char *key) {
  const auto found = backend.find(key);
  return found != backend.end() && found->is_string() ? printable(found->get<std::string>(), 400) : "";
}

std::string keys_of(const Json &backend) {
  std::string text;
  if (const auto schema = backend.find("settingsSchema"); schema != backend.end() && schema->is_object()) {
    const Json properties = schema->value("properties", Json::object());
    for (const auto &[key, value] : properties.items()) {
      text += (text.empty() ? "" : ", ") + printable(key, 100);
    }
  }
  return text.empty() ? "none" : text;
}

std::string annotations_of(const Json &backend) {
  std::string text;
  for (const Json &key : backend.value("annotations", Json::array())) {
    if (key.is_string()) text += (text.empty() ? "" : ", ") + printable(key.get<std::string>(), 100);
  }
  return text.empty() ? "none" : text;
}

std::string as_text(const Json &backends) {
  std::string text;
  for (const Json &backend : backends) {
    std::vector<std::vector<std::string>> rows;
    const std::string error = text_of(backend, "error");
    rows.push_back({text_of(backend, "name"),
                    error.empty() ? "version " + text_of(backend, "version") + ", ABI " + text_of(backend, "abi")
                                  : "cannot be used"});
    rows.push_back({"  path", text_of(backend, "path")});
    rows.push_back({"  sha256", text_of(backend, "sha256")});
    if (error.empty()) {
      rows.push_back({"  token", text_of(backend, "serviceAccountToken")});
      rows.push_back({"  settings", keys_of(backend)});
      rows.push_back({"  annotations", annotations_of(backend)});
    } else {
      rows.push_back({"  error", error});
    }
    text += format_table(rows);
  }
  return text;
}

Output list_backends(bool json, const Context &context) {
  // Without any configuration the installation's own backends are still there to be listed.
  const ConfigSource source = config_source(context);
  // So they are when it cannot be read: its messages send people here.
  const Result<Config> config = configuration_exists(source) ? load_config(source) : Config{};
  Result<Workshop> workshop = open_workshop(context, config.value_or(Config{}));
  if (!workshop) return {"", workshop.error()};

  Json backends = Json::array();
  std::size_t unusable = 0;
  for (const SurveyedBackend &backend : survey_installed_backends(*workshop)) {
    backends.push_back(as_json(backend));
    if (backend.error) ++unusable;
  }
  Output output;
  output.text = json ? backends.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : as_text(backends);
  if (!config) {
    output.error = config.error();
  } else if (unusable > 0) {
    output.error =
        Error{ErrorCode::backend_load, "backends", std::to_string(unusable) + " cannot be used", "the list says why"};
  } else if (backends.empty()) {
    output.error = Error{ErrorCode::backend_load, workshop->installation.backend_directory, "contains no backend",
                         "install regcred again"};
  }
  return output;
}

Run declare(ArgumentParser &parser) {
  const auto json = std::make_shared<bool>(false);
  add_output_option(parser, *json);
  return [json](const Context &context) { return list_backends(*json, context); };
}

}  // namespace

const Command backends_command = {"backends", "List the installed backends", declare};

}  // namespace regcred::core
