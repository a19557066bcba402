// SPDX-License-Identifier: Apache-2.0
// `regcred new-backend`: names, what is refused, and that a failure leaves nothing behind.
#include "cli/new_backend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "support/process.hpp"

namespace regcred::core {
namespace {

namespace fs = std::filesystem;
using regcred::testing::ProcessOutput;
using regcred::testing::run_process;
using regcred::testing::TemporaryDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

std::set<std::string> entries_of(const fs::path &directory) {
  std::set<std::string> names;
  for (const auto &entry : fs::recursive_directory_iterator(directory)) {
    names.insert(entry.path().lexically_relative(directory).string());
  }
  return names;
}

unsigned mode_of(const fs::path &path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

TEST(BackendNames, each_form_is_an_identifier_of_its_kind) {
  const std::vector<std::array<std::string, 3>> table = {
      {"acme", "acme", "Acme"},
      {"acme-cloud", "acme_cloud", "AcmeCloud"},
      {"a1-2b-c", "a1_2b_c", "A12bC"},
      {"a--b", "a_b", "AB"},
      {"a-", "a", "A"},
      {"z", "z", "Z"},
      {"x-y-z-0", "x_y_z_0", "XYZ0"},
      {std::string(63, 'a'), std::string(63, 'a'), "A" + std::string(62, 'a')}};
  for (const auto &[name, identifier, type] : table) {
    const Result<BackendNames> names = backend_names(name);
    ASSERT_TRUE(names) << name;
    EXPECT_EQ(names->name, name);
    EXPECT_EQ(names->identifier, identifier);
    EXPECT_EQ(names->type, type);
  }
}

TEST(BackendNames, all_else_is_a_usage_error) {
  for (const std::string &name : {std::string(), std::string("-a"), std::string("1a"), std::string("Acme"),
                                  std::string("a_b"), std::string("a.b"), std::string("a/b"), std::string("../a"),
                                  std::string("a b"), std::string("a\n"), std::string("ä"), std::string(64, 'a')}) {
    const Result<BackendNames> names = backend_names(name);
    ASSERT_FALSE(names) << name;
    EXPECT_EQ(names.error().code, ErrorCode::usage);
    EXPECT_THAT(names.error().cure, HasSubstr("lower-case letters"));
  }
}

TEST(Renamed, every_form_is_replaced_by_its_own) {
  const BackendNames names = *backend_names("acme-registry-2");
  EXPECT_EQ(renamed("acme-registry acme_registry AcmeRegistry Acme-Registry acme", names),
            "acme-registry-2 acme_registry_2 AcmeRegistry2 Acme-Registry acme");
}

TEST(WriteProject, makes_the_directory_or_takes_an_empty_one) {
  const TemporaryDirectory place;
  fs::create_directory(place.path() + "/empty");
  for (const char *name : {"/new", "/empty"}) {
    const fs::path project = place.path() + name;
    ASSERT_TRUE(write_project({{"a.txt", "A"}, {".x/y/b.txt", "B"}, {".x/y/c.txt", ""}}, project)) << name;
    EXPECT_THAT(entries_of(project), ElementsAre(".x", ".x/y", ".x/y/b.txt", ".x/y/c.txt", "a.txt"));
    EXPECT_EQ(mode_of(project / ".x"), 0755U);
    EXPECT_EQ(mode_of(project / ".x/y/b.txt"), 0644U);
  }
}

TEST(WriteProject, what_is_somebodys_work_is_left_alone) {
  const TemporaryDirectory place;
  place.write("full/mine.txt", "mine");
  place.write("file", "mine");
  for (const char *name : {"/full", "/file", "/full/mine.txt"}) {
    const Status written = write_project({{"a.txt", "A"}}, place.path() + name);
    ASSERT_FALSE(written) << name;
    EXPECT_EQ(written.error().code, ErrorCode::usage);
    EXPECT_THAT(written.error().cure, HasSubstr("an empty one"));
  }
  EXPECT_THAT(entries_of(place.path()), ElementsAre("file", "full", "full/mine.txt"));
}

// The second file cannot be made: its name is taken, its directory is a file, its name is too long.
TEST(WriteProject, a_failure_leaves_nothing_behind) {
  const TemporaryDirectory place;
  fs::create_directory(place.path() + "/empty");
  for (const std::string &path : {std::string("d/a"), std::string("d/a/b"), std::string(300, 'x')}) {
    for (const char *name : {"/new", "/empty"}) {
      const Status written = write_project({{"d/a", "A"}, {path, "B"}}, place.path() + name);
      ASSERT_FALSE(written) << path;
      EXPECT_EQ(written.error().code, ErrorCode::internal);
      EXPECT_THAT(entries_of(place.path()), ElementsAre("empty")) << path;
    }
  }
  EXPECT_FALSE(write_project({{"a", "A"}}, place.path() + "/no/parent"));
  EXPECT_THAT(entries_of(place.path()), ElementsAre("empty"));
}

TEST(ReadTemplate, gives_every_file_in_order_and_fails_without_any) {
  const TemporaryDirectory place;
  EXPECT_FALSE(read_template(place.path()));
  EXPECT_FALSE(read_template(place.path() + "/none"));
  place.write("b.txt", "B");
  place.write(".github/a.yml", "A");
  const Result<std::vector<ProjectFile>> files = read_template(place.path());
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ(files->at(0).path + files->at(0).text, ".github/a.ymlA");
  EXPECT_EQ(files->at(1).path + files->at(1).text, "b.txtB");
}

TEST(ReadTemplate, a_link_to_itself_is_an_error_that_names_it) {
  const TemporaryDirectory place;
  place.write("b.txt", "B");
  fs::create_symlink("loop", place.path() + "/loop");
  const Result<std::vector<ProjectFile>> files = read_template(place.path());
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ErrorCode::internal);
  EXPECT_EQ(files.error().where, place.path() + "/loop");
}

TEST(NewBackend, the_program_writes_a_project_and_says_what_to_do_next) {
  const TemporaryDirectory place;
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {REGCRED_PROGRAM, "new-backend"});
    return run_process({std::move(arguments)});
  };
  const std::string project = place.path() + "/project";
  const ProcessOutput made = run({"acme-cloud", project});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("  acme-cloud_test.cpp\n"));
  EXPECT_THAT(made.out, HasSubstr("cd " + project + "\n"));
  EXPECT_THAT(entries_of(project), IsSupersetOf({"CMakeLists.txt", "README.md", "acme-cloud.cpp", "acme-cloud_test.cpp",
                                                 ".github/workflows/ci.yml"}));

  const ProcessOutput again = run({"acme-cloud", project});
  EXPECT_EQ(again.status, 2);
  EXPECT_EQ(again.out, "");
  EXPECT_THAT(again.err, HasSubstr("is not empty"));
  EXPECT_EQ(run({"Acme", place.path() + "/other"}).status, 2);
  EXPECT_EQ(run({"acme", place.path() + "/no/parent"}).status, 8);
  EXPECT_FALSE(fs::exists(place.path() + "/other"));
}

}  // namespace
}  // namespace regcred::core
