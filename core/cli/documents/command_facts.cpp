#include "cli/documents/command_facts.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command_line.hpp"

namespace regcred::core {
namespace {

// CLI11 writes the choices behind the name of the value: "LEVEL:{off,error}".
std::vector<std::string> take_choices(std::string &value) {
  std::vector<std::string> choices;
  const std::size_t open = value.find(":{");
  if (open == std::string::npos || !value.ends_with('}')) return choices;
  std::string list = value.substr(open + 2, value.size() - open - 3);
  for (std::size_t comma = 0; comma != std::string::npos;
       list.erase(0, comma == std::string::npos ? comma : comma + 1)) {
    comma = list.find(',');
    choices.push_back(list.substr(0, comma));
  }
  value.resize(open);
  return choices;
}

OptionFacts facts_of(const CLI::Option &option) {
  OptionFacts facts;
  for (const std::string &name : option.get_snames()) facts.names.push_back("-" + name);
  for (const std::string &name : option.get_lnames()) facts.names.push_back("--" + name);
  facts.is_positional = facts.names.empty();
  facts.description = option.get_description();
  facts.is_required = option.get_required();
  facts.value = option.get_items_expected_max() == 0 ? std::string() : option.get_type_name();
  facts.choices = take_choices(facts.value);
  if (facts.is_positional) {
    facts.names = {option.get_name(true)};
    facts.value = facts.names.front();
  }
  return facts;
}

CommandFacts facts_of(const CLI::App &app, const std::vector<OptionFacts> &common) {
  CommandFacts facts;
  facts.name = app.get_name();
  facts.description = app.get_description();
  facts.footer = app.get_footer();
  for (const CLI::Option *option : app.get_options()) facts.options.push_back(facts_of(*option));
  for (const OptionFacts &option : common) {
    const auto same = [&](const OptionFacts &other) { return other.names == option.names; };
    if (std::none_of(facts.options.begin(), facts.options.end(), same)) facts.options.push_back(option);
  }
  const bool is_program = common.empty();
  for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; })) {
    facts.commands.push_back(facts_of(*command, is_program ? facts.options : common));
  }
  return facts;
}

}  // namespace

const char *const program_description =
    "regcred answers the kubelet: it turns a pod's service account token into image registry credentials.\n"
    "Without a command it reads one CredentialProviderRequest from standard input.";

CommandFacts describe_command_line() {
  Command ignored;
  CLI::App app(program_description, "regcred");
  declare_commands(app, ignored);
  return facts_of(app, {});
}

}  // namespace regcred::core
