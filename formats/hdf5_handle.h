// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Private to formats/: HDF5 identifiers as owned values, and its error stack as text.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

namespace reconproof::formats {

/// Held during every call into libhdf5, which Debian builds without thread safety: one thread may
/// read while another writes, each in turn.
std::recursive_mutex& hdf5_mutex();

class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Hdf5Handle() { reset(); }
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = std::exchange(other.id_, H5I_INVALID_HID);
      close_ = other.close_;
    }
    return *this;
  }
  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  void reset() {
    if (id_ < 0) return;
    const std::lock_guard lock(hdf5_mutex());
    close_(id_);
    id_ = H5I_INVALID_HID;
  }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Once a process: no automatic printing of errors, no loading of filter plugins.
void silence_hdf5();

/// The innermost message of the error stack, which is cleared.
std::string hdf5_error();

/// Complex numbers as h5py stores them: a compound of two float32, `r` and `i`.
Hdf5Handle complex_type();

}  // namespace reconproof::formats
