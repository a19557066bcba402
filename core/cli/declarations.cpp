// Every option and command of regcred, declared once: parser, --help, manual page and completion read this.
#include <CLI/CLI.hpp>

#include "cli/command_line.hpp"

namespace regcred::core {
namespace {

constexpr const char *image_help = "As in a pod: nginx, registry.example.com/app:1.2";

CLI::App &add_command(CLI::App &app, Command &command, const char *name, const char *help, Action action) {
  CLI::App &added = *app.add_subcommand(name, help);
  added.callback([&command, action] { command.action = action; });
  return added;
}

void add_output_option(CLI::App &app, Command &command) {
  app.add_option_function<std::string>(
         "-o,--output", [&command](const std::string &format) { command.json = format == "json"; }, "How to print")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

void add_identity_options(CLI::App &app, IdentityOptions &identity) {
  CLI::Option *const file =
      app.add_option("--token-file", identity.token_file, "File with a service account token; - is standard input")
          ->type_name("FILE");
  app.add_option("--service-account", identity.service_account,
                 "Ask the cluster for a token of this account and for its annotations, through kubectl")
      ->type_name("NAMESPACE/NAME")
      ->excludes(file);
  app.add_option("--annotation", identity.annotations, "A service account annotation; may be given several times")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
}

void add_kubelet_config_option(CLI::App &app, KubeletOptions &kubelet) {
  app.add_option("--kubelet-config", kubelet.config_path, "The kubelet's CredentialProviderConfig: a file or directory")
      ->type_name("PATH");
}

void add_version_option(CLI::App &app, KubeletOptions &kubelet) {
  app.add_option("--kubernetes-version", kubelet.version, "The kubelet's version, like 1.34")->type_name("VERSION");
}

void declare_requests(CLI::App &app, Command &command) {
  CLI::App &get = add_command(app, command, "get", "Get credentials for an image by hand", Action::get);
  get.add_option("IMAGE", command.image, image_help)->required();
  add_identity_options(get, command.identity);
  get.add_option("-o,--output", command.format, "How to print")
      ->check(CLI::IsMember({"table", "kubelet", "docker-config", "json"}))
      ->default_val("table")
      ->type_name("FORMAT");
  get.add_flag("--show-secrets", command.show_secrets, "Print the password; without it, it is hidden");
  get.footer(
      "docker-config is what ~/.docker/config.json and a pull secret of type kubernetes.io/dockerconfigjson hold;\n"
      "like kubelet, it is of use with --show-secrets only. In json a hidden password is null.");

  CLI::App &explain = add_command(app, command, "explain",
                                  "Show which registry entry answers an image, without network", Action::explain);
  explain.add_option("IMAGE", command.image, image_help)->required();
  add_kubelet_config_option(explain, command.kubelet);
  add_version_option(explain, command.kubelet);
  add_output_option(explain, command);
}

void declare_diagnosis(CLI::App &app, Command &command) {
  CLI::App &check = add_command(app, command, "check",
                                "Check the configuration, the backends' files and the kubelet's side", Action::check);
  add_kubelet_config_option(check, command.kubelet);
  add_version_option(check, command.kubelet);
  check.add_flag("--strict", command.strict, "Fail on warnings, too");
  add_output_option(check, command);

  CLI::App &doctor = add_command(app, command, "doctor",
                                 "Try an image step by step, from the token to the registry's login", Action::doctor);
  doctor.add_option("IMAGE", command.image, image_help)->required();
  add_identity_options(doctor, command.identity);
  add_output_option(doctor, command);
  doctor.footer(
      "All steps are shown, also after one has failed; the exit status is that of the first failure.\n"
      "The token goes to the exchange alone, as for the kubelet; the credential to the registry, and to the https\n"
      "address that the registry names for logins. The issuer, which the token names, gets plain GETs over https.\n"
      "No redirect is followed, and no secret is shown.");

  CLI::App &backends = add_command(app, command, "backends", "List the installed backends", Action::backends);
  add_output_option(backends, command);
}

CLI::App &add_generated(CLI::App &generate, Command &command, const char *name, const char *help, Generated what) {
  CLI::App &added = *generate.add_subcommand(name, help);
  added.callback([&command, what] { command.generate.what = what; });
  return added;
}

void declare_generate(CLI::App &app, Command &command) {
  CLI::App &generate =
      add_command(app, command, "generate", "Write what a cluster needs, from the configuration, to standard output",
                  Action::generate);
  generate.require_subcommand(1);
  generate.fallthrough();
  GenerateOptions &options = command.generate;

  CLI::App &kubelet = add_generated(generate, command, "kubelet-config", "The kubelet's CredentialProviderConfig",
                                    Generated::kubelet_config);
  add_version_option(kubelet, command.kubelet);

  CLI::App &rbac =
      add_generated(generate, command, "rbac",
                    "The rules that let kubelets ask for the audiences of this configuration", Generated::rbac);
  rbac.add_option("--namespace", options.name_space, "Only for service accounts of this namespace")->type_name("NAME");

  CLI::App &account =
      add_generated(generate, command, "service-account",
                    "A ServiceAccount with the annotations that the backends read", Generated::service_account);
  account.add_option("NAME", options.service_account, "Its name")->required();
  account.add_option("--namespace", options.name_space, "Its namespace (default: default)")->type_name("NAME");
  account.add_option("--annotation", options.annotations, "A value for an annotation; may be given several times")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();

  CLI::App &discovery =
      add_generated(generate, command, "oidc-discovery",
                    "The cluster's OIDC discovery document and keys, as files to publish", Generated::oidc_discovery);
  discovery.add_option("--issuer", options.issuer, "The cluster's --service-account-issuer")
      ->required()
      ->type_name("URL");
  discovery.add_option("--jwks", options.jwks_file, "Output of: kubectl get --raw /openid/v1/jwks")
      ->required()
      ->type_name("FILE");
  discovery
      .add_option("--discovery", options.discovery_file,
                  "Output of: kubectl get --raw /.well-known/openid-configuration")
      ->required()
      ->type_name("FILE");
  discovery.add_option("--out", options.out_directory, "Where to write the tree of files")
      ->required()
      ->type_name("DIR");

  add_generated(generate, command, "schema",
                "JSON Schema of the configuration with the settings of every installed backend, for editors",
                Generated::schema);
}

void declare_installation(CLI::App &app, Command &command) {
  CLI::App &links =
      add_command(app, command, "install-links",
                  "Make the links to this program that the kubelet's bin directory needs", Action::install_links);
  links.add_option("DIR", command.links_directory, "What --image-credential-provider-bin-dir names")->required();
  add_version_option(links, command.kubelet);

  CLI::App &completion =
      add_command(app, command, "completion", "Print a completion script for a shell", Action::completion);
  completion.add_option("SHELL", command.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));

  CLI::App &new_backend =
      add_command(app, command, "new-backend", "Write a project for a backend of your own", Action::new_backend);
  new_backend
      .add_option("NAME", command.backend_name, "What operators will write under `backend:`, like acme-registry")
      ->required();
  new_backend.add_option("DIR", command.project_directory, "A new or empty directory (default: NAME)");

  CLI::App &version = add_command(app, command, "version", "Print the version", Action::version);
  version.add_flag("--json", command.json, "As JSON");
}

}  // namespace

void declare_commands(CLI::App &app, Command &command) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_option("--config", command.config_path,
                 "Configuration file or directory (default: /etc/regcred/config.yaml and /etc/regcred/config.d)")
      ->type_name("PATH");
  app.add_option("--log-level", command.log_level, "Lines about this request on standard error")
      ->check(CLI::IsMember({"off", "error", "warn", "info", "debug"}))
      ->type_name("LEVEL");
  app.add_flag("--in-process", command.in_process, "Run the backend in this process, for debuggers");
  app.add_flag_callback(
      "--version", [&command] { command.action = Action::version; }, "Print the version");

  declare_requests(app, command);
  declare_diagnosis(app, command);
  declare_generate(app, command);
  declare_installation(app, command);
}

}  // namespace regcred::core
