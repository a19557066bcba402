// SPDX-License-Identifier: Apache-2.0
#include "emulator/aws.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <regcred/base64.hpp>
#include <regcred/time.hpp>

#include "common/contains.hpp"
#include "emulator/jwt.hpp"
#include "emulator/messages.hpp"
#include "emulator/token_verifier.hpp"

namespace regcred::emulator {
namespace {

const unsigned char *bytes_of(const std::string &text) { return reinterpret_cast<const unsigned char *>(text.data()); }

std::string in_hex(const unsigned char *bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    constexpr const char *digits = "0123456789abcdef";
    text.push_back(digits[bytes[i] / 16]);
    text.push_back(digits[bytes[i] % 16]);
  }
  return text;
}

std::string random_text() {
  unsigned char bytes[20];
  RAND_bytes(bytes, sizeof bytes);
  return in_hex(bytes, sizeof bytes);
}

std::string digest_of(const std::string &data) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(data.data(), data.size(), digest, nullptr, EVP_sha256(), nullptr);
  return in_hex(digest, 32);
}

std::string mac_of(const std::string &key, const std::string &data) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(), mac, nullptr);
  return {reinterpret_cast<const char *>(mac), 32};
}

// What follows `name` in `text`, up to `end`.
std::string part_after(const std::string &text, const std::string &name, char end) {
  const std::size_t at = text.find(name);
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size();
  return text.substr(start, text.find(end, start) - start);
}

bool holds(const std::vector<std::string> &list, const nlohmann::json &audiences) {
  for (const nlohmann::json &audience : audiences) {
    if (core::contains(list, audience.get<std::string>())) return true;
  }
  return false;
}

}  // namespace

Aws::Aws(std::vector<OidcProvider> providers, std::vector<AwsRole> roles, std::string region)
    : providers_(std::move(providers)), roles_(std::move(roles)), region_(std::move(region)) {
  server_.http().Post(
      "/", [this](const httplib::Request &request, httplib::Response &response) { serve(request, response); });
  port_ = server_.start();
}

std::int64_t Aws::now() const { return unix_now() + ahead_.count(); }

std::vector<AwsCall> Aws::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::optional<std::string> Aws::principal_of(const std::string &password) {
  const std::lock_guard lock(mutex_);
  const auto found = passwords_.find(password);
  return found == passwords_.end() ? std::nullopt : std::optional(found->second);
}

void Aws::serve(const httplib::Request &request, httplib::Response &response) {
  const std::lock_guard lock(mutex_);
  const bool is_ecr = request.has_header("X-Amz-Target");
  char date[64];
  const std::time_t seconds = now();
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&seconds));
  response.set_header("Date", date);
  AwsCall call{is_ecr ? request.get_header_value("X-Amz-Target") : request.get_param_value("Action"), 200, {}};
  try {
    if (is_ecr) {
      response.set_content(authorize(request).dump(), "application/x-amz-json-1.1");
    } else {
      write(assume_role(request), request, response);
    }
  } catch (const Refused &refused) {
    call.status = response.status = refused.status;
    call.code = refused.code;
    if (is_ecr) {
      const nlohmann::json body = {{"__type", refused.code}, {"message", refused.message}};
      response.set_content(body.dump(), "application/x-amz-json-1.1");
    } else {
      write({{"Code", refused.code}, {"Message", refused.message}, {"Type", "Sender"}}, request, response);
    }
  }
  calls_.push_back(std::move(call));
}

// STS answers a client that accepts JSON in JSON, others in XML.
void Aws::write(const nlohmann::json &members, const httplib::Request &request, httplib::Response &response) const {
  const bool is_error = members.contains("Code");
  if (!xml_only_ && request.get_header_value("Accept") == "application/json") {
    nlohmann::json body = {{"Error", members}, {"RequestId", "r"}};
    if (!is_error) {
      body = {{"AssumeRoleWithWebIdentityResponse",
               {{"AssumeRoleWithWebIdentityResult", {{"Credentials", members}}}, {"ResponseMetadata", {}}}}};
    }
    return response.set_content(body.dump(), "application/json");
  }
  std::string xml;
  for (const auto &[name, value] : members.items()) {
    const std::string text =
        value.is_string() ? value.get<std::string>() : regcred::rfc3339_text(value.get<std::int64_t>());
    xml += "<" + name + ">" + text + "</" + name + ">";
  }
  const std::string outer = is_error ? "ErrorResponse" : "AssumeRoleWithWebIdentityResponse";
  const std::string inner = is_error ? "<Error>" + xml + "</Error>"
                                     : "<AssumeRoleWithWebIdentityResult><Credentials>" + xml +
                                           "</Credentials></AssumeRoleWithWebIdentityResult>";
  response.set_content(
      "<" + outer + " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n" + inner + "\n</" + outer + ">\n",
      "text/xml");
}

