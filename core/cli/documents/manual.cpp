#include "cli/documents/manual.hpp"

#include "cli/documents/roff.hpp"

namespace regcred::core {
namespace {

// "-o, --output FORMAT", as it is typed.
std::string option_line(const OptionFacts &option) {
  if (option.is_positional) return roff_italic(option.value);
  std::string line;
  for (const std::string &name : option.names) line += (line.empty() ? "" : ", ") + roff_bold(name);
  return option.value.empty() ? line : line + ' ' + roff_italic(option.value);
}

std::string option_text(const OptionFacts &option) {
  std::string choices;
  for (const std::string &choice : option.choices) choices += (choices.empty() ? "" : ", ") + choice;
  return roff_text(option.description + (choices.empty() ? "" : ": " + choices) + ".");
}

std::string options_of(const std::vector<OptionFacts> &options) {
  std::string text;
  for (const OptionFacts &option : options) text += ".TP\n" + option_line(option) + "\n" + option_text(option) + "\n";
  return text;
}

// The options that a command has of its own.
std::vector<OptionFacts> own_options(const CommandFacts &command, const CommandFacts &program) {
  std::vector<OptionFacts> own;
  for (const OptionFacts &option : command.options) {
    bool common = false;
    for (const OptionFacts &other : program.options) common |= other.names == option.names;
    if (!common) own.push_back(option);
  }
  return own;
}

std::string command_sections(const CommandFacts &command, const std::string &path, const CommandFacts &program) {
  std::string text;
  for (const CommandFacts &child : command.commands) {
    const std::string name = path.empty() ? child.name : path + ' ' + child.name;
    const std::vector<OptionFacts> own = own_options(child, program);
    std::string synopsis = roff_bold("regcred " + name);
    for (const OptionFacts &option : own) {
      if (option.is_positional)
        synopsis += ' ' + (option.is_required ? roff_italic(option.value) : "[" + roff_italic(option.value) + "]");
    }
    text += ".SS " + synopsis + "\n" + roff_text(child.description + ".") + "\n" + options_of(own);
    if (!child.footer.empty()) text += ".PP\n" + roff_text(child.footer) + "\n";
    text += command_sections(child, name, program);
  }
  return text;
}

constexpr const char *exit_statuses = R"(.SH EXIT STATUS
.TP
0
An answer, or nothing to be said.
.TP
2
The command line or the request cannot be understood.
.TP
3
The configuration is wrong, or what the kubelet was configured to send; of
.B check\fR: there are findings.
.TP
4
No registry entry matches the image.
.TP
5
A backend cannot be loaded.
.TP
6
A backend, or the registry behind it, failed or refused.
.TP
7
The time for the request is over.
.TP
8
A fault of regcred or of the machine.
.PP
On failure one line on standard error says where, what and the cure.
)";

constexpr const char *files_and_environment = R"(.SH FILES
.TP
.I /etc/regcred/config.yaml\fR, \fI/etc/regcred/config.d/*.yaml
The configuration, see
.BR regcred.yaml (5).
It must belong to root and not be writable by others.
.TP
.I PREFIX/lib/regcred/backends/*.so
The backends. PREFIX is the directory above that of the real executable.
.TP
.I PREFIX/share/regcred
Examples, the JSON Schema of the configuration, and what
.B new\-backend
starts from.
.SH ENVIRONMENT
.TP
.BR HTTPS_PROXY ", " NO_PROXY
The proxy, unless the configuration says otherwise.
.TP
.B CREDENTIALS_DIRECTORY
Where secrets that the configuration gives a bare name are read from
.RB ( systemd.exec (5),
LoadCredential=).
.TP
.B NO_COLOR
Set and not empty: no colour on a terminal.
.PP
Nothing else has a say while there is a configuration. Without one, or started as cloudsmith\-kubernetes\-credential\-provider,
regcred reads the CLOUDSMITH_* variables of that program.
)";

constexpr const char *examples =
    R"(regcred check --kubelet-config /etc/kubernetes/credential-providers.yaml --kubernetes-version 1.34
regcred explain docker.cloudsmith.io/acme/repo/app:1.2
regcred get docker.cloudsmith.io/acme/repo/app --service-account default/builder
regcred doctor docker.cloudsmith.io/acme/repo/app --token-file token
regcred generate kubelet-config --kubernetes-version 1.34 > credential-providers.yaml
regcred < request.json
)";

}  // namespace

std::string manual_of_program(const CommandFacts &program) {
  std::string text = roff_head("regcred", 1);
  text += ".SH NAME\nregcred \\- kubelet image credential provider for every registry\n.SH SYNOPSIS\n";
  text += roff_bold("regcred") + " [" + roff_italic("OPTIONS") + "] < " + roff_italic("request.json") + "\n.br\n";
  text += roff_bold("regcred") + ' ' + roff_italic("COMMAND") + " [" + roff_italic("OPTIONS") + "]\n";
  text += ".SH DESCRIPTION\n" + roff_text(program.description) + "\n.PP\n";
  text += roff_text(
      "The kubelet starts it before it pulls an image. The registry entry whose image patterns match is answered by "
      "its "
      "backend, which runs in a process of its own and turns the token into credentials.");
  text += "\n.SH OPTIONS\n" + options_of(program.options);
  text += ".SH COMMANDS\n" + command_sections(program, "", program);
  return text + exit_statuses + files_and_environment + ".SH EXAMPLES\n" + roff_example(examples) +
         ".SH SEE ALSO\n.BR regcred.yaml (5),\n.BR kubelet (1)\n";
}

}  // namespace regcred::core
