// SPDX-License-Identifier: Apache-2.0
#include "conformance/subject.hpp"

#include <array>
#include <filesystem>
#include <regcred/testing/fake_request.hpp>

#include "common/contains.hpp"
#include "common/image_reference.hpp"
#include "common/key_value.hpp"
#include "common/text.hpp"
#include "conformance/document.hpp"

namespace regcred::conformance {
namespace {

using core::ErrorCode;
using nlohmann::ordered_json;

core::Status find_backend(const std::string &path, Subject &subject) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) return core::fail(ErrorCode::backend_load, path, error.message(), "name the backend's .so file");
  if (!std::filesystem::is_regular_file(real, error)) {
    return core::fail(ErrorCode::backend_load, path, "is not a regular file", "name the backend's .so file");
  }
  subject.path = real.string();
  subject.name = real.stem().string();
  return {};
}

// Of the file, when one is given.
core::Result<std::string> text_of(const std::string &path, std::string otherwise) {
  if (path.empty()) return otherwise;
  return read_file(path);
}

core::Status read_settings(const std::string &path, Subject &subject) {
  const auto settings =
      text_of(path, "{}").and_then([&](const std::string &text) { return parse_document(text, path); });
  if (!settings) return tl::make_unexpected(settings.error());
  if (!settings->is_object()) {
    return core::fail(ErrorCode::usage, path, "is not a mapping", "write the keys under `settings:` of an entry");
  }
  subject.settings_json = settings->dump();
  return {};
}

core::Status read_conversation_file(const std::string &path, Subject &subject) {
  subject.has_conversation = !path.empty();
  return text_of(path, "[]")
      .and_then([&](const std::string &text) { return read_conversation(text, path); })
      .map([&](Conversation conversation) { subject.conversation = std::move(conversation); });
}

std::string made_token(std::chrono::seconds now, const ordered_json &claims) {
  nlohmann::json all = test::pod_claims(now.count());
  for (const auto &[name, value] : claims.items()) all[name] = nlohmann::json(value);
  return test::fake_token(all);
}

core::Status read_request_file(const SubjectSources &sources, Subject &subject) {
  return text_of(sources.request, "{}")
      .and_then([&](const std::string &text) { return read_request(text, sources.request, subject.conversation.now); })
      .map([&](RequestSpec request) { subject.request = std::move(request); });
}

core::Status check_image(const std::string &image) {
  const auto refuse = [&image](const std::string &what, std::string cure) {
    return core::fail(ErrorCode::usage, "image", core::printable(image, 300) + what, std::move(cure));
  };
  const std::size_t slash = image.find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == image.size()) {
    return refuse(" is not HOST/PATH", "write it as the kubelet does: registry.example.com/team/app");
  }
  const core::Result<std::string> name = core::normalise_image(image);
  if (!name) return refuse(" " + name.error().what, name.error().cure);
  if (*name == image) return {};
  return refuse(" is not as the kubelet sends it, without tag and digest", "write " + *name);
}

core::Status apply_flags(const SubjectSources &sources, RequestSpec &request) {
  if (!sources.image.empty()) request.image = sources.image;
  if (!sources.token_file.empty()) {
    core::Result<std::string> token = read_file(sources.token_file);
    if (!token) return tl::make_unexpected(token.error());
    request.token = token->substr(0, token->find_last_not_of("\r\n \t") + 1);
  }
  for (const std::string &annotation : sources.annotations) {
    const std::optional<core::KeyValue> pair = core::split_key_value(annotation);
    if (!pair) {
      return core::fail(ErrorCode::usage, "--annotation", core::printable(annotation, 100) + " is not KEY=VALUE");
    }
    request.annotations[std::string(pair->key)] = pair->value;
  }
  return check_image(request.image);
}

}  // namespace

core::Result<RequestSpec> read_request(std::string_view text, const std::string &where, std::chrono::seconds now) {
  constexpr std::array<std::string_view, 6> known = {
      "apiVersion", "kind", "image", "serviceAccountToken", "serviceAccountAnnotations", "serviceAccountTokenClaims"};
  const auto wrong = [&where](std::string what) { return core::fail(ErrorCode::usage, where, std::move(what)); };
  const core::Result<ordered_json> document = parse_document(text, where);
  if (!document) return tl::make_unexpected(document.error());
  if (!document->is_object()) return wrong("is not a mapping");

  RequestSpec request;
  request.token = made_token(now, ordered_json::object());
  for (const auto &[key, value] : document->items()) {
    if (!core::contains(known, key)) {
      return wrong("has the unknown key " + core::printable(key, 60));
    }
    const bool map = key == "serviceAccountAnnotations" || key == "serviceAccountTokenClaims";
    if (map ? !value.is_object() : !value.is_string())
      return wrong(key + (map ? " must be a mapping" : " must be text"));
    if (key == "image") request.image = value.get<std::string>();
    if (key == "serviceAccountToken") request.token = value.get<std::string>();
    if (key == "serviceAccountTokenClaims") request.token = made_token(now, value);
    if (key != "serviceAccountAnnotations") continue;
    for (const auto &[name, content] : value.items()) {
      if (!content.is_string()) return wrong("annotation " + core::printable(name, 100) + " must be text");
      request.annotations[name] = content.get<std::string>();
    }
  }
  return request;
}

core::Result<Subject> read_subject(const SubjectSources &sources) {
  Subject subject;
  return find_backend(sources.backend, subject)
      .and_then([&] { return read_settings(sources.settings, subject); })
      .and_then([&] { return read_conversation_file(sources.conversation, subject); })
      .and_then([&] { return read_request_file(sources, subject); })
      .and_then([&] { return apply_flags(sources, subject.request); })
      .map([&] { return std::move(subject); });
}

}  // namespace regcred::conformance
