// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/read_ahead.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "system/error.h"

namespace reconproof::submission {

ReadAhead::ReadAhead(const Place& place, int64_t begin, int64_t size, size_t buffers)
    : place_(place), begin_(begin), size_(size), free_(static_cast<std::ptrdiff_t>(buffers)) {
  RP_ASSERT(buffers > 0 && buffers <= kMostBuffers);
  // The kernel then asks the disk for twice as much at once.
  ::posix_fadvise(place_.file->get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  // Kept by the thread from one file to the next: new pages cost about as much as reading into
  // them.
  thread_local std::array<system::PageBuffer, kMostBuffers> kept;
  const size_t used = size > kBufferBytes ? buffers : 1;
  buffers_ = {kept.data(), used};
  for (system::PageBuffer& buffer : buffers_)
    if (buffer.size() == 0) buffer = system::PageBuffer(kBufferBytes);
  if (size <= kBufferBytes) return;
  try {
    thread_ = std::thread([this] { read_all(); });
  } catch (const std::system_error&) {
  }
}

ReadAhead::~ReadAhead() {
  stopped_ = true;
  free_.release();
  if (thread_.joinable()) thread_.join();
}

std::span<char> ReadAhead::buffer(int64_t offset) const {
  const size_t which = static_cast<size_t>(offset / kBufferBytes) % buffers_.size();
  return buffers_[which].first(static_cast<size_t>(std::min(size_ - offset, kBufferBytes)));
}

void ReadAhead::read(int64_t offset) const {
  const std::span<char> bytes = buffer(offset);
  system::read_at(*place_.file, bytes.data(), bytes.size(), place_.offset + begin_ + offset,
                  place_.name);
}

void ReadAhead::read_all() {
  int64_t offset = 0;
  try {
    for (; offset < size_; offset += kBufferBytes) {
      free_.acquire();
      if (stopped_) return;
      read(offset);
      full_.release();
    }
  } catch (...) {
    failure_ = std::current_exception();
    failed_at_ = offset;
    full_.release();
  }
}

std::span<const char> ReadAhead::next() {
  if (given_ == size_) return {};
  if (!thread_.joinable()) {
    read(given_);
  } else {
    // The buffer that was worked on until now.
    if (given_ > 0) free_.release();
    full_.acquire();
    if (failed_at_ == given_) std::rethrow_exception(failure_);
  }
  const std::span<const char> bytes = buffer(given_);
  given_ += static_cast<int64_t>(bytes.size());
  return bytes;
}

}  // namespace reconproof::submission
