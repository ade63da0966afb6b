// SPDX-License-Identifier: MIT
#include "executor.hpp"

#include "fibers.hpp"
#include "races.hpp"

#include <strata/core/error.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <random>
#include <set>

namespace strata::testing::ptx {

namespace {

std::map<std::string, const Kernel*>& table() {
  static std::map<std::string, const Kernel*> kernels;
  return kernels;
}

long launches = 0;
std::set<const Kernel*> ran;
Fibers fibers;

std::string place(const Kernel& kernel, int line) { return core::sentence(kernel.source, ":", line); }
std::string place(const Thread& thread, int line) { return place(*thread.execution->kernel, line); }
std::string who(u32 index, u32 block) { return core::sentence("thread ", index, " of block ", block); }
std::string who(const Thread& thread) {
  return core::sentence(who(thread.index, thread.block), " of ", readable_name(*thread.execution->kernel));
}
std::string where(u64 address, const Thread& thread) {
  const Execution& execution = *thread.execution;
  if (const u64 at = address - reinterpret_cast<u64>(execution.shared); at < u64(execution.kernel->shared_bytes))
    return core::sentence("byte ", at, " of shared memory");
  return settings().memory.describe ? settings().memory.describe(address) : core::sentence("address ", address);
}

/// The numbers from 0 in the order of the settings.
std::vector<u32> in_order(u32 count) {
  static std::mt19937 random(1);
  std::vector<u32> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0u);
  if (settings().order == Order::reversed) std::reverse(numbers.begin(), numbers.end());
  if (settings().order == Order::shuffled) std::shuffle(numbers.begin(), numbers.end(), random);
  return numbers;
}

/// Throws unless all threads ended, or all wait at one barrier.
void check_barrier(const Kernel& kernel, u32 block, const std::vector<int>& states) {
  const auto other = std::adjacent_find(states.begin(), states.end(), std::not_equal_to<>());
  if (other == states.end()) return;
  const auto doing = [&](int state) {
    return state == Fibers::ended ? std::string("has ended") : "waits at the barrier of " + place(kernel, state);
  };
  const u32 index = u32(other - states.begin());
  throw Error(who(index, block), " of ", readable_name(kernel), " ", doing(states[index]), ", but thread ", index + 1,
              " ", doing(states[index + 1]), "; all threads of a block must reach the same barrier");
}

/// One block of a kernel with barriers: each phase runs every thread to the next barrier.
void run_in_phases(const Kernel& kernel, std::vector<Thread>& threads) {
  fibers.start(int(threads.size()), [&](int k) { kernel.run(threads[std::size_t(k)]); });
  std::vector<int> states(threads.size());
  do {
    for (const u32 k : in_order(u32(threads.size()))) states[k] = fibers.resume(int(k));
    check_barrier(kernel, threads[0].block, states);
  } while (states[0] != Fibers::ended);
}

}  // namespace

Registration::Registration(const std::vector<Kernel>& kernels) {
  for (const Kernel& kernel : kernels) table().emplace(kernel.name, &kernel);
}

Settings& settings() {
  static Settings chosen;
  return chosen;
}

Counts counts() { return {launches, int(ran.size()), int(table().size())}; }

const Kernel& kernel_named(const std::string& mangled) {
  const auto found = table().find(mangled);
  if (found == table().end())
    throw Error("the kernel ", mangled, " was launched, but no translation of it is linked; link the C++ that",
                " tests/support/ptx/translate.py makes of its file's PTX");
  return *found->second;
}

std::string readable_name(const Kernel& kernel) {
  int status = 0;
  char* const demangled = abi::__cxa_demangle(kernel.name, nullptr, nullptr, &status);
  std::string name = status == 0 ? demangled : kernel.name;
  std::free(demangled);
  int depth = 0;
  for (std::size_t at = name.size(); at-- > 0;) {  // the parameters are the last pair of parentheses
    depth += (name[at] == ')') - (name[at] == '(');
    if (name[at] != '(' || depth != 0) continue;
    name.resize(at);
    break;
  }
  if (name.starts_with("void ")) name.erase(0, 5);
  for (const std::string scope : {"strata::cuda::kernels::", "strata::cuda::", "strata::spec::", "strata::"})
    for (auto at = name.find(scope); at != std::string::npos; at = name.find(scope)) name.erase(at, scope.size());
  return name;
}

void execute(const Kernel& kernel, const std::vector<char>& arguments, u32 blocks, u32 count) {
  static Races races;
  launches++;
  ran.insert(&kernel);
  std::vector<char> shared(std::size_t(kernel.shared_bytes));
  Execution execution;
  execution.kernel = &kernel;
  execution.shared = shared.data();
  if (settings().races) {
    races.begin_launch();
    execution.races = &races;
  }
  std::vector<Thread> threads(count);
  for (const u32 block : in_order(blocks)) {
    std::fill(shared.begin(), shared.end(), char(0xFF));  // NaN, so that what is read before it is written shows
    for (u32 k = 0; k < count; k++) threads[k] = {k, count, block, blocks, arguments.data(), &execution};
    if (kernel.has_barriers) run_in_phases(kernel, threads);
    else
      for (const u32 k : in_order(count)) kernel.run(threads[k]);
  }
}

void barrier(Thread& thread, int line) {
  fibers.wait(line);
  thread.phase++;
}

Range allocation_of(u64 address, u32 bytes, const Thread& thread, int line) {
  const Memory& memory = settings().memory;
  if (!memory.allocation) return {0, ~u64{0}};
  const Range found = memory.allocation(address);
  if (address < found.begin || address + bytes > found.end) outside("global", address, bytes, thread, line);
  return found;
}

void note_access(const char* at, u32 bytes, bool writes, bool shared, const Thread& thread, int line) {
  thread.execution->races->note(at, bytes, writes, shared, thread, line);
}

void misaligned(u64 address, u32 bytes, const Thread& thread, int line) {
  throw Error(who(thread), " accesses ", bytes, " bytes at ", where(address, thread), ", whose address ", bytes,
              " does not divide (", place(thread, line), ")");
}

void outside(const char* space, u64 address, u32 bytes, const Thread& thread, int line) {
  const bool global = std::string(space) == "global";
  throw Error(who(thread), " accesses ", bytes, " bytes of ", space, " memory at ",
              global ? where(address, thread) : core::sentence("byte ", address), ", outside of what it may access (",
              place(thread, line), ")");
}

void divided_by_zero(const Thread& thread, int line) {
  throw Error(who(thread), " divides by zero, which gives an undefined result on a GPU (", place(thread, line), ")");
}

void report_race(u64 address, bool writes, bool other_writes, u32 other, int other_line, const Thread& thread,
                 int line) {
  throw Error(who(thread), writes ? " writes " : " reads ", where(address, thread), " (", place(thread, line),
              "), which ", who((other - 1) % thread.count, (other - 1) / thread.count),
              other_writes ? " writes" : " reads", " (", place(thread, other_line),
              "), and no barrier is between them");
}

}  // namespace strata::testing::ptx
