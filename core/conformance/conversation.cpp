#include "conformance/conversation.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "common/text.hpp"
#include "conformance/document.hpp"

namespace regcred::conformance {
namespace {

using core::ErrorCode;
using nlohmann::ordered_json;

// The first thing that is wrong with a file is thrown inside this source and becomes the error of read_conversation():
// the readers below then read straight down.
struct Wrong {
  std::string what;
  std::string cure;
};

void expect_keys(const ordered_json &value, const std::string &name, std::span<const std::string_view> keys) {
  if (!value.is_object()) throw Wrong{name + " must be a mapping", {}};
  for (const auto &[key, member] : value.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::string known;
    for (const std::string_view word : keys) known += (known.empty() ? "" : ", ") + std::string(word);
    throw Wrong{name + " has the unknown key " + core::printable(key, 60), "it takes " + known};
  }
}

std::string text_of(const ordered_json &value, const std::string &name) {
  if (!value.is_string()) throw Wrong{name + " must be text", "put it into quotes"};
  return value.get<std::string>();
}

Reply read_reply(const ordered_json &value, const std::string &name) {
  constexpr std::array<std::string_view, 3> keys = {"status", "headers", "body"};
  expect_keys(value, name, keys);
  Reply reply;
  if (const auto status = value.find("status"); status != value.end()) {
    const bool fits =
        status->is_number_integer() && status->get<std::int64_t>() >= 200 && status->get<std::int64_t>() <= 599;
    if (!fits) throw Wrong{name + ".status must be a number from 200 to 599", {}};
    reply.status = status->get<int>();
  }
  if (const auto headers = value.find("headers"); headers != value.end()) {
    if (!headers->is_object()) throw Wrong{name + ".headers must be a mapping", {}};
    for (const auto &[header, text] : headers->items()) {
      reply.headers.emplace_back(header, text_of(text, name + ".headers." + header));
    }
  }
  if (const auto body = value.find("body"); body != value.end()) {
    reply.body = body->is_string() ? body->get<std::string>() : body->dump();
  }
  return reply;
}

Call read_call(const ordered_json &value, const std::string &name) {
  constexpr std::array<std::string_view, 2> keys = {"expect", "reply"};
  constexpr std::array<std::string_view, 2> expect_keys_known = {"method", "url"};
  constexpr std::array<std::string_view, 3> methods = {"GET", "POST", "PUT"};
  expect_keys(value, name, keys);
  if (!value.contains("expect")) throw Wrong{name + " has no expect", "write expect: {method: ..., url: ...}"};
  const ordered_json &expect = value["expect"];
  expect_keys(expect, name + ".expect", expect_keys_known);
  Call call;
  call.method = text_of(expect.value("method", ordered_json("GET")), name + ".expect.method");
  if (std::find(methods.begin(), methods.end(), call.method) == methods.end()) {
    throw Wrong{name + ".expect.method must be GET, POST or PUT", "the host sends no other"};
  }
  call.url = text_of(expect.value("url", ordered_json()), name + ".expect.url");
  if (value.contains("reply")) call.reply = read_reply(value["reply"], name + ".reply");
  return call;
}

std::vector<Call> read_calls(const ordered_json &list) {
  if (!list.is_array()) throw Wrong{"calls must be a list", {}};
  std::vector<Call> calls;
  for (const ordered_json &item : list) calls.push_back(read_call(item, "calls[" + std::to_string(calls.size()) + "]"));
  return calls;
}

Conversation read(const ordered_json &document) {
  Conversation conversation;
  if (document.is_array()) {
    conversation.calls = read_calls(document);
    return conversation;
  }
  constexpr std::array<std::string_view, 3> keys = {"now", "secrets", "calls"};
  expect_keys(document, "a conversation", keys);
  if (const auto now = document.find("now"); now != document.end()) {
    if (!now->is_number_integer()) throw Wrong{"now must be a whole number of seconds", {}};
    conversation.now = std::chrono::seconds(now->get<std::int64_t>());
  }
  if (const auto secrets = document.find("secrets"); secrets != document.end()) {
    if (!secrets->is_object()) throw Wrong{"secrets must be a mapping of names to contents", {}};
    for (const auto &[name, content] : secrets->items()) {
      conversation.secrets[name] = text_of(content, "secrets." + name);
    }
  }
  if (const auto calls = document.find("calls"); calls != document.end()) conversation.calls = read_calls(*calls);
  return conversation;
}

}  // namespace

core::Result<Conversation> read_conversation(std::string_view text, const std::string &where) {
  const core::Result<ordered_json> document = parse_document(text, where);
  if (!document) return tl::make_unexpected(document.error());
  try {
    return read(*document);
  } catch (const Wrong &wrong) {
    return core::fail(ErrorCode::usage, where, wrong.what, wrong.cure);
  }
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
