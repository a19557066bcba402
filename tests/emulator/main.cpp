// SPDX-License-Identifier: Apache-2.0
// The emulator as a program, for demo, benchmark and people:
//
//   regcred-emulator key > issuer.pem
//   regcred-emulator issuer issuer.pem                      prints {"issuer": URL}, serves until its input ends
//   regcred-emulator issuer issuer.pem --ca-file ca.pem     the same over https, and writes the CA of its certificate
//   regcred-emulator token issuer.pem --issuer URL          prints a pod's token
//   regcred-emulator cloudsmith FOLDER --organisations FILE --issuer URL [--listen ADDRESS:PORT] [--name NAME]...
//       writes ca.pem, realm.pem, server.pem and server.key into FOLDER, prints {"apiHost": ..., "realm": ...}
//   regcred-emulator clouds CA_FILE --issuer URL [--service-account NAME]
//       AWS, Google and Azure, where that account of namespace default may pull; writes the CAs of all three, prints
//       {"aws": URL, "awsRole": ARN, "google": URL, "googlePool": NAME, "azure": HOST, "azureTenant": ..., ...}
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "emulator/aws.hpp"
#include "emulator/azure.hpp"
#include "emulator/cloudsmith.hpp"
#include "emulator/google.hpp"
#include "emulator/issuer.hpp"
#include "emulator/keys.hpp"

namespace {

using namespace regcred::emulator;

std::string read_file(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string &path, const std::string &content) {
  std::ofstream(path, std::ios::binary) << content;
  if (::chmod(path.c_str(), 0600) != 0) throw std::runtime_error(path + " cannot be written");
}

// Says that all is ready, then serves until whoever started us closes our input.
void serve_until_input_ends(const nlohmann::json &ready) {
  std::cout << ready.dump() << std::endl;
  while (std::cin.get() != std::istream::traits_type::eof()) {
  }
}

// "127.0.1.1:443" into `place`.
void read_listen(const std::string &text, Place &place) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) throw CLI::ValidationError("--listen", "ADDRESS:PORT");
  place.address = text.substr(0, colon);
  place.port = std::stoi(text.substr(colon + 1));
}

void run_issuer(const std::string &key_pem, const std::string &ca_file) {
  if (ca_file.empty()) {
    const Issuer served(key_pem);
    return serve_until_input_ends({{"issuer", served.url()}});
  }
  const regcred::testing::CertificateAuthority ca("regcred emulator's issuer CA");
  write_file(ca_file, ca.pem());
  const Issuer served(key_pem, ca.issue({"localhost"}));
  serve_until_input_ends({{"issuer", served.url()}});
}

void run_cloudsmith(const std::string &folder, const std::string &organisations, const std::string &issuer,
                    const Place &place) {
  Cloudsmith cloudsmith(read_organisations(nlohmann::json::parse(read_file(organisations)), issuer), place);
  const regcred::testing::Identity server = cloudsmith.issue_for_neighbour();
  write_file(folder + "/ca.pem", cloudsmith.ca_pem());
  write_file(folder + "/realm.pem", cloudsmith.realm_certificate_pem());
  write_file(folder + "/server.pem", regcred::testing::to_pem(server.certificate.get()));
  write_file(folder + "/server.key", regcred::testing::to_pem(server.key.get()));
  serve_until_input_ends(
      {{"apiHost", cloudsmith.api_host()}, {"realm", cloudsmith.realm_url()}, {"realmIssuer", TokenRealm::issuer}});
}

void run_clouds(const std::string &ca_file, const std::string &issuer, const std::string &account) {
  const std::string subject = "system:serviceaccount:default:" + account;
  const std::string role = "arn:aws:iam::123456789012:role/puller";
  const std::string pool =
      "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/prod/providers/cluster-1";
  const std::string tenant = "11111111-2222-3333-4444-555555555555";
  const std::string client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
  const std::string registry = "acmecorp.azurecr.io";
  const Aws aws({{issuer, {"sts.amazonaws.com"}}}, {{role, "sts.amazonaws.com", subject}}, "eu-central-1");
  const Google google({{.name = pool, .issuer = issuer, .subject_start = subject}}, {});
  const Azure azure({{client, {tenant, {{issuer, subject}}}}}, {{registry, {tenant, {client}}}});
  write_file(ca_file, aws.ca_pem() + google.ca_pem() + azure.ca_pem());
  serve_until_input_ends({{"aws", aws.endpoint()},
                          {"awsRole", role},
                          {"google", google.endpoint()},
                          {"googlePool", pool},
                          {"azure", azure.host()},
                          {"azureTenant", tenant},
                          {"azureClient", client},
                          {"azureRegistry", registry}});
}

}  // namespace

int main(int argc, char **argv) {
  CLI::App app("Cloudsmith and a cluster's OIDC issuer on loopback", "regcred-emulator");
  app.require_subcommand(1);
  std::string key_file, issuer_url, folder, organisations, ca_file;
  ServiceAccount account;
  std::int64_t lifetime_seconds = 3600;

  CLI::App &key = *app.add_subcommand("key", "Print a new issuer's key");
  key.callback([] { std::cout << regcred::testing::to_pem(make_key(KeyKind::rsa_2048).get()); });

  CLI::App &issuer = *app.add_subcommand("issuer", "Serve discovery document and keys");
  issuer.add_option("KEY", key_file)->required();
  issuer.add_option("--ca-file", ca_file, "Serve over https, and write the CA's certificate there");
  issuer.callback([&] { run_issuer(read_file(key_file), ca_file); });

  CLI::App &token = *app.add_subcommand("token", "Print a service account's token");
  token.add_option("KEY", key_file)->required();
  token.add_option("--issuer", issuer_url)->required();
  token.add_option("--audience", account.audience);
  token.add_option("--namespace", account.namespace_name);
  token.add_option("--service-account", account.name);
  token.add_option("--lifetime", lifetime_seconds, "Seconds; negative: expired already");
  token.callback([&] {
    account.lifetime = std::chrono::seconds(lifetime_seconds);
    std::cout << sign_token(service_account_claims(issuer_url, account), read_file(key_file)) << '\n';
  });

  CLI::App &cloudsmith = *app.add_subcommand("cloudsmith", "Serve the exchange and the registry's token realm");
  cloudsmith.add_option("FOLDER", folder)->required();
  cloudsmith.add_option("--organisations", organisations)->required();
  cloudsmith.add_option("--issuer", issuer_url)->required();
  Place place;
  cloudsmith.add_option_function<std::string>(
      "--listen", [&place](const std::string &text) { read_listen(text, place); }, "ADDRESS:PORT");
  cloudsmith.add_option("--name", place.names, "Names of its certificate; the first is the API's host");
  cloudsmith.callback([&] { run_cloudsmith(folder, organisations, issuer_url, place); });

  CLI::App &clouds = *app.add_subcommand("clouds", "Serve AWS, Google and Azure");
  clouds.add_option("CA_FILE", ca_file)->required();
  clouds.add_option("--issuer", issuer_url)->required();
  clouds.add_option("--service-account", account.name);
  clouds.callback([&] { run_clouds(ca_file, issuer_url, account.name); });

  try {
    CLI11_PARSE(app, argc, argv);
  } catch (const std::exception &error) {
    std::cerr << "regcred-emulator: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
