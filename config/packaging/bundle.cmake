# SPDX-License-Identifier: Apache-2.0
# Included by project(regcred) when a bundle is built (CMAKE_PROJECT_regcred_INCLUDE): only the libraries that a backend
# of another team needs stay shared. A link map beside each linked file says what is inside (sbom.py).
set(OPENSSL_USE_STATIC_LIBS TRUE)
# What a request runs lies side by side: `./dev order` wrote the script. Its sum is in its name here, so that another one
# links anew.
add_compile_options(-ffunction-sections)
file(SHA256 ${CMAKE_CURRENT_LIST_DIR}/order.ld sum)
set(order ${CMAKE_BINARY_DIR}/order-${sum}.ld)
configure_file(${CMAKE_CURRENT_LIST_DIR}/order.ld ${order} COPYONLY)
foreach(kind IN ITEMS EXE MODULE)
  # Relocations in one word each: the bundle's loader understands them, whatever the node's does.
  string(APPEND CMAKE_${kind}_LINKER_FLAGS " -static-libstdc++ -static-libgcc -Wl,-z,pack-relative-relocs -Wl,-T,${order}")
endforeach()
string(APPEND CMAKE_CXX_LINK_EXECUTABLE " -Wl,-Map=<TARGET>.map")
string(APPEND CMAKE_CXX_CREATE_SHARED_MODULE " -Wl,-Map=<TARGET>.map")
