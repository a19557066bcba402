// SPDX-License-Identifier: Apache-2.0
// Nothing: the target of the precompiled headers needs a source (REGCRED_PRECOMPILE).
