// SPDX-License-Identifier: MIT
#include "guarded_memory.hpp"

#include <strata/core/error.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace strata::testing::device {

namespace {

constexpr long alignment = 256;
constexpr unsigned char unwritten = 0xFF;
constexpr std::uint32_t lowest = 0x6000'0000, highest = 0xA000'0000;  // lower halves of addresses that are handed out

std::uint32_t lower_half(const void* p) { return std::uint32_t(reinterpret_cast<std::uintptr_t>(p)); }

long round_up(long n, long to) { return (n + to - 1) / to * to; }
long page() {
  static const long size = ::sysconf(_SC_PAGESIZE);
  return size;
}

bool untouched(const char* begin, const char* end) {
  for (; begin < end; begin++)
    if (static_cast<unsigned char>(*begin) != unwritten) return false;
  return true;
}

}  // namespace

GuardedMemory::GuardedMemory(const char* name, char* wanted_address, long bytes, bool closed)
    : name_(name), reserved_(bytes), closed_(closed) {
  void* at = ::mmap(wanted_address, std::size_t(bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED)
    throw Error("tests reserve ", bytes, " bytes of addresses for ", name, ", but mmap failed; raise ulimit -v");
  base_ = next_ = static_cast<char*>(at);
}

void GuardedMemory::protect(const Block& b, bool allowed) const {
  if (::mprotect(b.pages, std::size_t(b.page_bytes), allowed ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
    throw Error("mprotect refused ", b.page_bytes, " bytes of ", name_, "; raise vm.max_map_count");
}

void* GuardedMemory::allocate(long bytes, int owner) {
  Block b;
  b.bytes = bytes;
  b.owner = owner;
  b.page_bytes = round_up(bytes, page());
  const std::uint32_t low = lower_half(next_);
  if (low < lowest) next_ += lowest - low;
  else if (low >= highest || long(low) + b.page_bytes > long(highest)) next_ += (1L << 32) - low + lowest;
  b.pages = next_ + page();
  b.begin = b.pages + b.page_bytes - round_up(bytes, alignment);
  if (b.pages + b.page_bytes + page() > base_ + reserved_) return nullptr;
  next_ = b.pages + b.page_bytes;  // the page there guards the end of this block and the start of the next
  protect(b, true);
  std::memset(b.pages, unwritten, std::size_t(b.page_bytes));
  if (closed_ && !open_) protect(b, false);
  blocks_.emplace(b.pages, b);
  return b.begin;
}

std::string GuardedMemory::release(void* begin) {
  const auto found = before(begin);
  if (!found || !found->alive || found->begin != begin)
    return core::sentence(describe(begin), " was freed, but no live allocation begins there");
  Block& b = blocks_.at(found->pages);
  std::string wrong;
  protect(b, true);
  if (!untouched(b.pages, b.begin)) wrong = core::sentence("memory before ", describe(begin), " was written");
  if (!untouched(b.begin + b.bytes, b.pages + b.page_bytes))
    wrong = core::sentence("memory after ", describe(begin), " was written");
  ::madvise(b.pages, std::size_t(b.page_bytes), MADV_DONTNEED);
  protect(b, false);
  b.alive = false;
  return wrong;
}

bool GuardedMemory::looks_allocated(const void* p) const {
  if (!owns(p) || p >= next_ + page()) return false;
  const Block* b = before(p);
  return (lower_half(p) >= lowest && lower_half(p) < highest) || (b && p < b->pages + b->page_bytes);
}

const GuardedMemory::Block* GuardedMemory::before(const void* p) const {
  auto next = blocks_.upper_bound(static_cast<char*>(const_cast<void*>(p)));
  if (next == blocks_.begin()) return nullptr;
  return &std::prev(next)->second;
}

const GuardedMemory::Block* GuardedMemory::find(const void* p, long bytes) const {
  const Block* b = before(p);
  const char* at = static_cast<const char*>(p);
  return b && b->alive && at >= b->begin && at + bytes <= b->begin + b->bytes ? b : nullptr;
}

std::string GuardedMemory::describe(const void* p) const {
  char words[200];
  return std::string(words, std::size_t(describe(p, words, sizeof words)));
}

int GuardedMemory::describe(const void* p, char* words, std::size_t capacity) const {
  if (!owns(p)) return std::snprintf(words, capacity, "an address outside %s", name_);
  const Block* b = before(p);
  if (!b) return std::snprintf(words, capacity, "an address of %s before all allocations", name_);
  const long at = static_cast<const char*>(p) - b->begin;
  const long away = at < 0 ? -at : at < b->bytes ? at : at - b->bytes;
  const char* where = at < 0          ? "%ld bytes before %s allocation of %ld bytes of %s"
                      : at < b->bytes ? "byte %ld of %s allocation of %ld bytes of %s"
                                      : "%ld bytes past the end of %s allocation of %ld bytes of %s";
  return std::snprintf(words, capacity, where, away, b->alive ? "an" : "a freed", b->bytes, name_);
}

void GuardedMemory::open() {
  if (!closed_ || open_) return;
  open_ = true;
  for (const auto& [pages, b] : blocks_)
    if (b.alive) protect(b, true);
}

void GuardedMemory::close() {
  if (!closed_ || !open_) return;
  open_ = false;
  for (const auto& [pages, b] : blocks_)
    if (b.alive) protect(b, false);
}

}  // namespace strata::testing::device
