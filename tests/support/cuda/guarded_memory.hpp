// SPDX-License-Identifier: MIT
// Memory whose misuse is a fault. A region of addresses is reserved once; an allocation gets pages of it between two
// guard pages, and ends at the second, up to the alignment of 256 bytes. It starts as 0xFF bytes, which are NaN in
// every format. Freed memory stays a fault forever, since no address is handed out twice.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace strata::testing::device {

class GuardedMemory {
 public:
  struct Block {
    char* pages = nullptr;  ///< the first accessible page
    long page_bytes = 0;
    char* begin = nullptr;
    long bytes = 0;
    int owner = 0;
    bool alive = true;
  };

  /// `closed`: access is a fault unless open() was called, so that only the device can access the device's memory.
  GuardedMemory(const char* name, char* wanted_address, long bytes, bool closed);
  GuardedMemory(const GuardedMemory&) = delete;

  /// Null where the region is used up.
  void* allocate(long bytes, int owner);
  /// Frees. Returns "", or what is wrong: no living allocation begins here, or bytes next to it were written.
  std::string release(void* begin);

  /// Whether the address is in the region, allocated or not.
  bool owns(const void* p) const { return p >= base_ && p < base_ + reserved_; }
  /// Whether the address is one where allocations are made. Their lower halves are neither small ints nor common
  /// floats, so that a number next to half of a pointer is not mistaken for an address.
  bool looks_allocated(const void* p) const;
  /// The living allocation that holds all these bytes; null: none. A pointer to its end with 0 bytes also belongs to
  /// it.
  const Block* find(const void* p, long bytes) const;
  /// Where an address lies, as text.
  std::string describe(const void* p) const;
  /// The same without allocation, as in a signal handler; returns the number of characters.
  int describe(const void* p, char* words, std::size_t capacity) const;

  void open();
  void close();

  const std::map<char*, Block>& blocks() const { return blocks_; }  ///< by pages, freed ones included

 private:
  const Block* before(const void* p) const;
  void protect(const Block& b, bool allowed) const;

  const char* name_;
  char *base_, *next_;
  long reserved_;
  bool closed_, open_ = false;
  std::map<char*, Block> blocks_;
};

}  // namespace strata::testing::device
