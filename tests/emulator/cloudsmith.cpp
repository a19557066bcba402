// SPDX-License-Identifier: Apache-2.0
#include "emulator/cloudsmith.hpp"

namespace regcred::emulator {
namespace {

nlohmann::json as_json(const std::vector<ReceivedExchange> &received) {
  nlohmann::json list = nlohmann::json::array();
  for (const ReceivedExchange &exchange : received) {
    list.push_back({{"org", exchange.org},
                    {"service_slug", exchange.service_slug ? nlohmann::json(*exchange.service_slug) : nullptr},
                    {"claims", exchange.claims},
                    {"status", exchange.status},
                    {"why_refused", exchange.why_refused},
                    {"headers", exchange.headers}});
  }
  return list;
}

nlohmann::json as_json(const std::vector<RealmLogin> &logins) {
  nlohmann::json list = nlohmann::json::array();
  for (const RealmLogin &login : logins) list.push_back({{"who", login.who}, {"scope", login.scope}});
  return list;
}

}  // namespace

Cloudsmith::Cloudsmith(Organisations organisations, Place place)
    : place_(std::move(place)), organisations_(std::move(organisations)) {
  api_.add_to(server_.http());
  realm_.add_to(server_.http());
  add_steering();
  port_ = server_.start(place_.address, place_.port);
}

void Cloudsmith::add_steering() {
  server_.http().Put("/emulator/fault", [this](const httplib::Request &request, httplib::Response &response) {
    try {
      set_fault(read_fault(nlohmann::json::parse(request.body)));
    } catch (const std::exception &error) {
      response.status = 400;
      response.set_content(std::string(error.what()) + "\n", "text/plain");
    }
  });
  server_.http().Delete("/emulator/fault", [this](const httplib::Request &, httplib::Response &) { set_fault({}); });
  server_.http().Get("/emulator/received", [this](const httplib::Request &, httplib::Response &response) {
    response.set_content(as_json(received()).dump(), "application/json");
  });
  server_.http().Get("/emulator/logins", [this](const httplib::Request &, httplib::Response &response) {
    response.set_content(as_json(logins()).dump(), "application/json");
  });
}

}  // namespace regcred::emulator
