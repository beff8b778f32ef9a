// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The same work for many indices, on some threads.
#pragma once

#include <cstddef>
#include <functional>

namespace reconproof::system {

/// How many threads are meant: 0 is one a core.
size_t thread_count(int threads);

/// Runs `work(i)` for every i below `count`, on `threads` threads (0: one a core) or as many as can
/// be had. After an exception no further index begins, and the first one is thrown on.
void for_each_index(size_t count, int threads, const std::function<void(size_t)>& work);

}  // namespace reconproof::system
