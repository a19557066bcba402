// SPDX-License-Identifier: Apache-2.0
#include "emulator/fault.hpp"

#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>

namespace regcred::emulator {
namespace {

constexpr std::size_t piece_bytes = 16384;

void send_half(httplib::Response &response) {
  const std::string start = R"({"token": "eyJ)";
  response.set_content_provider(1000, "application/json",
                                [start](std::size_t offset, std::size_t, httplib::DataSink &sink) {
                                  if (offset == 0) sink.write(start.data(), start.size());
                                  return offset == 0;
                                });
}

void send_without_end(httplib::Response &response) {
  const std::string piece(piece_bytes, 'x');
  response.set_chunked_content_provider("application/json", [piece](std::size_t, httplib::DataSink &sink) {
    return sink.write(piece.data(), piece.size());
  });
}

}  // namespace

Fault read_fault(const nlohmann::json &from) {
  static const std::set<std::string> known = {"times",        "delay_ms",    "status",        "body",
                                              "content_type", "retry_after", "location",      "truncate",
                                              "endless",      "token",       "token_lifetime"};
  for (const auto &[name, value] : from.items()) {
    if (!known.contains(name)) throw std::invalid_argument("unknown member: " + name);
  }
  Fault fault;
  fault.times = from.value("times", fault.times);
  fault.delay_ms = from.value("delay_ms", fault.delay_ms);
  fault.status = from.value("status", fault.status);
  fault.body = from.value("body", fault.body);
  fault.content_type = from.value("content_type", fault.content_type);
  fault.retry_after = from.value("retry_after", fault.retry_after);
  fault.location = from.value("location", fault.location);
  fault.truncate = from.value("truncate", fault.truncate);
  fault.endless = from.value("endless", fault.endless);
  if (from.contains("token")) fault.token = from.at("token").get<std::string>();
  if (from.contains("token_lifetime")) fault.token_lifetime = from.at("token_lifetime").get<int>();
  return fault;
}

bool misbehave(const Fault &fault, httplib::Response &response) {
  std::this_thread::sleep_for(std::chrono::milliseconds(fault.delay_ms));
  if (!fault.retry_after.empty()) response.set_header("Retry-After", fault.retry_after);
  if (!fault.location.empty()) response.set_header("Location", fault.location);
  if (fault.truncate || fault.endless) {
    response.status = 201;
    fault.truncate ? send_half(response) : send_without_end(response);
    return true;
  }
  if (fault.token) {
    response.status = 201;
    response.set_content(nlohmann::json{{"token", *fault.token}}.dump(), "application/json");
    return true;
  }
  if (fault.status == 0) return false;
  response.status = fault.status;
  response.set_content(fault.body, fault.content_type);
  return true;
}

}  // namespace regcred::emulator
