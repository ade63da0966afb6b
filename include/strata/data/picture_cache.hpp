// SPDX-License-Identifier: MIT
// Decoded pictures that are kept as long as they fit into a given number of bytes; those that do not are decoded anew each
// time. Any number of threads may ask at once.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include <strata/data/label_decoding.hpp>

namespace strata {

/// Bytes of memory that a program can still take: what the kernel says, or what a container's limit leaves.
inline long free_memory() {
  const auto number_in = [](const char* path, const char* key) {
    long value = -1;
    if (std::FILE* file = std::fopen(path, "r")) {
      char line[256];
      while (value < 0 && std::fgets(line, sizeof line, file))
        if (std::strncmp(line, key, std::strlen(key)) == 0 && std::sscanf(line + std::strlen(key), "%ld", &value) != 1)
          value = -1;
      std::fclose(file);
    }
    return value;
  };
  const long kilobytes = number_in("/proc/meminfo", "MemAvailable:");
  const long limit = number_in("/sys/fs/cgroup/memory.max", ""), used = number_in("/sys/fs/cgroup/memory.current", "");
  const long machine = kilobytes < 0 ? 1L << 30 : kilobytes * 1024;
  return limit >= 0 && used >= 0 && limit - used < machine ? (limit > used ? limit - used : 0) : machine;
}

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
