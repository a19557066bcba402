# SPDX-License-Identifier: Apache-2.0
# cmake -D NM=nm -D FILE=x.so -P one_symbol.cmake: fails unless the entry point is all that the file exports.
execute_process(COMMAND ${NM} -D --defined-only ${FILE} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${symbols}" symbols)
if(NOT symbols MATCHES "^[0-9a-f]+ T regcred_backend_entry_v1$")
  message(FATAL_ERROR "${FILE} must export regcred_backend_entry_v1 and nothing else, but exports:\n${symbols}")
endif()
