# SPDX-License-Identifier: Apache-2.0
# regcred_options: warnings and hardening of everything in this repository. Not exported to users of the SDK. Warnings are
# errors in the presets for developers only (CMAKE_COMPILE_WARNING_AS_ERROR): the next compiler knows new ones.

add_library(regcred_options INTERFACE)
target_compile_options(regcred_options INTERFACE
  # -Wextra complains of designated initializers that leave a member to its default, which is what they are for.
  -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef -Wvla
  # gcc 12 at -O3 sees an overlap in std::string's own operator+ (its bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # What gcc's optimizer guesses about std::string differs from version to version: it stays a warning.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized;-Wno-error=array-bounds;-Wno-error=stringop-overflow;-Wno-error=stringop-overread>
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast>
  # gcc 12 at -O3 takes the two members of a tl::expected for unrelated memory: an error that is moved into an optional
  # is freed twice (packaging.bundle.N5_the_roots_of_the_system_are_found, without roots).
  -fno-strict-aliasing
  # The same sources give the same bytes, wherever they lie.
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
target_compile_definitions(regcred_options INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(regcred_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed)

# Hardening that this compiler knows for this processor: -fcf-protection is for x86, -mbranch-protection for arm64.
include(CheckCXXCompilerFlag)
set(CMAKE_REQUIRED_FLAGS -Werror)  # clang only warns of a flag that it does not use
foreach(flag IN ITEMS -fstack-protector-strong -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "REGCRED_HAS${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    target_compile_options(regcred_options INTERFACE ${flag})
  endif()
endforeach()
unset(CMAKE_REQUIRED_FLAGS)

if(REGCRED_SANITIZE)
  target_compile_options(regcred_options INTERFACE
    -fsanitize=${REGCRED_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(regcred_options INTERFACE -fsanitize=${REGCRED_SANITIZE})
  target_compile_definitions(regcred_options INTERFACE REGCRED_SANITIZED)
else()
  # FORTIFY needs optimisation and does not go with sanitizers.
  target_compile_options(regcred_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()
