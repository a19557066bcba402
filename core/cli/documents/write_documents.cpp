// Writes what is installed beside the program and made from it: manual pages and completion scripts. Runs at build
// time.
//
// usage: write_documents SCHEMA DIRECTORY
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/documents/completion.hpp"
#include "cli/documents/manual.hpp"

namespace {

namespace fs = std::filesystem;
using namespace regcred::core;

void write(const fs::path &path, const std::string &text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error(path.string() + " cannot be written");
}

void write_all(const fs::path &schema_path, const fs::path &share) {
  std::ifstream schema(schema_path, std::ios::binary);
  const Result<std::string> configuration =
      manual_of_configuration(std::string(std::istreambuf_iterator<char>(schema), {}));
  if (!configuration) throw std::runtime_error(schema_path.string() + ": " + configuration.error().what);
  const CommandFacts program = describe_command_line();
  write(share / "man/man1/regcred.1", manual_of_program(program));
  write(share / "man/man5/regcred.yaml.5", *configuration);
  write(share / "bash-completion/completions/regcred", *completion_script(program, "bash"));
  write(share / "zsh/site-functions/_regcred", *completion_script(program, "zsh"));
  write(share / "fish/vendor_completions.d/regcred.fish", *completion_script(program, "fish"));
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::cerr << "usage: write_documents SCHEMA DIRECTORY\n";
    return 2;
  }
  try {
    write_all(argv[1], argv[2]);
  } catch (const std::exception &error) {
    std::cerr << "write_documents: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
