// SPDX-License-Identifier: Apache-2.0
// The ELF reader: right on real files, and unharmed by damaged ones.
#include "conformance/elf_facts.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace regcred::conformance {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string backends = CONFORMANCE_BACKENDS;

std::string file(const std::string &name) {
  std::ifstream in(backends + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

ElfFacts facts_of(const std::string &name) {
  const auto facts = read_elf(file(name), name);
  EXPECT_TRUE(facts) << name << (facts ? "" : facts.error().what);
  return facts.value_or(ElfFacts{});
}

TEST(ElfFacts, of_a_good_backend) {
  const ElfFacts facts = facts_of("good/plain/subject.so");
  EXPECT_TRUE(facts.relro && facts.bind_now);
  EXPECT_FALSE(facts.executable_stack || facts.text_relocations);
  EXPECT_THAT(facts.exported, ElementsAre("regcred_backend_entry_v1"));
  EXPECT_THAT(facts.needed, Contains("libc.so.6"));
  EXPECT_THAT(facts.search_paths, IsEmpty());
  EXPECT_THAT(facts.imported, Contains("snprintf"));
  EXPECT_THAT(facts.versions, Contains("GLIBC_2.2.5"));
}

TEST(ElfFacts, of_bad_ones) {
  EXPECT_FALSE(facts_of("bad/file.relro/subject.so").relro);
  EXPECT_FALSE(facts_of("bad/file.bind-now/subject.so").bind_now);
  EXPECT_TRUE(facts_of("bad/file.stack/subject.so").executable_stack);
  EXPECT_TRUE(facts_of("bad/file.text-relocations/subject.so").text_relocations);
  EXPECT_THAT(facts_of("bad/file.search-path/subject.so").search_paths, ElementsAre("/opt/acme/lib"));
  EXPECT_THAT(facts_of("bad/file.one-symbol/subject.so").exported, Contains("regcred_tests_second_symbol"));
  EXPECT_THAT(facts_of("bad/file.dependencies/subject.so").needed, Contains("libcurl-stub.so"));
  EXPECT_THAT(facts_of("bad/file.no-sockets/subject.so").imported, Contains("socket"));
  EXPECT_THAT(facts_of("bad/file.glibc/subject.so").versions, Contains("GLIBC_2.99"));
}

TEST(ElfFacts, says_why_a_file_is_none) {
  const auto refused = [](const std::string &bytes) {
    const auto facts = read_elf(bytes, "f");
    return facts ? std::string("none") : facts.error().what;
  };
  std::string bytes = file("good/plain/subject.so");
  EXPECT_THAT(refused(""), HasSubstr("no ELF header"));
  EXPECT_THAT(refused("#!/bin/sh\n"), HasSubstr("no ELF header"));
  EXPECT_THAT(refused(bytes.substr(0, 200)), HasSubstr("damaged"));
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(refused(bytes), HasSubstr("another kind of machine"));
  bytes[EI_CLASS] = ELFCLASS64;
  bytes[offsetof(Elf64_Ehdr, e_type)] = ET_REL;
  EXPECT_THAT(refused(bytes), HasSubstr("its ELF type is 1"));
}

// Neither a crash nor a read out of bounds (under the address sanitizer) nor an endless loop, whatever the bytes are.
TEST(ElfFacts, survives_damage) {
  const std::string bytes = file("good/plain/subject.so");
  for (std::size_t size = 0; size < bytes.size(); size += 61) (void)read_elf(bytes.substr(0, size), "f");
  std::size_t refused = 0;
  for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 8192); ++at) {
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      std::string damaged = bytes;
      damaged[at] = value;
      refused += read_elf(damaged, "f").has_value() ? 0U : 1U;
    }
  }
  EXPECT_GT(refused, 100U) << "damage of headers and tables must be noticed";
}

}  // namespace
}  // namespace regcred::conformance
