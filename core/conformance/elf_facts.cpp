// SPDX-License-Identifier: Apache-2.0
#include "conformance/elf_facts.hpp"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

namespace regcred::conformance {
namespace {

constexpr std::size_t entries_max = 1U << 20U;  // of any table: no honest backend comes near
constexpr std::size_t files_max = 4096;         // with versions of their own

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
constexpr unsigned char own_byte_order = ELFDATA2LSB;
#else
constexpr unsigned char own_byte_order = ELFDATA2MSB;
#endif

// Copies out of bytes whose every position is checked.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  [[nodiscard]] std::optional<T> at(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  // The text at `offset` up to its NUL; nullopt when it has none.
  [[nodiscard]] std::optional<std::string> text(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return std::nullopt;
    const std::string_view rest = bytes_.substr(offset);
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(rest.substr(0, end));
  }

 private:
  std::string_view bytes_;
};

class ElfReader {
 public:
  ElfReader(std::string_view bytes, ElfFacts &facts) : bytes_(bytes), facts_(facts) {}

  // Empty when all was read, else what is wrong.
  std::string read() {
    const auto header = bytes_.at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
      return "this is not a shared object (no ELF header)";
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != own_byte_order) {
      return "it is built for another kind of machine (word size or byte order)";
    }
    if (header->e_type != ET_DYN)
      return "this is not a shared object (its ELF type is " + std::to_string(header->e_type) + ")";
    if (!read_program_headers(*header)) return "its program headers are damaged";
    if (dynamic_.empty()) return "it has no dynamic section";
    if (!read_dynamic()) return "its dynamic section is damaged";
    if (!read_symbols()) return "its symbol table is damaged";
    if (!read_needed_versions()) return "its version table is damaged";
    return {};
  }

