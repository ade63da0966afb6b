// SPDX-License-Identifier: MIT
// What the code that translate.py makes of PTX is written in: PTX's types, one thread of a kernel, and memory accesses
// that are checked. A breach of the rules of CUDA throws Error, whose sentence names the kernel and the line of its
// PTX.
#pragma once

#include "arithmetic.hpp"

#include <cstring>
#include <vector>

namespace strata::testing::ptx {

struct Execution;

/// One thread of a launch. Grids and blocks have one dimension.
struct Thread {
  u32 index = 0, count = 0;   ///< %tid.x, %ntid.x
  u32 block = 0, blocks = 0;  ///< %ctaid.x, %nctaid.x
  const char* arguments = nullptr;
  Execution* execution = nullptr;
  u32 phase = 0;  ///< barriers passed
};

struct Parameter {
  int offset, bytes;  ///< in the arguments
};

/// A translated kernel.
struct Kernel {
  const char* name;    ///< mangled
  const char* source;  ///< the file of PTX
  void (*run)(Thread&);
  std::vector<Parameter> parameters;
  std::vector<int> words;  ///< offsets of arguments that it loads as 64 bits, among which are all addresses
  int argument_bytes, shared_bytes;
  bool has_barriers;
};

/// Makes the kernels of a file known to launches. Of two with one name, which are copies of one template, one stays.
struct Registration {
  explicit Registration(const std::vector<Kernel>& kernels);
};

/// Addresses from `begin` to before `end`.
struct Range {
  u64 begin = 0, end = 0;
};

class Races;

/// A launch that runs.
struct Execution {
  static constexpr int remembered = 64;

  const Kernel* kernel = nullptr;
  char* shared = nullptr;     ///< the block's
  Races* races = nullptr;     ///< null: not looked for
  Range allowed[remembered];  ///< by line: the allocation of its last access
};

[[noreturn]] void misaligned(u64 address, u32 bytes, const Thread& thread, int line);
[[noreturn]] void outside(const char* space, u64 address, u32 bytes, const Thread& thread, int line);
[[noreturn]] void divided_by_zero(const Thread& thread, int line);
/// The allocation of an address; throws if no allocation has it.
Range allocation_of(u64 address, u32 bytes, const Thread& thread, int line);
void note_access(const char* at, u32 bytes, bool writes, bool shared, const Thread& thread, int line);
/// Waits for the other threads of the block.
void barrier(Thread& thread, int line);

inline char* global(u64 address, u32 bytes, bool writes, Thread& thread, int line) {
  if (address % bytes) misaligned(address, bytes, thread, line);
  Execution& execution = *thread.execution;
  Range& allowed = execution.allowed[line % Execution::remembered];
  if (address < allowed.begin || address + bytes > allowed.end) allowed = allocation_of(address, bytes, thread, line);
  char* const at = reinterpret_cast<char*>(address);
  if (execution.races) note_access(at, bytes, writes, false, thread, line);
  return at;
}
inline char* shared(u32 address, u32 bytes, bool writes, Thread& thread, int line) {
  if (address % bytes) misaligned(address, bytes, thread, line);
  Execution& execution = *thread.execution;
  if (u64{address} + bytes > u64(execution.kernel->shared_bytes)) outside("shared", address, bytes, thread, line);
  char* const at = execution.shared + address;
  if (execution.races) note_access(at, bytes, writes, true, thread, line);
  return at;
}

inline const char* loaded_global(u64 address, u32 bytes, Thread& thread, int line) {
  return global(address, bytes, false, thread, line);
}
inline char* stored_global(u64 address, u32 bytes, Thread& thread, int line) {
  return global(address, bytes, true, thread, line);
}
inline const char* loaded_shared(u32 address, u32 bytes, Thread& thread, int line) {
  return shared(address, bytes, false, thread, line);
}
inline char* stored_shared(u32 address, u32 bytes, Thread& thread, int line) {
  return shared(address, bytes, true, thread, line);
}
/// An argument at an index that the kernel computes.
inline const char* loaded_param(u64 offset, u32 bytes, Thread& thread, int line) {
  if (offset % bytes) misaligned(offset, bytes, thread, line);
  if (offset + bytes > u64(thread.execution->kernel->argument_bytes)) outside("argument", offset, bytes, thread, line);
  return thread.arguments + offset;
}

template <class T>
T read(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <class T>
void write(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class T>
T divide(T a, T b, const Thread& thread, int line) {
  if (b == 0) divided_by_zero(thread, line);
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return T(-a);
  return T(a / b);
}
template <class T>
T remainder(T a, T b, const Thread& thread, int line) {
  if (b == 0) divided_by_zero(thread, line);
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return 0;
  return T(a % b);
}

}  // namespace strata::testing::ptx
