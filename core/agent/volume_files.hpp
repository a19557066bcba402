// SPDX-License-Identifier: Apache-2.0
// The files of a pod's volume, as the kubelet writes them.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "common/result.hpp"

namespace regcred::core {

// Name to content of the regular files in `directory`, symlinks followed, all of one version: the kubelet replaces the
// link `..data` (k8s.io/kubernetes/pkg/volume/util/atomic_writer.go), whose target is then read. Names that begin with
// '.' are left out. The volume's directory may be writable by everybody, as the kubelet makes it; who may mount
// it decides what is in it. Fails with ErrorCode::config: no such directory, more than 256 files, a file over
// `file_bytes_max`, 32 MiB together, a name that has more than letters, digits, '-', '_' and '.'.
[[nodiscard]] Result<std::map<std::string, std::string>> read_volume(const std::string &directory,
                                                                     std::size_t file_bytes_max);

}  // namespace regcred::core
