// SPDX-License-Identifier: MIT
#include "guarded_memory.hpp"

#include <strata/core/error.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace strata::testing::device {

namespace {

constexpr long alignment = 256;
constexpr unsigned char unwritten = 0xFF;

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
  if (at == MAP_FAILED) throw Error("tests reserve ", bytes, " bytes of addresses for ", name, ", and mmap refused; lift ulimit -v");
  base_ = next_ = static_cast<char*>(at);
}

void GuardedMemory::protect(const Block& b, bool allowed) const {
  if (::mprotect(b.pages, std::size_t(b.page_bytes), allowed ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
    throw Error("mprotect refused ", b.page_bytes, " bytes of ", name_, "; lift vm.max_map_count");
}

void* GuardedMemory::allocate(long bytes, int owner) {
  Block b;
  b.bytes = bytes;
  b.owner = owner;
  b.page_bytes = round_up(bytes, page());
  b.pages = next_ + page();
  b.begin = b.pages + b.page_bytes - round_up(bytes, alignment);
  if (b.pages + b.page_bytes + page() > base_ + reserved_) return nullptr;
  next_ = b.pages + b.page_bytes;  // whose page is the guard behind this block and before the next
  protect(b, true);
  std::memset(b.pages, unwritten, std::size_t(b.page_bytes));
  if (closed_ && !open_) protect(b, false);
  blocks_.emplace(b.pages, b);
  return b.begin;
}

std::string GuardedMemory::release(void* begin) {
  const auto found = before(begin);
  if (!found || !found->alive || found->begin != begin)
    return sentence(describe(begin), " was freed, where no living allocation begins");
  Block& b = blocks_.at(found->pages);
  std::string wrong;
  protect(b, true);
  if (!untouched(b.pages, b.begin)) wrong = sentence("memory before ", describe(begin), " was written");
  if (!untouched(b.begin + b.bytes, b.pages + b.page_bytes)) wrong = sentence("memory behind ", describe(begin), " was written");
  ::madvise(b.pages, std::size_t(b.page_bytes), MADV_DONTNEED);
  protect(b, false);
  b.alive = false;
  return wrong;
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
  if (!owns(p)) return sentence("an address outside ", name_);
  const Block* b = before(p);
  if (!b) return sentence("an address of ", name_, " before all allocations");
  const long at = static_cast<const char*>(p) - b->begin;
  const std::string block = sentence(b->alive ? "an" : "a freed", " allocation of ", b->bytes, " bytes");
  if (at < 0) return sentence(-at, " bytes before ", block, " of ", name_);
  if (at >= b->bytes) return sentence(at - b->bytes, " bytes behind the end of ", block, " of ", name_);
  return sentence("byte ", at, " of ", block, " of ", name_);
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
