#include "failures.hpp"

#include <optional>
#include <regcred/text.hpp>

namespace cloudsmith {
namespace {

using regcred::Code;
using regcred::Failure;
using regcred::HttpResponse;
using regcred::shown;

constexpr std::size_t text_bytes_max = 512;  // what the host keeps
constexpr std::string_view oidc_settings =
    "; check Cloudsmith's OIDC settings: provider URL = issuer, claims match, service account assigned";

std::string http_status(const HttpResponse &response) { return "(HTTP " + std::to_string(response.status) + ")"; }

std::string service_words(const Target &target) {
  return target.service_slug ? "service " + shown(*target.service_slug, 40) : "service none: mapped by claim";
}

std::string claim(std::string_view name, std::string_view value, std::size_t bytes_max) {
  return std::string(name) + " " + (value.empty() ? "none" : shown(value, bytes_max));
}

// `; org "acme", service "ci", API host api.cloudsmith.io, token's issuer "...", audience "...", subject "..."`
std::string facts(const Exchange &exchange) {
  std::string audiences;
  for (const std::string &audience : exchange.claims.audiences) audiences += (audiences.empty() ? "" : ",") + audience;
  std::string host = exchange.target.api_host;
  if (host.size() > 50) host = host.substr(0, 50) + "...";
  return "; org " + shown(exchange.target.org_slug, 40) + ", " + service_words(exchange.target) + ", API host " + host +
         ", token's " + claim("issuer", exchange.claims.issuer, 70) + ", " + claim("audience", audiences, 40) + ", " +
         claim("subject", exchange.claims.subject, 70);
}

// The finding first, then the facts, then `hint` as far as it fits whole.
Failure told(Code code, std::string_view finding, const Exchange &exchange, std::string_view hint = {}) {
  std::string text = std::string(finding) + facts(exchange);
  if (text.size() + hint.size() <= text_bytes_max) text += hint;
  if (text.size() > text_bytes_max) text = text.substr(0, text_bytes_max - 3) + "...";
  return {code, std::move(text)};
}

// The reasons that Cloudsmith documents for a refusal.
enum class Refusal { not_created, not_authenticated, forbidden, unknown_org, bad_parameters };

// The documented sentences are listed without their status codes, so their meaning counts before the status.
std::optional<Refusal> refusal_of(const HttpResponse &response) {
  const int status = response.status;
  if (status == 404) return Refusal::unknown_org;
  if (status != 400 && status != 401 && status != 403 && status != 422) return std::nullopt;
  if (const auto body = response.json_object()) {
    const std::string detail = regcred::detail::text_claim(*body, "detail");
    if (detail.find("cannot be created") != std::string::npos) return Refusal::not_created;
    if (detail.find("cannot be authenticated") != std::string::npos) return Refusal::not_authenticated;
    if (detail.find("invalid parameters") != std::string::npos) return Refusal::bad_parameters;
  }
  switch (status) {
    case 400:
      return Refusal::not_created;
    case 401:
      return Refusal::not_authenticated;
    case 403:
      return Refusal::forbidden;
    default:
      return Refusal::bad_parameters;
  }
}

std::string not_authenticated_text(const Exchange &exchange) {
  const auto expires_at = exchange.claims.expires_at;
  if (expires_at && *expires_at <= exchange.unix_now.count()) {
    return "the pod's token expired " + std::to_string(exchange.unix_now.count() - *expires_at) +
           " s ago by this node's clock; check the clock";
  }
  return "the pod's token does not fit any OIDC setting of this org, or Cloudsmith cannot read the issuer's keys";
}

std::string words_for(Refusal refusal, const Exchange &exchange) {
  const bool with_service = exchange.target.service_slug.has_value();
  switch (refusal) {
    case Refusal::not_created:
      return with_service ? "no token for this service: it does not exist, or the OIDC setting does not list it"
                          : "no service account is mapped to this token's claims; map one, or set serviceSlug";
    case Refusal::not_authenticated:
      return not_authenticated_text(exchange);
    case Refusal::forbidden:
      return "the org forbids this exchange; check that its OIDC is enabled and which addresses it admits";
    case Refusal::unknown_org:
      return "no such organisation here; correct orgSlug (setting, annotation, image) or apiHost";
    case Refusal::bad_parameters:
      return with_service ? "parameters missing or invalid; correct the service slug"
                          : "parameters missing or invalid; this org may need serviceSlug, set it";
  }
  return {};
}

// Only the host of a Location: what follows it may hold secrets.
std::string redirect_target(std::string_view location) {
  std::string_view rest = location;
  if (const std::size_t slashes = rest.find("//"); slashes <= 6) {
    rest.remove_prefix(slashes + 2);
  } else {
    return "another place on the same host";
  }
  rest = rest.substr(0, rest.find_first_of("/?#\\"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  const std::optional<std::string> host = regcred::host_and_port(rest);
  return host ? "host " + shown(*host) : "an unreadable host";
}

Failure redirected(const HttpResponse &response, const Exchange &exchange) {
  return told(Code::bad_upstream,
              "Cloudsmith's API redirects " + http_status(response) + " to " +
                  redirect_target(response.header("location")) +
                  "; not followed, since the token would go there; check apiHost and the proxy",
              exchange);
}

Failure throttled(const HttpResponse &response, const Exchange &exchange) {
  Failure failure = told(Code::throttled,
                         "Cloudsmith asks to wait " + http_status(response) +
                             ": too many exchanges from this address, which nodes behind one NAT share; cache longer "
                             "in the kubelet, or ask Cloudsmith for a higher limit",
                         exchange);
  failure.retry_after = response.retry_after;
  return failure;
}

Failure failing(const HttpResponse &response, const Exchange &exchange) {
  const std::string tries = response.attempts > 1 ? " after " + std::to_string(response.attempts) + " tries" : "";
  return told(Code::unavailable,
              "Cloudsmith's API is failing " + http_status(response) + tries + "; see its status page, try again later",
              exchange);
}

}  // namespace

Failure not_reached(const Failure &why, const Exchange &exchange) {
  Failure failure = told(why.code, "no exchange: " + why.text.substr(0, 240), exchange);
  failure.retry_after = why.retry_after;
  return failure;
}

Failure refused(const HttpResponse &response, const Exchange &exchange) {
  const int status = response.status;
  if (status >= 300 && status < 400) return redirected(response, exchange);
  if (status == 429) return throttled(response, exchange);
  if (status == 408 || status == 425 || status >= 500) return failing(response, exchange);
  if (is_web_page(response)) {
    return told(
        Code::bad_upstream,
        "a web page " + http_status(response) +
            " instead of Cloudsmith's API: a proxy, firewall or login page stands in between, or apiHost is wrong",
        exchange);
  }
  if (const std::optional<Refusal> refusal = refusal_of(response)) {
    return told(Code::denied, "Cloudsmith " + http_status(response) + ": " + words_for(*refusal, exchange), exchange,
                oidc_settings);
  }
  return told(Code::bad_upstream,
              "Cloudsmith's API answered with an undocumented status " + http_status(response) + "; check apiHost",
              exchange);
}

Failure unusable(std::string_view finding, const Exchange &exchange) {
  return told(Code::bad_upstream, finding, exchange);
}

bool is_web_page(const HttpResponse &response) {
  const std::string_view type = response.header("content-type");
  if (type.starts_with("text/html") || type.starts_with("application/xhtml")) return true;
  const std::string_view body = response.body.reveal();
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<';
}

}  // namespace cloudsmith
