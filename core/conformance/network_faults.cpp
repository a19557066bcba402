// SPDX-License-Identifier: Apache-2.0
#include "conformance/network_faults.hpp"

#include <nlohmann/json.hpp>

#include "conformance/expiry.hpp"

namespace regcred::conformance {
namespace {

using Codes = std::vector<std::int32_t>;
using nlohmann::json;

Reply json_reply(int status) {
  const std::string canary(body_canary);
  const json body = {{"message", canary}, {"error", canary}, {"detail", canary}, {"error_description", canary}};
  return {.status = status,
          .headers = {{"content-type", "application/json"}, {"www-authenticate", "Bearer error=\"" + canary + "\""}},
          .body = body.dump()};
}

Reply redirect(int status) {
  const std::string url = "https://" + std::string(elsewhere_host) + "/login?state=" + std::string(body_canary);
  return {.status = status, .headers = {{"location", url}}};
}

Reply web_page() {
  return {.headers = {{"content-type", "text/html; charset=utf-8"}},
          .body = "<!DOCTYPE html>\n<html><body>Sign in, " + std::string(body_canary) + "</body></html>\n"};
}

json of_other_type(const json &value) { return value.is_string() ? json(7) : json("seven"); }

// Collects the places of all values below `value`.
void find_places(const json &value, const json::json_pointer &place, std::vector<json::json_pointer> &places) {
  if (!place.empty()) places.push_back(place);
  if (value.is_object()) {
    for (const auto &[key, member] : value.items()) find_places(member, place / key, places);
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) find_places(value[i], place / i, places);
  }
}

// Adds the faults of one call.
class Faults {
 public:
  Faults(const Conversation &conversation, std::size_t call, std::vector<NetworkFault> &all)
      : conversation_(conversation), planned_(conversation.calls[call].reply), call_(call), all_(all) {}

  void add() {
    add_statuses();
    add_no_responses();
    add_bodies();
    add_expiry("network.expiry-missing", ExpiryChange::removed);
    add_expiry("network.expiry-past", ExpiryChange::past);
  }

 private:
  void add_statuses() {
    refuse("network.http-401", json_reply(401), {REGCRED_DENIED});
    refuse("network.http-403", json_reply(403), {REGCRED_DENIED});
    refuse("network.http-404", json_reply(404),
           {REGCRED_DENIED, REGCRED_BAD_UPSTREAM, REGCRED_BAD_CONFIG, REGCRED_BAD_REQUEST});
    Reply throttled = json_reply(429);
    throttled.headers.emplace_back("retry-after", std::to_string(retry_after.count()));
    throttled.retry_after = retry_after;
    refuse("network.http-429", throttled, {REGCRED_THROTTLED});
    refuse("network.http-500", json_reply(500), {REGCRED_UNAVAILABLE});
    refuse("network.http-500", json_reply(503), {REGCRED_UNAVAILABLE, REGCRED_THROTTLED});
    for (const int status : {302, 307}) {
      add("network.redirect", "HTTP " + std::to_string(status) + " to " + std::string(elsewhere_host), redirect(status),
          no_response(REGCRED_UNAVAILABLE, "no such server"),
          {REGCRED_BAD_UPSTREAM, REGCRED_DENIED, REGCRED_BAD_CONFIG});
    }
  }

  void add_no_responses() {
    const Reply large = no_response(REGCRED_BAD_UPSTREAM, "the body is larger than 1 MiB (67108864 bytes)");
    const Reply stalled = no_response(REGCRED_TIMEOUT, "no answer before the deadline of this request");
    const Reply reset = no_response(REGCRED_UNAVAILABLE, "the connection was reset by the server");
    add("network.too-large", "a body of 64 MiB", large, large, {REGCRED_BAD_UPSTREAM});
    add("network.timeout", "a server that stalls", stalled, stalled, {REGCRED_TIMEOUT});
    add("network.reset", "a connection reset", reset, reset, {REGCRED_UNAVAILABLE});
  }

  // A body that is wrong in itself. The calls after it go on as planned: a backend may not need this one's body.
  void add_bodies() {
    body("network.empty-body", "an empty body", {});
    add("network.html-page", "a web page", web_page(), std::nullopt, {REGCRED_BAD_UPSTREAM, REGCRED_UNAVAILABLE});
    const json value = json::parse(planned_.body, nullptr, /*allow_exceptions=*/false);
    if (!value.is_structured()) return;
    body("network.truncated-json", "JSON without its last byte", planned_.body.substr(0, planned_.body.size() - 1));
    body("network.truncated-json", "JSON cut in the middle", planned_.body.substr(0, planned_.body.size() / 2));
    std::vector<json::json_pointer> places;
    find_places(value, json::json_pointer(), places);
    for (const json::json_pointer &place : places) {
      json changed = value;
      changed[place] = of_other_type(value[place]);
      body("network.wrong-types", "another type at " + place.to_string(), changed.dump());
    }
    body("network.wrong-types", "a list instead of the document", json::array({value}).dump());
  }

  // The credential's is the last one. What was given before it only asks for it, and may end earlier: the temporary
  // keys of AWS live for minutes, the password that they fetch for hours.
  void add_expiry(const std::string &check, ExpiryChange change) {
    for (std::size_t later = call_ + 1; later < conversation_.calls.size(); ++later) {
      if (with_expiry(conversation_.calls[later].reply.body, change, conversation_.now)) return;
    }
    const std::optional<std::string> changed = with_expiry(planned_.body, change, conversation_.now);
    if (!changed) return;
    for (std::size_t i = call_ + 1; i < conversation_.calls.size(); ++i) {
      if (with_expiry(conversation_.calls[i].reply.body, change, conversation_.now)) return;
    }
    body(check, change == ExpiryChange::past ? "an expiry in the past" : "no expiry", *changed);
    all_.back().changes_credential = true;  // it may be the very token whose claims were changed
  }

  void refuse(const std::string &check, const Reply &reply, const Codes &codes) {
    if (planned_.status == reply.status) return;
    add(check, "HTTP " + std::to_string(reply.status), reply, reply, codes);
  }

  void body(const std::string &check, const std::string &what, std::string text) {
    Reply reply = planned_;
    reply.body = std::move(text);
    add(check, what, reply, std::nullopt, {REGCRED_BAD_UPSTREAM});
  }

  void add(const std::string &check, const std::string &what, const Reply &at, const std::optional<Reply> &after,
           const Codes &codes) {
    const Call &call = conversation_.calls[call_];
    all_.push_back({check, what + " for " + call_label(call.method, call.url), call_, at, after, codes});
  }

  const Conversation &conversation_;
  const Reply &planned_;
  std::size_t call_;
  std::vector<NetworkFault> &all_;
};

}  // namespace

std::vector<NetworkFault> network_faults(const Conversation &conversation) {
  std::vector<NetworkFault> all;
  for (std::size_t call = 0; call < conversation.calls.size(); ++call) Faults(conversation, call, all).add();
  return all;
}

}  // namespace regcred::conformance
