// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The confined HDF5 reader. `serve_hdf5()` is the body of the hidden command `__hdf5-reader`: it
// waits on a socket for files, forks a worker for each, and never parses anything itself. A worker
// limits itself to one file and a short list of system calls before libhdf5 sees the first byte.
#pragma once

#include <filesystem>

namespace reconproof::formats {

inline constexpr const char* kHdf5ReaderCommand = "__hdf5-reader";

/// Serves requests on descriptor 3 until it is closed. Returns the process's exit code.
int serve_hdf5();

/// The program that is re-executed as the reader; by default the running one. For test programs.
void set_hdf5_reader_program(const std::filesystem::path& program);

}  // namespace reconproof::formats
