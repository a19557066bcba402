// SPDX-License-Identifier: Apache-2.0
#include "kubelet/request_fields.hpp"

#include <nlohmann/json.hpp>

#include "common/limits.hpp"
#include "common/text.hpp"

namespace regcred::core {
namespace {

// Listens to the parser and keeps the known fields of the outermost object. Returning false ends the parse.
class FieldCollector : public nlohmann::json_sax<nlohmann::json> {
 public:
  RequestFields fields;
  bool is_object = true;     // the outermost value, as far as it has been seen
  bool is_complete = false;  // its closing brace has been seen
  bool is_too_deep = false;
  std::size_t error_byte = 0;  // where the parser gave up

  bool null() override {
    if (in_annotations()) note_annotation_value();
    return depth_ > 0 || not_an_object();  // a null field is as good as none
  }
  bool boolean(bool) override { return wrong_scalar(); }
  bool number_integer(number_integer_t) override { return wrong_scalar(); }
  bool number_unsigned(number_unsigned_t) override { return wrong_scalar(); }
  bool number_float(number_float_t, const string_t &) override { return wrong_scalar(); }
  bool binary(binary_t &) override { return wrong_scalar(); }

  bool string(string_t &value) override {
    const bool goes_on = take_string(value);
    wipe(value);  // the parser's copy may be the token
    return goes_on;
  }

  bool start_object(std::size_t) override {
    if (depth_ == 1 && field_ == Field::annotations) {
      fields.annotations.value.emplace();
    } else {
      note_wrong_type();
    }
    return enter();
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) return not_an_object();
    note_wrong_type();
    return enter();
  }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(string_t &name) override {
    if (depth_ == 1) {
      field_ = known_field(name);
      with_field([](auto &field) {
        if (field.seen && field.problem.empty()) field.problem = "appears twice";
        field.seen = true;
      });
    } else if (in_annotations()) {
      annotation_key_ = name;
    }
    return true;
  }

  // The exception's text holds what was read last, which may be the token: only the position is used.
  bool parse_error(std::size_t position, const std::string &, const nlohmann::detail::exception &) override {
    error_byte = position;
    return false;
  }

 private:
  enum class Field { unknown, kind, api_version, image, token, annotations };

  static Field known_field(std::string_view name) {
    if (name == "kind") return Field::kind;
    if (name == "apiVersion") return Field::api_version;
    if (name == "image") return Field::image;
    if (name == "serviceAccountToken") return Field::token;
    if (name == "serviceAccountAnnotations") return Field::annotations;
    return Field::unknown;
  }

  // Calls `action` with the field whose value is being read, whatever its type.
  template <class Action>
  void with_field(Action action) {
    switch (field_) {
      case Field::kind:
        return action(fields.kind);
      case Field::api_version:
        return action(fields.api_version);
      case Field::image:
        return action(fields.image);
      case Field::token:
        return action(fields.token);
      case Field::annotations:
        return action(fields.annotations);
      case Field::unknown:
        return;
    }
  }

  void note(std::string_view problem) {
    with_field([&](auto &field) {
      if (field.problem.empty()) field.problem = problem;
    });
  }
  void note_annotation_value() { note("has a value that is not a string: \"" + printable(annotation_key_, 100) + '"'); }
  void note_wrong_type() {
    if (depth_ == 1) note(field_ == Field::annotations ? "is not an object" : "is not a string");
    if (in_annotations()) note_annotation_value();
  }

  bool not_an_object() { return is_object = false; }
  bool wrong_scalar() {
    note_wrong_type();
    return depth_ > 0 || not_an_object();
  }

  // Directly in the object of annotations.
  [[nodiscard]] bool in_annotations() const {
    return depth_ == 2 && field_ == Field::annotations && fields.annotations.value.has_value();
  }

  bool enter() {
    ++depth_;
    is_too_deep = depth_ > limits::json_depth_max;  // guard: request-depth
    return !is_too_deep;
  }
  bool leave() {
    --depth_;
    is_complete = depth_ == 0;
    return true;
  }

  bool take_string(const string_t &value) {
    if (depth_ == 0) return not_an_object();
    if (in_annotations()) take_annotation(value);
    if (depth_ != 1) return true;
    switch (field_) {
      case Field::kind:
        fields.kind.value = value;
        break;
      case Field::api_version:
        fields.api_version.value = value;
        break;
      case Field::image:
        fields.image.value = value;
        break;
      case Field::token:
        fields.token.value = Secret(value);
        break;
      case Field::annotations:
        note_wrong_type();
        break;
      case Field::unknown:
        break;
    }
    return true;
  }

  void take_annotation(const string_t &value) {
    auto &annotations = *fields.annotations.value;
    if (annotations.size() >= limits::annotations_max) {
      note("has more than " + std::to_string(limits::annotations_max) + " entries");
    } else if (!annotations.emplace(annotation_key_, value).second) {
      note("has a key twice: \"" + printable(annotation_key_, 100) + '"');
    }
  }

  Field field_ = Field::unknown;
  std::size_t depth_ = 0;
  std::string annotation_key_;
};

constexpr std::string_view whitespace = " \t\r\n";

// What the parser would let pass or describe badly.
Status check_bytes(std::string_view text) {
  if (text.find_first_not_of(whitespace) == std::string_view::npos) {
    return refuse_request(
        "is empty",
        "the kubelet writes one CredentialProviderRequest; by hand use the commands, which regcred --help lists");
  }
  if (text.starts_with("\xEF\xBB\xBF")) return refuse_request("starts with a byte order mark", "send plain UTF-8");
  const std::size_t nul = text.find('\0');  // the parser would take it for the end of the text
  if (nul != std::string_view::npos) {
    return refuse_request("holds a NUL byte at byte " + std::to_string(nul + 1),
                          "send one JSON object and nothing else");
  }
  return {};
}

}  // namespace

Result<RequestFields> read_request_fields(std::string_view text) {
  if (auto checked = check_bytes(text); !checked) return tl::make_unexpected(checked.error());
  FieldCollector collector;
  try {
    if (nlohmann::json::sax_parse(text, &collector)) return std::move(collector.fields);
  } catch (const nlohmann::json::exception &) {
    return refuse_request("is not valid JSON", "send one JSON object in UTF-8");
  }
  if (!collector.is_object) return refuse_request("is JSON, but not an object", "send one CredentialProviderRequest");
  if (collector.is_too_deep) {
    return refuse_request("is nested deeper than " + std::to_string(limits::json_depth_max) + " levels",
                          "a CredentialProviderRequest needs two");
  }
  const std::string at = " at byte " + std::to_string(collector.error_byte);
  if (collector.is_complete) {
    return refuse_request("goes on after the first JSON object," + at,
                          "send one CredentialProviderRequest for each call");
  }
  return refuse_request(
      "is not valid JSON in UTF-8:" + (collector.error_byte > text.size() ? " it ends too early" : at),
      "look at what starts regcred: the kubelet's requests are always valid");
}

}  // namespace regcred::core
