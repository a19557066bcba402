// SPDX-License-Identifier: Apache-2.0
int this_is_no_backend(void);
int this_is_no_backend(void) { return 1; }
