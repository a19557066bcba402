// SPDX-License-Identifier: Apache-2.0
// Owns the headers that are compiled once for all tests.
int main() { return 0; }
