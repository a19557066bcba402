# regcred_add_backend(NAME SOURCES file... [LINK library...])
#
# Builds the backend NAME as NAME.so: a module without prefix, everything hidden but the one entry symbol, all symbols
# resolved at link time, read-only after relocation. NAME is what operators write under `backend:` and what the
# backend's own table must say: [a-z][a-z0-9-]{0,62}. The target is called regcred_backend_NAME.
#
# Libraries under LINK are linked privately; symbols of static ones stay hidden (--exclude-libs,ALL).

function(regcred_add_backend name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT name MATCHES "^[a-z][a-z0-9-]*$")
    message(FATAL_ERROR "regcred_add_backend: '${name}' is no backend name: lower-case letters, digits and '-' only")
  endif()
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "regcred_add_backend(${name}): SOURCES is missing")
  endif()

  set(target regcred_backend_${name})
  add_library(${target} MODULE ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE regcred::sdk ${ARG_LINK})
  target_compile_features(${target} PRIVATE cxx_std_20)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${name}
    PREFIX ""
    SUFFIX ".so"
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${REGCRED_BACKEND_VERSION_SCRIPT})
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${REGCRED_BACKEND_VERSION_SCRIPT}
    -Wl,--exclude-libs,ALL
    -Wl,-z,relro,-z,now,-z,noexecstack)
  if(NOT REGCRED_SANITIZE)
    # A sanitizer's runtime is found only when the program starts, so its symbols cannot be resolved here.
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

set(REGCRED_BACKEND_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/backend.map)
