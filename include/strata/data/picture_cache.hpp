// SPDX-License-Identifier: MIT
// Keeps decoded images while they fit into a given number of bytes; the others are decoded at each use. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <strata/data/label_decoding.hpp>

namespace strata::data {

class PictureCache {
 public:
  PictureCache(int count, long limit) : limit_(limit), kept_(std::size_t(count)) {}

  /// Image i: the cached one, or what decode() returns.
  template <class Decode>
  std::shared_ptr<const LabeledPicture> get(int i, Decode&& decode) {
    {
      const std::lock_guard lock(mutex_);
      if (kept_[std::size_t(i)]) return kept_[std::size_t(i)];
    }
    auto picture = std::make_shared<const LabeledPicture>(decode());
    const std::lock_guard lock(mutex_);
    if (!kept_[std::size_t(i)] && bytes_ + picture->bytes() <= limit_) {
      bytes_ += picture->bytes();
      kept_[std::size_t(i)] = picture;
    }
    return picture;
  }
  /// Bytes of the cached images.
  long bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  std::mutex mutex_;
  long bytes_ = 0, limit_;
  std::vector<std::shared_ptr<const LabeledPicture>> kept_;
};

}  // namespace strata::data
