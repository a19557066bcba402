// SPDX-License-Identifier: Apache-2.0
// Settings: the `settings` object of one registry entry, read key by key. A key that the backend does not read is an
// error, so that a misspelt one is found by `regcred check` and not by a pull. setting_rules.hpp reads the usual ones
// with their rules.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regcred/result.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace regcred {

// Reads a key and remembers that it is known. The first wrong type is kept and reported by finish(), so that a create()
// function reads straight down without a check after each line:
//
//   config.org = settings.text("orgSlug");                          // absent: nullopt
//   config.host = settings.text("apiHost").value_or("api.example.com");
//   // the SDK calls finish() after create(): unknown keys and wrong types become BAD_CONFIG
//
// Keys are those of the operator's YAML, without a path: nested mappings are read by each() and text_map(). A key
// without a value (null) is of a wrong type, not absent: the JSON Schema of BackendInfo would refuse it, too. Every
// function that gives nothing for a wrong type has noted it. One thread.
class Settings {
 public:
  // `json` is what create() of the C table got, a JSON object; finish() reports anything else.
  explicit Settings(std::string_view json);

  // Whether the key is there, of whatever type: tells an empty list from none. Does not make the key a known one.
  [[nodiscard]] bool has(std::string_view key) const;

  // A string; nullopt when the key is absent.
  [[nodiscard]] std::optional<std::string> text(std::string_view key);

  // A whole number of 64 bits with a sign; nullopt when the key is absent. 1.0 is of a wrong type.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view key);

  // true or false; nullopt when the key is absent.
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);

  // A list of strings, in order; empty when the key is absent.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);

  // A mapping of strings to strings; empty when the key is absent.
  [[nodiscard]] std::map<std::string, std::string> text_map(std::string_view key);

  // A list of mappings: calls read(item) for each in order, Result<void>(Settings &), and looks for wrong types and
  // unknown keys of the item as is done at the top. Messages call the item settings.KEY[0], as item.where() does.
  // Gives the first failure, and reads no further item after it; an absent key is an empty list.
  template <class Read>
  [[nodiscard]] Result<void> each(std::string_view key, Read &&read);

  // What messages call this mapping: "settings", or "settings.KEY[0]" inside each().
  [[nodiscard]] const std::string &where() const noexcept { return where_; }

  // The first value of a wrong type so far, as BAD_CONFIG: settings.KEY: must be EXPECTED; CURE.
  [[nodiscard]] const std::optional<Failure> &wrong_type() const noexcept { return failure_; }

  // BAD_CONFIG for the first wrong type, else for the first key that was not asked for, with the keys that are known,
  // else success. Called by the SDK after a successful create(); a backend that creates itself in a test calls it too.
  [[nodiscard]] Result<void> finish() const;

 private:
  Settings(nlohmann::json object, std::string where);

  const nlohmann::json *take(std::string_view key);
  void note(Failure failure);
  std::nullopt_t reject(std::string_view key, std::string_view expected);
  [[nodiscard]] std::string unknown_key(const std::string &written) const;

  nlohmann::json object_;
  std::string where_ = "settings";
  std::set<std::string, std::less<>> known_;  // asked for, present or not
  std::optional<Failure> failure_;            // the first
};

}  // namespace regcred

#include <regcred/detail/settings_impl.hpp>
