// SPDX-License-Identifier: MIT
// Finds races: two threads access a byte, at least one writes it, and no barrier is between them. Whether a test's
// numbers show a race depends on the order of the threads; this does not.
#pragma once

#include "translated.hpp"

#include <array>
#include <memory>
#include <unordered_map>

namespace strata::testing::ptx {

class Races {
 public:
  /// Accesses of different launches never race: launches of a stream are in order, and the stand-in for the runtime
  /// runs those of several streams in several orders.
  void begin_launch();
  /// Throws Error if the access races with an earlier one of this launch.
  void note(const char* at, u32 bytes, bool writes, bool shared, const Thread& thread, int line);

 private:
  struct Access {
    u32 thread = 0;  ///< in the grid, from 1; 0: none
    u32 phase = 0;
    int line = 0;
  };
  /// The last write of a byte, and the last reads of two different threads.
  struct Byte {
    Access written, read, read_before;
  };
  static constexpr u64 page_bytes = 256;
  struct Page {
    long launch = 0;
    std::array<Byte, page_bytes> bytes;
  };

  Page& page(u64 number);

  long launch_ = 0;
  std::unordered_map<u64, std::unique_ptr<Page>> pages_;
  u64 last_number_ = ~u64{0};
  Page* last_ = nullptr;
};

}  // namespace strata::testing::ptx
