// SPDX-License-Identifier: Apache-2.0
/* Libraries that do not exist elsewhere: one is named like an HTTP library, one is newer than any glibc. */
int regcred_tests_curl_stub(void);
int regcred_tests_glibc_stub(void);

int regcred_tests_curl_stub(void) { return 1; }
int regcred_tests_glibc_stub(void) { return 2; }
