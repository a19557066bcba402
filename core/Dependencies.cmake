# SPDX-License-Identifier: Apache-2.0
# Every library that regcred is built from. The SDK alone needs the first two only.
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
if(NOT REGCRED_PROGRAM)
  return()
endif()

find_package(CLI11 2.1 REQUIRED)
find_package(Boost 1.74 REQUIRED)  # headers only: Boost.DLL
find_package(valijson REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

# Linked statically: a plugin that lives for milliseconds should not relocate a library at each start, and
# regcred-conformance is one file to copy to wherever backends are built.
find_library(REGCRED_YAML_CPP NAMES libyaml-cpp.a REQUIRED)
find_path(REGCRED_YAML_CPP_INCLUDE yaml-cpp/eventhandler.h REQUIRED)
add_library(regcred_yaml_cpp INTERFACE)
target_include_directories(regcred_yaml_cpp SYSTEM INTERFACE ${REGCRED_YAML_CPP_INCLUDE})
target_link_libraries(regcred_yaml_cpp INTERFACE ${REGCRED_YAML_CPP})

# libmd gives SHA-256 without OpenSSL, which the parent process must not load.
find_library(REGCRED_LIBMD NAMES libmd.a REQUIRED)
