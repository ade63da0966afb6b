// SPDX-License-Identifier: MIT
// Memory whose misuse is a fault. A region of addresses is reserved once; an allocation takes pages of it between two pages that
// nobody may touch, and ends at the second, up to the alignment of 256 bytes. It begins as 0xFF bytes: a number of any format
// that is none. What is freed stays a fault for good, as no address is given out twice.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace strata::testing::device {

class GuardedMemory {
 public:
  struct Block {
    char* pages = nullptr;  ///< first page that may be touched
    long page_bytes = 0;
    char* begin = nullptr;
    long bytes = 0;
    int owner = 0;
    bool alive = true;
  };

  /// `closed`: a fault unless open() was called; so that only the device reads the device's memory.
  GuardedMemory(const char* name, char* wanted_address, long bytes, bool closed);
  GuardedMemory(const GuardedMemory&) = delete;

  /// Null where the region is used up.
  void* allocate(long bytes, int owner);
  /// "", or what is wrong: no living allocation begins here, or bytes beside it were written.
  std::string release(void* begin);

  /// Whether the address is one of the region, allocated or not.
  bool owns(const void* p) const { return p >= base_ && p < base_ + reserved_; }
  /// Whether the address is one where allocations are made. Their lower halves are neither small ints nor the floats that occur, so
  /// that a number beside the rest of a pointer is not taken for one.
  bool looks_allocated(const void* p) const;
  /// The living allocation that holds all these bytes; null: none. A pointer to its end holds none of its bytes and is its own.
  const Block* find(const void* p, long bytes) const;
  /// Where an address lies, in words.
  std::string describe(const void* p) const;
  /// The same where nothing may be allocated, as in a handler of signals; returns the number of characters.
  int describe(const void* p, char* words, std::size_t room) const;

  void open();
  void close();

  const std::map<char*, Block>& blocks() const { return blocks_; }  ///< by pages, the dead ones too

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
