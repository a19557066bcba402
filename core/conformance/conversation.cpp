// SPDX-License-Identifier: Apache-2.0
#include "conformance/conversation.hpp"

#include <fnmatch.h>

#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "common/contains.hpp"
#include "common/text.hpp"
#include "conformance/document.hpp"

namespace regcred::conformance {
namespace {

using core::ErrorCode;
using nlohmann::ordered_json;

// Reads straight down and keeps the first thing that is wrong; what follows it then does not count.
class Reader {
 public:
  explicit Reader(std::string where) : where_(std::move(where)) {}

  Conversation read(const ordered_json &document) {
    constexpr std::array<std::string_view, 4> keys = {"now", "secrets", "calls", "programs"};
    Conversation conversation;
    if (document.is_array()) {
      conversation.calls = read_calls(document);
      return conversation;
    }
    if (!expect_mapping(document, "a conversation", keys)) return conversation;
    if (const auto now = document.find("now"); now != document.end()) {
      if (now->is_number_integer()) {
        conversation.now = std::chrono::seconds(now->get<std::int64_t>());
      } else {
        wrong("now must be a whole number of seconds");
      }
    }
    if (const auto secrets = document.find("secrets"); secrets != document.end()) {
      if (!secrets->is_object()) wrong("secrets must be a mapping of names to contents");
      for (const auto &[name, content] : secrets->items()) {
        conversation.secrets[name] = text_of(content, "secrets." + name);
      }
    }
    if (const auto calls = document.find("calls"); calls != document.end()) conversation.calls = read_calls(*calls);
    if (const auto programs = document.find("programs"); programs != document.end()) {
      if (!programs->is_array()) wrong("programs must be a list");
      for (const ordered_json &item : *programs) {
        const std::string name = "programs[" + std::to_string(conversation.programs.size()) + "]";
        conversation.programs.push_back(read_program(item, name));
      }
    }
    return conversation;
  }

  [[nodiscard]] const std::optional<core::Error> &error() const { return error_; }

 private:
  void wrong(std::string what, std::string cure = {}) {
    if (!error_) error_ = core::Error{ErrorCode::usage, where_, std::move(what), std::move(cure)};
  }

  bool expect_mapping(const ordered_json &value, const std::string &name, std::span<const std::string_view> keys) {
    if (!value.is_object()) {
      wrong(name + " must be a mapping");
      return false;
    }
    std::string known;
    for (const std::string_view word : keys) known += (known.empty() ? "" : ", ") + std::string(word);
    for (const auto &[key, member] : value.items()) {
      if (!core::contains(keys, key)) {
        wrong(name + " has the unknown key " + core::printable(key, 60), "it takes " + known);
      }
    }
    return true;
  }

  std::string text_of(const ordered_json &value, const std::string &name) {
    if (value.is_string()) return value.get<std::string>();
    wrong(name + " must be text", "put it into quotes");
    return {};
  }

  std::vector<Call> read_calls(const ordered_json &list) {
    std::vector<Call> calls;
    if (!list.is_array()) wrong("calls must be a list");
    for (const ordered_json &item : list) {
      calls.push_back(read_call(item, "calls[" + std::to_string(calls.size()) + "]"));
    }
    return calls;
  }

  Call read_call(const ordered_json &value, const std::string &name) {
    constexpr std::array<std::string_view, 2> keys = {"expect", "reply"};
    constexpr std::array<std::string_view, 2> keys_of_expect = {"method", "url"};
    constexpr std::array<std::string_view, 3> methods = {"GET", "POST", "PUT"};
    Call call;
    if (!expect_mapping(value, name, keys)) return call;
    const ordered_json expect = value.value("expect", ordered_json());
    if (!expect_mapping(expect, name + ".expect", keys_of_expect)) return call;
    call.method = text_of(expect.value("method", ordered_json("GET")), name + ".expect.method");
    if (!core::contains(methods, call.method)) {
      wrong(name + ".expect.method must be GET, POST or PUT", "the host sends no other");
    }
    call.url = text_of(expect.value("url", ordered_json()), name + ".expect.url");
    if (value.contains("reply")) call.reply = read_reply(value["reply"], name + ".reply");
    return call;
  }

  PlannedProgram read_program(const ordered_json &value, const std::string &name) {
    constexpr std::array<std::string_view, 2> keys = {"expect", "reply"};
    constexpr std::array<std::string_view, 1> keys_of_expect = {"program"};
    constexpr std::array<std::string_view, 2> keys_of_reply = {"status", "output"};
    PlannedProgram program;
    if (!expect_mapping(value, name, keys)) return program;
    const ordered_json expect = value.value("expect", ordered_json());
    if (!expect_mapping(expect, name + ".expect", keys_of_expect)) return program;
    program.path = text_of(expect.value("program", ordered_json()), name + ".expect.program");
    const ordered_json reply = value.value("reply", ordered_json::object());
    if (!expect_mapping(reply, name + ".reply", keys_of_reply)) return program;
    const ordered_json status = reply.value("status", ordered_json(0));
    if (status.is_number_integer() && status >= 0 && status <= 255) {
      program.status = status.get<int>();
    } else {
      wrong(name + ".reply.status must be a number from 0 to 255");
    }
    const ordered_json output = reply.value("output", ordered_json(""));
    program.output = output.is_string() ? output.get<std::string>() : output.dump();
    return program;
  }

  Reply read_reply(const ordered_json &value, const std::string &name) {
    constexpr std::array<std::string_view, 3> keys = {"status", "headers", "body"};
    Reply reply;
    if (!expect_mapping(value, name, keys)) return reply;
    const ordered_json status = value.value("status", ordered_json(reply.status));
    if (status.is_number_integer() && status >= 200 && status <= 599) {
      reply.status = status.get<int>();
    } else {
      wrong(name + ".status must be a number from 200 to 599");
    }
    const ordered_json headers = value.value("headers", ordered_json::object());
    if (!headers.is_object()) wrong(name + ".headers must be a mapping");
    for (const auto &[header, text] : headers.items()) {
      reply.headers.emplace_back(header, text_of(text, name + ".headers." + header));
    }
    const ordered_json body = value.value("body", ordered_json(""));
    reply.body = body.is_string() ? body.get<std::string>() : body.dump();
    return reply;
  }

  std::string where_;
  std::optional<core::Error> error_;
};

}  // namespace

core::Result<Conversation> read_conversation(std::string_view text, const std::string &where) {
  const core::Result<ordered_json> document = parse_document(text, where);
  if (!document) return tl::make_unexpected(document.error());
  Reader reader(where);
  Conversation conversation = reader.read(*document);
  if (reader.error()) return tl::make_unexpected(*reader.error());
  return conversation;
}

bool is_planned(const Call &planned, std::string_view method, std::string_view url) {
  if (planned.method != method) return false;
  // fnmatch knows more than '*': the rest is made literal, since '?' and '[' are parts of URLs.
  std::string pattern;
  for (const char c : planned.url) {
    if (c == '?' || c == '[' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  return ::fnmatch(pattern.c_str(), std::string(url).c_str(), 0) == 0;
}

std::string call_label(std::string_view method, std::string_view url) {
  return core::printable(std::string(method) + " " + std::string(url.substr(0, url.find('?'))), 200);
}

}  // namespace regcred::conformance
