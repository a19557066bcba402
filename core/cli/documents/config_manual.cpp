// regcred.yaml(5).
#include <nlohmann/json.hpp>

#include "cli/documents/manual.hpp"
#include "cli/documents/roff.hpp"

namespace regcred::core {
namespace {

using Json = nlohmann::ordered_json;

std::string value_text(const Json &value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// "text", "list of text", "mapping", "required or optional or never".
std::string type_text(const Json &property) {
  if (property.contains("enum") && property["enum"].size() > 1) {
    std::string words;
    for (const Json &word : property["enum"]) words += (words.empty() ? "" : " | ") + value_text(word);
    return words;
  }
  if (property.contains("enum")) return value_text(property["enum"].front());
  const std::string type = property.value("type", "");
  if (type == "array") {
    const bool of_mappings = property.contains("items") && property["items"].value("type", "") == "object";
    return of_mappings ? "list of mappings" : "list of text";
  }
  return type == "object" ? "mapping" : "text";
}

bool is_required(const Json &schema, const std::string &key) {
  for (const Json &name : schema.value("required", Json::array())) {
    if (name == key) return true;
  }
  return false;
}

// Every key of `schema`, each with its type, its meaning and its default, then those below it.
std::string keys_of(const Json &schema, const std::string &path) {
  std::string text;
  const Json properties = schema.value("properties", Json::object());
  for (const auto &[key, property] : properties.items()) {
    const std::string name = path.empty() ? key : path + '.' + key;
    text += ".TP\n" + roff_bold(name) + " (" + roff_text(type_text(property)) +
            (is_required(schema, key) ? ", required" : "") + ")\n" + roff_text(property.value("description", "")) +
            "\n";
    if (const auto fallback = property.find("default"); fallback != property.end()) {
      const std::string value = value_text(*fallback);
      if (!value.empty()) text += roff_text("Default: " + value + ".") + "\n";
    }
    if (const auto examples = property.find("examples"); examples != property.end() && !examples->empty()) {
      text += roff_text("Example: " + value_text(examples->front()) + ".") + "\n";
    }
    text += keys_of(property, name);
    if (property.contains("items")) text += keys_of(property["items"], name + "[]");
  }
  return text;
}

constexpr const char *example = R"(apiVersion: regcred/v1
kind: RegistryConfig
registries:
  - name: cloudsmith
    matchImages: ["docker.cloudsmith.io", "*.cloudsmith.com"]
    backend: cloudsmith
    audience: cloudsmith
    settings:
      orgSlug: acme
      serviceSlug: default-v9ty
)";

constexpr const char *rules =
    "Entries are tried in the order of the files, config.yaml first, then config.d/*.yaml by name; the first whose "
    "pattern "
    "matches answers. When its backend has no credentials for the image the next one that matches is asked; any error "
    "ends "
    "the request.\n"
    "A pattern means what it means to the kubelet: each * stays within one label of the host, a port equals the same "
    "port "
    "only, and a path is a prefix of the text.\n"
    "Unknown keys, repeated keys and wrong types are errors. Each file must belong to root, or to whoever runs "
    "regcred, and "
    "must not be writable by others; the same holds for every directory above it.";

}  // namespace

Result<std::string> manual_of_configuration(const std::string &schema_text) {
  const Json schema = Json::parse(schema_text, nullptr, false);
  if (!schema.is_object() || !schema.contains("properties")) {
    return fail(ErrorCode::internal, "regcred-config.schema.json", "is not the schema of this version",
                "build from whole sources");
  }
  std::string text = roff_head("regcred.yaml", 5);
  text += ".SH NAME\nregcred.yaml \\- configuration of regcred\n.SH SYNOPSIS\n.I /etc/regcred/config.yaml\n.br\n";
  text += ".I /etc/regcred/config.d/*.yaml\n.SH DESCRIPTION\n" + roff_text(rules) + "\n";
  text += ".SH KEYS\n" + keys_of(schema, "");
  text += ".SH BACKENDS\n" +
          roff_text(
              "The keys below settings are the backend's own. All of them, for the backends that "
              "are installed:") +
          "\n" + roff_example("regcred generate schema");
  return text + ".SH EXAMPLE\n" + roff_example(example) + ".SH SEE ALSO\n.BR regcred (1)\n";
}

}  // namespace regcred::core
