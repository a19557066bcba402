# SPDX-License-Identifier: Apache-2.0
# regcred_add_backend(NAME SOURCES file... [LINK library...])
#
# Builds the backend NAME as NAME.so: a module without prefix, everything hidden but the one entry symbol, all symbols
# resolved at link time, read-only after relocation. NAME is what operators write under `backend:` and what the
# backend's own table must say: [a-z][a-z0-9-]{0,62}. The target is called regcred_backend_NAME.
#
# C++ sources get the SDK (regcred::sdk, C++20). When all SOURCES are C, the backend gets regcred::abi, which is abi.h
# and nothing else, and the project needs neither a C++ compiler nor the SDK's C++ libraries.
#
# Libraries under LINK are linked privately; symbols of static ones stay hidden (--exclude-libs,ALL).
# REGCRED_SANITIZE: set it when the build uses -fsanitize=, since a sanitizer's symbols are resolved only at start.

function(regcred_add_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LINK")
  set(problem "regcred_add_backend(${name}):")
  string(LENGTH "${name}" name_length)
  if(NOT name MATCHES "^[a-z][a-z0-9-]*$" OR name_length GREATER 63)
    message(FATAL_ERROR "${problem} '${name}' is not a backend name: at most 63 lower-case letters, digits and '-', a letter first")
  endif()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${problem} unknown argument '${ARG_UNPARSED_ARGUMENTS}'; write SOURCES before the files, LINK before the libraries")
  endif()
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "${problem} SOURCES is missing")
  endif()

  set(sdk regcred::abi)
  set(sources_beside_c ${ARG_SOURCES})
  list(FILTER sources_beside_c EXCLUDE REGEX "\\.[ch]$")
  if(sources_beside_c)
    set(sdk regcred::sdk)
    if(NOT TARGET regcred::sdk)
      message(FATAL_ERROR "${problem} '${sources_beside_c}' is C++: call project(... LANGUAGES CXX) before find_package(regcred)")
    endif()
  endif()

  set(target regcred_backend_${name})
  set(version_script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/backend.map)
  add_library(${target} MODULE ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${sdk} ${ARG_LINK})
  if(PROJECT_VERSION)
    target_compile_definitions(${target} PRIVATE REGCRED_BACKEND_VERSION="${PROJECT_VERSION}")
  endif()
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${name}
    PREFIX ""
    SUFFIX ".so"
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${version_script})
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${version_script}
    -Wl,--exclude-libs,ALL
    -Wl,-z,relro,-z,now,-z,noexecstack)
  if(NOT REGCRED_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
