// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace reconproof::baseline::engine {
namespace {

constexpr size_t kHugePage = size_t{1} << 21;

}  // namespace

Arena::Arena(int64_t floats) : floats_(floats) {
  // A mapping of its own: what is given back is the system's again, whatever is asked for next.
  bytes_ = static_cast<size_t>(std::max<int64_t>(floats, 1)) * sizeof(float) + kHugePage;
  mapping_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) throw std::bad_alloc();
  const auto first =
      (reinterpret_cast<uintptr_t>(mapping_) + kHugePage - 1) / kHugePage * kHugePage;
  data_ = reinterpret_cast<float*>(first);
  // The last page would be there as a whole, however little of it is wanted.
  const size_t whole_pages = (bytes_ - kHugePage) / kHugePage * kHugePage;
  if (whole_pages > 0) ::madvise(data_, whole_pages, MADV_HUGEPAGE);
}

Arena::~Arena() { ::munmap(mapping_, bytes_); }

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
