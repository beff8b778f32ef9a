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

namespace {

/// Channels of a buffer that live and die together.
struct Segment {
  int64_t begin, end;  // floats of the buffer
  Life life;
};

std::vector<Segment> segments_of(const Buffer& buffer) {
  std::vector<Segment> segments;
  const int64_t floats = buffer.planes.plane_floats();
  for (int64_t channel = 0; channel < buffer.planes.count; ++channel) {
    const Life& life = buffer.lives[static_cast<size_t>(channel)];
    if (life.first < 0) continue;
    const int64_t begin = channel * floats;
    if (!segments.empty() && segments.back().life == life && segments.back().end == begin)
      segments.back().end += floats;
    else
      segments.push_back({begin, begin + floats, life});
  }
  return segments;
}

/// Where `segments` go instead of `offset`: behind the first of `others` that lives at the same
/// time and overlaps; `offset` itself where none does.
int64_t next_place(int64_t offset, const std::vector<Segment>& segments, int64_t other_offset,
                   const std::vector<Segment>& others) {
  for (const Segment& mine : segments) {
    for (const Segment& other : others) {
      const bool overlap = offset + mine.begin < other_offset + other.end &&
                           other_offset + other.begin < offset + mine.end;
      if (overlap && mine.life.meets(other.life))
        return round_up(other_offset + other.end - mine.begin, kAlignment);
    }
  }
  return offset;
}

}  // namespace

int64_t place_buffers(const std::vector<Buffer*>& buffers) {
  std::vector<Buffer*> by_size = buffers;
  std::ranges::stable_sort(by_size, std::greater(),
                           [](const Buffer* buffer) { return buffer->planes.floats(); });
  int64_t all = 0;
  std::vector<std::pair<int64_t, std::vector<Segment>>> placed;
  for (Buffer* buffer : by_size) {
    std::vector<Segment> segments = segments_of(*buffer);
    int64_t offset = -1, next = 0;
    while (offset != next) {  // until it stays where it is
      offset = next;
      for (const auto& [other_offset, others] : placed)
        next = next_place(next, segments, other_offset, others);
    }
    buffer->offset = offset;
    all = std::max(all, offset + buffer->planes.floats());
    placed.emplace_back(offset, std::move(segments));
  }
  return all;
}

}  // namespace reconproof::baseline::engine