nlohmann::json Aws::assume_role(const httplib::Request &request) {
  const auto field = [&](const char *name) { return request.get_param_value(name); };
  const auto invalid = [](const std::string &what) { return Refused{400, "ValidationError", what}; };
  if (field("Action") != "AssumeRoleWithWebIdentity" || field("Version") != "2011-06-15") throw invalid("Action");
  if (request.has_header("Authorization") || request.has_header("X-Amz-Security-Token")) throw invalid("unsigned only");
  const std::string session_name = field("RoleSessionName");
  constexpr const char *characters = "+=,.@-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (session_name.size() < 2 || session_name.size() > 64 ||
      session_name.find_first_not_of(characters) != std::string::npos) {
    throw invalid("RoleSessionName");
  }
  const int duration = field("DurationSeconds").empty() ? 3600 : std::atoi(field("DurationSeconds").c_str());
  if (duration < 900 || duration > 43'200) throw invalid("DurationSeconds");

  const std::string token = field("WebIdentityToken");
  nlohmann::json claims = read_jwt(token).claims;
  const std::string issuer = claims.value("iss", "");
  const auto provider = std::find_if(providers_.begin(), providers_.end(),
                                     [&](const OidcProvider &known) { return known.issuer == issuer; });
  const auto invalid_token = [](std::string why) { return Refused{400, "InvalidIdentityToken", std::move(why)}; };
  if (provider == providers_.end()) {
    throw invalid_token("No OpenIDConnect provider found in your account for " + issuer);
  }
  if (claims.value("exp", std::int64_t{0}) <= now()) throw Refused{400, "ExpiredTokenException", "Token expired"};
  try {
    claims = verify_against_issuer(token, issuer);
  } catch (const std::exception &) {
    throw invalid_token("Couldn't retrieve verification key from your identity provider");
  }
  if (!holds(provider->client_ids, claims.at("aud"))) throw invalid_token("Incorrect token audience");
  const std::string arn = field("RoleArn");
  for (const AwsRole &role : roles_) {
    if (role.arn != arn || role.subject != claims.at("sub").get<std::string>() ||
        !holds({role.audience}, claims.at("aud")))
      continue;
    return new_session(role, session_name, duration);
  }
  throw Refused{403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"};
}

nlohmann::json Aws::new_session(const AwsRole &role, const std::string &name, std::int64_t lifetime_seconds) {
  const std::string id = "ASIA" + random_text().substr(0, 16);
  sessions_[id] = {random_text(), random_text() + "//+=" + random_text(), role.arn + "/" + name, role.may_log_in};
  return {{"AccessKeyId", id},
          {"SecretAccessKey", sessions_[id].secret},
          {"SessionToken", sessions_[id].token},
          {"Expiration", now() + lifetime_seconds}};
}

void Aws::start_metadata(const std::string &address) {
  const std::string session = random_text(), name = "node-role", path = "/latest/meta-data/iam/security-credentials/";
  httplib::Server &server = metadata_.emplace().http();
  server.Put("/latest/api/token", [session](const httplib::Request &request, httplib::Response &response) {
    const int lifetime = std::atoi(request.get_header_value("X-aws-ec2-metadata-token-ttl-seconds").c_str());
    response.status = lifetime < 1 || lifetime > 21'600 || request.has_header("X-Forwarded-For") ? 400 : 200;
    if (response.status == 200) response.set_content(session, "text/plain");
  });
  server.Get(path + ".*", [=, this](const httplib::Request &request, httplib::Response &response) {
    if (request.get_header_value("X-aws-ec2-metadata-token") != session) {
      response.status = 401;
    } else if (request.path == path) {
      response.set_content(name, "text/plain");
    } else if (request.path == path + name) {
      const std::lock_guard lock(mutex_);
      nlohmann::json keys = new_session(roles_.front(), "instance", 3600);
      keys.update({{"Code", "Success"}, {"Token", keys["SessionToken"]}, {"Type", "AWS-HMAC"}});
      response.set_content(keys.dump(), "text/plain");
    } else {
      response.status = 404;
    }
  });
  metadata_->start(address, 80);
}

void Aws::start_agent(const std::string &address) {
  agent_.emplace().http().Get("/v1/credentials", [this](const httplib::Request &request, httplib::Response &response) {
    response.status = 400;
    try {
      const nlohmann::json claims =
          verify_against_issuer(request.get_header_value("Authorization"), providers_.front().issuer);
      if (!holds({"pods.eks.amazonaws.com"}, claims.at("aud"))) throw std::runtime_error("(InvalidTokenException)");
      const auto role = std::find_if(roles_.begin(), roles_.end(), [&](const AwsRole &known) {
        return known.subject == claims.at("sub").get<std::string>();
      });
      if (role == roles_.end()) throw std::runtime_error("(ResourceNotFoundException): No association found");
      const std::lock_guard lock(mutex_);
      nlohmann::json keys = new_session(*role, "eks", 3600);
      keys["Token"] = keys["SessionToken"];
      response.status = 200;
      response.set_content(keys.dump(), "application/json");
    } catch (const std::exception &error) {
      response.set_content(std::string("[id]: ") + error.what() + ", fault: client", "text/plain");
    }
  });
  agent_->start(address, 80);
}

// Signature Version 4 of all that the request says it has signed; key, session and scope must be ours.
const Aws::Session &Aws::verified_session(const httplib::Request &request) {
  constexpr std::int64_t window_seconds = 900;
  const std::string authorization = request.get_header_value("Authorization") + ",";
  const std::vector<std::string> credential = split(part_after(authorization, "Credential=", ','), '/');
  const std::string signed_names = part_after(authorization, "SignedHeaders=", ',');
  const std::string stamp = request.get_header_value("X-Amz-Date");
  const auto refused = [](const char *why) { return Refused{403, "InvalidSignatureException", why}; };
  if (!authorization.starts_with("AWS4-HMAC-SHA256 ") || credential.size() != 5) throw refused("incomplete");
  const auto session = sessions_.find(credential[0]);
  if (session == sessions_.end() || request.get_header_value("X-Amz-Security-Token") != session->second.token) {
    throw Refused{400, "UnrecognizedClientException", "The security token included in the request is invalid."};
  }
  const std::string scope = stamp.substr(0, 8) + "/" + region_ + "/ecr/aws4_request";
  if (part_after(authorization, "Credential=", ',') != credential[0] + "/" + scope) throw refused("scope");
  for (const char *name : {"host", "x-amz-date", "x-amz-security-token", "x-amz-target"}) {
    if ((";" + signed_names + ";").find(";" + std::string(name) + ";") == std::string::npos) throw refused(name);
  }
  std::string lines;
  for (const std::string &name : split(signed_names, ';')) lines += name + ":" + request.get_header_value(name) + "\n";
  const std::string canonical =
      request.method + "\n" + request.path + "\n\n" + lines + "\n" + signed_names + "\n" + digest_of(request.body);
  std::string key = "AWS4" + session->second.secret;
  for (const std::string &part : split(scope, '/')) key = mac_of(key, part);
  const std::string mac = mac_of(key, "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + digest_of(canonical));
  if (part_after(authorization, "Signature=", ',') != in_hex(bytes_of(mac), mac.size())) {
    throw refused("The request signature we calculated does not match the signature you provided.");
  }
  std::tm parts{};
  ::strptime(stamp.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  const std::int64_t off = ::timegm(&parts) - now();
  if (std::abs(off) > window_seconds) {
    throw refused(off < 0 ? "Signature expired: it is now earlier than (15 min.)" : "Signature not yet current");
  }
  return session->second;
}

nlohmann::json Aws::authorize(const httplib::Request &request) {
  constexpr std::int64_t lifetime_seconds = 12 * 3600;
  const Session &session = verified_session(request);
  if (request.get_header_value("X-Amz-Target") != "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken" ||
      request.get_header_value("Content-Type") != "application/x-amz-json-1.1" || request.body != "{}") {
    throw Refused{400, "InvalidParameterException", "not this operation"};
  }
  if (!session.may_log_in) throw Refused{400, "AccessDeniedException", "not authorized: ecr:GetAuthorizationToken"};
  const std::string password = random_text() + random_text();
  passwords_[password] = session.principal;
  return {{"authorizationData",
           {{{"authorizationToken", regcred::base64_encode("AWS:" + password)},
             {"expiresAt", static_cast<double>(now() + lifetime_seconds) + 0.25},
             {"proxyEndpoint", "https://999999999999.dkr.ecr." + region_ + ".amazonaws.com"}}}}};
}

}  // namespace regcred::emulator