 private:
  bool read_program_headers(const Elf64_Ehdr &header) {
    facts_.executable_stack = true;  // without PT_GNU_STACK the kernel's default holds, which is executable
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
      const auto segment = bytes_.at<Elf64_Phdr>(header.e_phoff + i * sizeof(Elf64_Phdr));
      if (!segment) return false;
      if (segment->p_type == PT_LOAD) loads_.push_back(*segment);
      if (segment->p_type == PT_GNU_RELRO) facts_.relro = true;
      if (segment->p_type == PT_GNU_STACK) facts_.executable_stack = (segment->p_flags & PF_X) != 0;
      if (segment->p_type == PT_DYNAMIC && !read_dynamic_entries(*segment)) return false;
    }
    return true;
  }

  bool read_dynamic_entries(const Elf64_Phdr &segment) {
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(segment.p_filesz / sizeof(Elf64_Dyn), entries_max); ++i) {
      const auto entry = bytes_.at<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn));
      if (!entry) return false;
      if (entry->d_tag == DT_NULL) return true;
      dynamic_.push_back(*entry);
    }
    return true;
  }

  [[nodiscard]] std::optional<std::uint64_t> value_of(Elf64_Sxword tag) const {
    for (const Elf64_Dyn &entry : dynamic_) {
      if (entry.d_tag == tag) return entry.d_un.d_val;
    }
    return std::nullopt;
  }

  // Where in the file the loader would find this address.
  [[nodiscard]] std::optional<std::uint64_t> file_offset(std::uint64_t address) const {
    for (const Elf64_Phdr &load : loads_) {
      if (address >= load.p_vaddr && address - load.p_vaddr < load.p_filesz)
        return address - load.p_vaddr + load.p_offset;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint64_t> table(Elf64_Sxword tag) const {
    const std::optional<std::uint64_t> address = value_of(tag);
    return address ? file_offset(*address) : std::nullopt;
  }

  bool read_dynamic() {
    const std::optional<std::uint64_t> strings = table(DT_STRTAB);
    if (!strings) return false;
    strings_ = *strings;
    for (const Elf64_Dyn &entry : dynamic_) {
      const std::uint64_t value = entry.d_un.d_val;
      const auto has = [&entry](Elf64_Sxword tag, std::uint64_t flag = 0) {
        return entry.d_tag == tag && (flag == 0 || (entry.d_un.d_val & flag) != 0);
      };
      if (has(DT_NEEDED) && !add_text(value, facts_.needed)) return false;
      if ((has(DT_RPATH) || has(DT_RUNPATH)) && !add_text(value, facts_.search_paths)) return false;
      if (has(DT_TEXTREL) || has(DT_FLAGS, DF_TEXTREL)) facts_.text_relocations = true;
      if (has(DT_BIND_NOW) || has(DT_FLAGS, DF_BIND_NOW) || has(DT_FLAGS_1, DF_1_NOW)) facts_.bind_now = true;
    }
    return true;
  }

  bool add_text(std::uint64_t offset, std::vector<std::string> &list) const {
    std::optional<std::string> text = bytes_.text(strings_ + offset);
    if (text) list.push_back(std::move(*text));
    return text.has_value();
  }

  // The dynamic segment does not say how many symbols there are: the hash tables do.
  [[nodiscard]] std::optional<std::uint64_t> symbol_count() const {
    if (const std::optional<std::uint64_t> hash = table(DT_HASH)) {
      const auto chains = bytes_.at<Elf64_Word>(*hash + sizeof(Elf64_Word));
      return chains ? std::optional<std::uint64_t>(*chains) : std::nullopt;
    }
    const std::optional<std::uint64_t> hash = table(DT_GNU_HASH);
    return hash ? count_by_gnu_hash(*hash) : std::nullopt;
  }

  // The chain of the highest bucket ends with the last symbol; without any bucket in use all symbols are imported.
  [[nodiscard]] std::optional<std::uint64_t> count_by_gnu_hash(std::uint64_t hash) const {
    const auto word = [&](std::uint64_t index) { return bytes_.at<Elf64_Word>(hash + index * sizeof(Elf64_Word)); };
    const auto buckets = word(0);
    const auto first_hashed = word(1);
    const auto bloom_words = word(2);
    if (!buckets || !first_hashed || !bloom_words || *buckets > entries_max || *bloom_words > entries_max) return {};
    const std::uint64_t bucket_start = 4 + 2ULL * *bloom_words;
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < *buckets; ++i) {
      const auto symbol = word(bucket_start + i);
      if (!symbol) return std::nullopt;
      last = std::max<std::uint64_t>(last, *symbol);
    }
    if (last < *first_hashed) return *first_hashed;
    for (std::uint64_t at = last; at - last < entries_max; ++at) {
      const auto link = word(bucket_start + *buckets + at - *first_hashed);
      if (!link) return std::nullopt;
      if ((*link & 1U) != 0) return at + 1;
    }
    return std::nullopt;
  }

  bool read_symbols() {
    const std::optional<std::uint64_t> symbols = table(DT_SYMTAB);
    const std::optional<std::uint64_t> count = symbol_count();
    if (!symbols || !count || *count > entries_max) return false;
    for (std::uint64_t i = 1; i < *count; ++i) {  // symbol 0 is reserved
      const auto symbol = bytes_.at<Elf64_Sym>(*symbols + i * sizeof(Elf64_Sym));
      if (!symbol) return false;
      const bool local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
      const unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);
      const bool hidden = visibility == STV_HIDDEN || visibility == STV_INTERNAL;
      if (symbol->st_shndx == SHN_UNDEF) {
        if (!add_text(symbol->st_name, facts_.imported)) return false;
      } else if (!local && !hidden && symbol->st_shndx != SHN_ABS) {  // SHN_ABS: the names of versions
        if (!add_text(symbol->st_name, facts_.exported)) return false;
      }
    }
    return true;
  }

  bool read_needed_versions() {
    const std::optional<std::uint64_t> start = table(DT_VERNEED);
    if (!start) return true;
    const std::uint64_t count = value_of(DT_VERNEEDNUM).value_or(0);
    std::uint64_t at = *start;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, files_max); ++i) {
      const auto file = bytes_.at<Elf64_Verneed>(at);
      if (!file || !read_versions_of_file(at + file->vn_aux, file->vn_cnt)) return false;
      if (file->vn_next == 0) break;
      at += file->vn_next;
    }
    return true;
  }

  bool read_versions_of_file(std::uint64_t at, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto version = bytes_.at<Elf64_Vernaux>(at);
      if (!version || !add_text(version->vna_name, facts_.versions)) return false;
      if (version->vna_next == 0) break;
      at += version->vna_next;
    }
    return true;
  }

  Bytes bytes_;
  ElfFacts &facts_;
  std::vector<Elf64_Phdr> loads_;
  std::vector<Elf64_Dyn> dynamic_;
  std::uint64_t strings_ = 0;
};

}  // namespace

core::Result<ElfFacts> read_elf(std::string_view bytes, const std::string &where) {
  ElfFacts facts;
  std::string fault = ElfReader(bytes, facts).read();
  if (!fault.empty())
    return core::fail(core::ErrorCode::backend_load, where, std::move(fault), "build the backend again");
  return facts;
}

}  // namespace regcred::conformance
