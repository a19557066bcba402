# SPDX-License-Identifier: Apache-2.0
# cmake -D BUILD=tree -D STAGE=prefix -P install.cmake: a fresh installation of what was built.
file(REMOVE_RECURSE ${STAGE})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${STAGE} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
