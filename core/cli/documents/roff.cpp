#include "cli/documents/roff.hpp"

namespace regcred::core {

std::string roff_text(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

std::string roff_bold(std::string_view text) { return "\\fB" + roff_text(text) + "\\fR"; }

std::string roff_italic(std::string_view text) { return "\\fI" + roff_text(text) + "\\fR"; }

std::string roff_example(std::string_view lines) {
  return ".RS 4\n.nf\n" + roff_text(lines) + (lines.ends_with('\n') ? "" : "\n") + ".fi\n.RE\n";
}

std::string roff_head(std::string_view name, int section) {
  std::string title;
  for (const char c : name) title += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return ".TH " + title + " " + std::to_string(section) + " \"\" \"regcred " REGCRED_VERSION "\" \"regcred\"\n";
}

}  // namespace regcred::core
