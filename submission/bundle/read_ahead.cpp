// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/read_ahead.h"

#include <algorithm>
#include <limits>
#include <system_error>

#include "system/error.h"

namespace reconproof::submission {

namespace {

constexpr int64_t kAlignment = system::kDirectAlignment;
/// No file is so large.
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

ReadAhead::ReadAhead(const Place& place, int64_t begin, int64_t size, size_t buffers)
    : place_(place),
      // A small piece of a large archive is read through the cache: what is behind it comes along.
      file_(*place.file, size > kBlockBytes ? system::kLargeFile : kNever),
      aligned_((place.offset + begin) / kAlignment * kAlignment),
      begin_((place.offset + begin) % kAlignment),
      end_(size > 0 ? begin_ + size : 0),
      buffers_(buffers),
      bytes_(kept_bytes()),
      free_(static_cast<std::ptrdiff_t>(buffers)) {
  RP_ASSERT(buffers > 0 && buffers <= kMostBuffers);
  if (end_ <= kBlockBytes) return;
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

/// Kept by the thread from one file to the next: new pages cost about as much as reading into them.
const system::PageBuffer& ReadAhead::kept_bytes() {
  thread_local const system::PageBuffer bytes(kMostBuffers * kBlockBytes);
  return bytes;
}

/// `offset` is a multiple of kBlockBytes.
std::span<char> ReadAhead::block(int64_t offset) const {
  const size_t which = static_cast<size_t>(offset / kBlockBytes) % buffers_;
  return bytes_.part(which * kBlockBytes,
                     static_cast<size_t>(std::min(end_ - offset, kBlockBytes)));
}

void ReadAhead::read(int64_t offset) const {
  const std::span<char> bytes = block(offset);
  const size_t whole_pages = (bytes.size() + kAlignment - 1) / kAlignment * kAlignment;
  const size_t got = file_.read(bytes.data(), whole_pages, aligned_ + offset, place_.name);
  if (got < bytes.size()) {
    system::fail(system::Code::kCorrupt, "{}: ends {} bytes too early; copy it again", place_.name,
                 bytes.size() - got);
  }
}

void ReadAhead::read_all() {
  int64_t offset = 0;
  try {
    for (; offset < end_; offset += kBlockBytes) {
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
  if (given_ == end_) return {};
  if (!thread_.joinable()) {
    read(given_);
  } else {
    // The block that was worked on until now.
    if (given_ > 0) free_.release();
    full_.acquire();
    if (failed_at_ == given_) std::rethrow_exception(failure_);
  }
  const std::span<const char> bytes = block(given_);
  const int64_t skipped = given_ == 0 ? begin_ : 0;
  given_ += static_cast<int64_t>(bytes.size());
  return bytes.subspan(static_cast<size_t>(skipped));
}

}  // namespace reconproof::submission
