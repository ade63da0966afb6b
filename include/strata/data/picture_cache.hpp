// SPDX-License-Identifier: MIT
// Decoded pictures that are kept as long as they fit into a given number of bytes; those that do not are decoded anew each
// time. Any number of threads may ask at once.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <strata/data/label_decoding.hpp>

namespace strata {

class PictureCache {
 public:
  PictureCache(int count, long limit) : limit_(limit), kept_(std::size_t(count)) {}

  /// Picture i: kept from before, or what decode() returns.
  template <class Decode>
  std::shared_ptr<const LabelledPicture> get(int i, Decode&& decode) {
    {
      const std::lock_guard lock(mutex_);
      if (kept_[std::size_t(i)]) return kept_[std::size_t(i)];
    }
    auto picture = std::make_shared<const LabelledPicture>(decode());
    const std::lock_guard lock(mutex_);
    if (!kept_[std::size_t(i)] && bytes_ + picture->bytes() <= limit_) {
      bytes_ += picture->bytes();
      kept_[std::size_t(i)] = picture;
    }
    return picture;
  }
  /// Bytes of the pictures that are kept.
  long bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  std::mutex mutex_;
  long bytes_ = 0, limit_;
  std::vector<std::shared_ptr<const LabelledPicture>> kept_;
};

}  // namespace strata
