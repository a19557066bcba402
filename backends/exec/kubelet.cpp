// SPDX-License-Identifier: Apache-2.0
#include "kubelet.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <regcred/json.hpp>
#include <regcred/text.hpp>
#include <set>
#include <utility>

#include "failures.hpp"
#include "keyring.hpp"

namespace exec_backend {
namespace {

using nlohmann::json;
using regcred::Code;
using regcred::Credentials;
using regcred::failure;
using regcred::Result;
using regcred::Secret;

constexpr std::size_t auth_entries_max = 16;  // what the host takes

// Whether an object anywhere in `text` has a key twice, which a map would hide.
bool has_double_key(std::string_view text) {
  std::vector<std::set<std::string>> open;
  bool found = false;
  const auto look = [&](int, json::parse_event_t event, json &parsed) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key) found = found || !open.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  return json::parse(text, look, /*allow_exceptions=*/false).is_discarded() || found;
}

template <std::size_t N>
bool has_only(const json &object, const std::array<std::string_view, N> &keys) {
  for (const auto &[key, value] : object.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) return false;
  }
  return true;
}

// What is wrong with the answer; empty when the kubelet would take it.
std::string_view fault_of(const std::optional<json> &answer, const Options &options, std::string_view text) {
  constexpr std::array<std::string_view, 5> members = {"kind", "apiVersion", "cacheKeyType", "cacheDuration", "auth"};
  constexpr std::array<std::string_view, 2> members_of_auth = {"username", "password"};
  if (!answer) return "that is not one JSON object; is it a credential provider?";
  if (regcred::json_text(*answer, "apiVersion") != options.api_version) {
    return "of another apiVersion; set settings.apiVersion to the one that it speaks";
  }
  if (regcred::json_text(*answer, "kind") != "CredentialProviderResponse") return "of another kind";
  if (!has_only(*answer, members)) return "with an unknown member, which the kubelet refuses";
  if (has_double_key(text)) return "with a key twice, which the kubelet refuses";
  const std::string key_type = regcred::json_text(*answer, "cacheKeyType");
  if (key_type != "Image" && key_type != "Registry" && key_type != "Global") return "without a valid cacheKeyType";
  if (const json *duration = regcred::json_at(*answer, "cacheDuration")) {
    if (!duration->is_string() || !go_duration(duration->get<std::string>())) return "with a wrong cacheDuration";
  }
  const json *auth = regcred::json_at(*answer, "auth");
  if (auth == nullptr) return {};
  if (!auth->is_object()) return "with a wrong auth";
  for (const auto &[key, entry] : auth->items()) {
    if (!entry.is_object() || !has_only(entry, members_of_auth)) return "with a wrong entry of auth";
    for (const auto &[name, value] : entry.items()) {
      if (!value.is_string()) return "with a wrong entry of auth";
    }
  }
  return {};
}

}  // namespace

Secret provider_request(const Options &options, const regcred::Request &request) {
  nlohmann::ordered_json body = {{"kind", "CredentialProviderRequest"}, {"apiVersion", options.api_version}};
  body["image"] = request.image();
  if (options.api_version.ends_with("/v1")) {
    if (!request.service_account_token().empty()) body["serviceAccountToken"] = request.service_account_token();
    nlohmann::ordered_json annotations = nlohmann::ordered_json::object();
    for (const auto &[key, value] : request.annotations()) annotations[std::string(key)] = value;
    if (!annotations.empty()) body["serviceAccountAnnotations"] = std::move(annotations);
  }
  std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  Secret line(text);
  regcred::wipe(text);
  return line;
}

