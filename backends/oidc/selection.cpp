// SPDX-License-Identifier: Apache-2.0
#include "selection.hpp"

#include <algorithm>
#include <regcred/registry.hpp>
#include <regcred/text.hpp>
#include <utility>

#include "options.hpp"

namespace oidc {
namespace {

using regcred::Code;
using regcred::failure;
using regcred::Result;
using regcred::Settings;
using regcred::shown;

constexpr std::size_t selections_max = 16;
constexpr std::size_t values_max = 256;

// Near enough to a key of Kubernetes: [prefix/]name.
bool is_annotation_key(std::string_view text) {
  constexpr std::string_view allowed = "-_./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.size() <= 317 && text.find_first_not_of(allowed) == std::string_view::npos;
}

Result<void> read_one(Settings &item, std::vector<Selection> &selections) {
  const auto wrong = [&item](std::string_view key, std::string_view what) {
    return failure(Code::bad_config, item.where() + "." + std::string(key) + ": " + std::string(what));
  };
  Selection selection{item.text("annotation").value_or(""), item.text("field").value_or(""), item.texts("values")};
  if (item.wrong_type()) return tl::make_unexpected(*item.wrong_type());
  if (!is_annotation_key(selection.annotation)) {
    return wrong("annotation", "must be the key of an annotation: example.com/registry-role");
  }
  if (!is_field_name(selection.field)) return wrong("field", "must be the name of a field of the exchange's body");
  for (const Selection &other : selections) {
    if (other.field == selection.field) return wrong("field", "another selection has this field already; remove one");
  }
  const bool good = !selection.values.empty() && selection.values.size() <= values_max &&
                    std::all_of(selection.values.begin(), selection.values.end(),
                                [](const std::string &value) { return !value.empty() && is_field_value(value); });
  if (!good) return wrong("values", "must list 1 to 256 values, each 1 to 4096 bytes on one line");
  selections.push_back(std::move(selection));
  return {};
}

}  // namespace

Result<std::vector<Selection>> read_selections(Settings &settings) {
  std::vector<Selection> selections;
  Result<void> read = settings.each("selections", [&](Settings &item) { return read_one(item, selections); });
  if (!read) return tl::make_unexpected(std::move(read.error()));
  if (selections.size() > selections_max) return failure(Code::bad_config, "settings.selections: more than 16");
  return selections;
}

Result<std::map<std::string, std::string>> select_fields(const std::vector<Selection> &selections,
                                                         const std::map<std::string, std::string> &defaults,
                                                         const regcred::Request &request) {
  std::map<std::string, std::string> fields;
  for (const Selection &selection : selections) {
    const std::string_view value = request.annotation(selection.annotation).value_or("");
    if (value.empty()) {
      if (defaults.contains(selection.field)) continue;
      return failure(Code::bad_request,
                     "no annotation " + selection.annotation + " reached this backend, and settings.fields has no " +
                         shown(selection.field) + "; annotate the service account, and list the key under " +
                         "`annotations` of this entry and in the kubelet's optionalServiceAccountAnnotationKeys");
    }
    // The field's default is not allowed unless it is listed: settings.fields may hold a secret.
    Result<std::string> chosen = regcred::choose(
        request, {.annotation = selection.annotation, .allowed_name = "settings.selections"}, selection.values);
    if (!chosen) return tl::make_unexpected(std::move(chosen.error()));
    fields.emplace(selection.field, std::move(*chosen));
  }
  return fields;
}

}  // namespace oidc
