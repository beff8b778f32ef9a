// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace reconproof::baseline::engine {
namespace {

constexpr size_t kHugePage = size_t{1} << 21;

}  // namespace

Arena::Arena(int64_t floats) : floats_(floats) {
  const size_t wanted = static_cast<size_t>(std::max<int64_t>(floats, 1)) * sizeof(float);
  const size_t bytes = (wanted + kHugePage - 1) / kHugePage * kHugePage;
  data_.reset(static_cast<float*>(std::aligned_alloc(kHugePage, bytes)));
  if (!data_) throw std::bad_alloc();
  // The last page would be there as a whole, however little of it is wanted.
  const size_t whole_pages = wanted / kHugePage * kHugePage;
  char* first = reinterpret_cast<char*>(data_.get());
  if (whole_pages > 0) ::madvise(first, whole_pages, MADV_HUGEPAGE);
  if (bytes > whole_pages) ::madvise(first + whole_pages, bytes - whole_pages, MADV_NOHUGEPAGE);
  std::memset(first, 0, wanted);
}

void Arena::Free::operator()(float* data) const { std::free(data); }

void make_at_least(std::optional<Arena>& arena, int64_t floats) {
  if (arena && arena->floats() >= floats) return;
  arena.reset();  // its memory is free before the next one's is taken
  arena.emplace(floats);
}

int64_t place_buffers(const std::vector<Buffer*>& buffers) {
  std::vector<Buffer*> by_size = buffers;
  std::ranges::stable_sort(by_size, std::greater(),
                           [](const Buffer* buffer) { return buffer->planes.floats(); });
  int64_t all = 0;
  std::vector<const Buffer*> placed;  // by offset
  for (Buffer* buffer : by_size) {
    buffer->offset = 0;
    for (const Buffer* other : placed) {
      const bool together = buffer->first <= other->last && other->first <= buffer->last;
      if (!together) continue;
      if (buffer->offset + buffer->planes.floats() <= other->offset) break;
      const int64_t behind = other->offset + other->planes.floats();
      buffer->offset = std::max(buffer->offset, round_up(behind, kAlignment));
    }
    all = std::max(all, buffer->offset + buffer->planes.floats());
    placed.insert(std::ranges::upper_bound(placed, buffer->offset, {},
                                           [](const Buffer* other) { return other->offset; }),
                  buffer);
  }
  return all;
}

}  // namespace reconproof::baseline::engine