Result<Credentials> read_provider(const Options &options, const regcred::Request &request,
                                  const regcred::ProgramResult &end) {
  if (end.exit_status != 0) return failed_run(options, end);
  const std::string_view text = end.output.reveal();
  const std::optional<json> answer = regcred::parse_json_object(text);
  const auto wrong = [&](std::string_view what) {
    return failure(Code::bad_upstream, named(options.program) + " gave an answer " + std::string(what));
  };
  if (const std::string_view fault = fault_of(answer, options, text); !fault.empty()) return wrong(fault);

  std::vector<std::string> keys;
  const json *auth = regcred::json_at(*answer, "auth");
  if (auth != nullptr) {
    for (const auto &[key, entry] : auth->items()) keys.push_back(key);
  }
  Credentials credentials;
  std::set<std::string> places;
  for (const std::size_t i : matching(keys, request.image())) {
    std::string place = place_of(keyring_key(keys[i]), request.image());
    const json &entry = auth->at(keys[i]);
    std::string username = regcred::json_text(entry, "username");
    Secret password(regcred::json_text(entry, "password"));
    if (const std::string_view fault = fault_of(username, password.reveal()); !fault.empty()) {
      return wrong("with " + std::string(fault));
    }
    if (places.size() == auth_entries_max || !places.insert(place).second)
      continue;  // the kubelet tries that one later
    if (places.size() > 1) {
      credentials.others.push_back({std::move(place), std::move(username), std::move(password)});
      continue;
    }
    credentials.registry = std::move(place);
    credentials.username = std::move(username);
    credentials.password = std::move(password);
  }
  if (places.empty()) {
    return failure(Code::no_credentials,
                   named(options.program) + " has no credential for image " + regcred::shown(request.image(), 128));
  }
  // What is left out here is for other images of the registry: this answer must not be used for those.
  // guard: keys-divide
  const bool divided = std::any_of(keys.begin(), keys.end(),
                                   [&](const std::string &key) { return divides(keyring_key(key), request.image()); });
  const bool is_for_image = divided || regcred::json_text(*answer, "cacheKeyType") == "Image";
  credentials.scope = is_for_image ? regcred::Scope::image : regcred::Scope::registry;
  credentials.lifetime_has_margin = true;
  if (const json *duration = regcred::json_at(*answer, "cacheDuration")) {
    // One below zero is stored as expired by the kubelet; more than a year is no more than for ever.
    constexpr std::chrono::seconds longest = std::chrono::hours(24 * 365);
    credentials.lifetime = std::clamp(*go_duration(duration->get<std::string>()), std::chrono::seconds(0), longest);
  }
  return credentials;
}

std::optional<std::chrono::seconds> go_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> units = {{{"ns", 1e-9},
                                                                         {"us", 1e-6},
                                                                         {"\xC2\xB5s", 1e-6},
                                                                         {"\xCE\xBCs", 1e-6},
                                                                         {"ms", 1e-3},
                                                                         {"s", 1},
                                                                         {"m", 60},
                                                                         {"h", 3600}}};
  constexpr double seconds_max = 9'223'372'036;  // 2^63 ns
  double sign = 1;
  if (text.starts_with('-') || text.starts_with('+')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  if (text == "0") return std::chrono::seconds(0);
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    double value = 0;
    double scale = 1;  // of the last digit behind the point
    bool has_point = false;
    std::size_t digits = 0;
    for (; !text.empty() && ((text.front() >= '0' && text.front() <= '9') || text.front() == '.');
         text.remove_prefix(1)) {
      if (text.front() == '.') {
        if (has_point) return std::nullopt;
        has_point = true;
        continue;
      }
      const double digit = text.front() - '0';
      if (has_point) scale /= 10;
      value = has_point ? value + digit * scale : value * 10 + digit;
      ++digits;
    }
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789."));
    const auto *const known =
        std::find_if(units.begin(), units.end(), [unit](const auto &candidate) { return candidate.first == unit; });
    if (digits == 0 || known == units.end()) return std::nullopt;
    sum += value * known->second;
    if (sum > seconds_max) return std::nullopt;
    text.remove_prefix(unit.size());
  }
  return std::chrono::seconds(static_cast<std::int64_t>(sign * (sum + 1e-9)));
}

}  // namespace exec_backend
