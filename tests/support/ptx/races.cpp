// SPDX-License-Identifier: MIT
#include "races.hpp"

#include "executor.hpp"

#include <algorithm>

namespace strata::testing::ptx {

namespace {
constexpr std::size_t most_pages = 20'000;  // which take 180 MB; another launch starts without
}

void Races::begin_launch() {
  launch_++;
  last_number_ = ~u64{0};
  if (pages_.size() > most_pages) pages_.clear();
}

Races::Page& Races::page(u64 number) {
  if (number != last_number_) {
    std::unique_ptr<Page>& found = pages_[number];
    if (!found) found = std::make_unique<Page>();
    if (found->launch != launch_) {
      found->bytes.fill({});
      found->launch = launch_;
    }
    last_ = found.get();
    last_number_ = number;
  }
  return *last_;
}

void Races::note(const char* at, u32 bytes, bool writes, bool shared, const Thread& thread, int line) {
  const u64 first = reinterpret_cast<u64>(at);
  const Access own{thread.block * thread.count + thread.index + 1, thread.phase, line};
  // Blocks run one after another in the same shared memory, of which each has its own on a device.
  const auto races = [&](const Access& other) {
    if (other.thread == 0 || other.thread == own.thread) return false;
    const bool same_block = (other.thread - 1) / thread.count == thread.block;
    return same_block ? other.phase == own.phase : !shared;
  };
  for (u64 address = first; address < first + bytes; address++) {
    Byte& byte = page(address / page_bytes).bytes[address % page_bytes];
    if (races(byte.written)) report_race(address, writes, true, byte.written.thread, byte.written.line, thread, line);
    if (!writes) {
      if (byte.read.thread != own.thread) byte.read_before = byte.read;
      byte.read = own;
      continue;
    }
    for (const Access& read : {byte.read, byte.read_before})
      if (races(read)) report_race(address, true, false, read.thread, read.line, thread, line);
    byte.written = own;
  }
}

}  // namespace strata::testing::ptx
