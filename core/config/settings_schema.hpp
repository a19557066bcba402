// SPDX-License-Identifier: Apache-2.0
// An entry's settings against the JSON Schema that its backend declares.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace regcred::core {

// One rule of a schema that a value breaks.
struct SchemaViolation {
  std::string path;         // "registryHosts/1"; empty for the settings as a whole
  std::string what;         // without quoting the value
  std::string description;  // what the schema says of this setting; may be empty
  bool is_unknown_key = false;
  bool needs_quotes = false;  // a number or a boolean stands where text is wanted
};

// A text in the settings that is the key of an annotation.
struct AnnotationSetting {
  std::string path;  // "roleAnnotations/0"
  std::string key;
};

// A JSON Schema (draft 2020-12 as far as valijson knows it), read once for the settings of many entries. Deep or long
// values need much stack: construct and use it in a worker.
class SettingsSchema {
 public:
  explicit SettingsSchema(const std::string &text);
  ~SettingsSchema();
  SettingsSchema(const SettingsSchema &) = delete;
  SettingsSchema &operator=(const SettingsSchema &) = delete;

  // All rules that `settings`, a JSON text, breaks, each once; for alternatives (oneOf) only that none fits. Unknown
  // keys come with the nearest known one. Fails with ErrorCode::backend_load when the schema's text is not a schema.
  [[nodiscard]] Result<std::vector<SchemaViolation>> violations(const std::string &settings);

  // The texts of `settings` that the schema gives "format": "annotation-key", so that check can compare them with the
  // annotations that the entry lets through. Empty when the text is not a schema.
  [[nodiscard]] std::vector<AnnotationSetting> annotation_keys(const std::string &settings) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace regcred::core
