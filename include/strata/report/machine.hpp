// SPDX-License-Identifier: MIT
// The machine that a program runs on, and the program's peak memory.
#pragma once

#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include <strata/core/threads/available_cores.hpp>

namespace strata::report {

/// The machine, and what the program was compiled with.
struct Machine {
  std::string name, cpu, compiler, flags;  ///< of the host, its processor, "gcc 12.2.0", "AVX-512"
  int cores = 0;                           ///< available to this process
  long ram_bytes = 0;                      ///< bytes of memory
};

/// The peak resident memory of this process so far, in bytes.
inline long peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024L;
}

namespace detail {

inline std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) return line.substr(line.find(": ") + 2);
  return "unknown";
}

inline std::string compiler_name() {
#if defined(__clang__)
  return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#else
  return "gcc " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#endif
}

/// The instruction set and optimization of this build, as far as the compiler's macros tell.
inline std::string compiled_for() {
  std::string out;
#if defined(__AVX512F__)
  out += "AVX-512";
#elif defined(__AVX2__)
  out += "AVX2";
#elif defined(__ARM_NEON)
  out += "NEON";
#else
  out += "baseline";
#endif
#if defined(__FMA__) || defined(__ARM_NEON)
  out += ", fused multiply-add";
#endif
#if defined(__OPTIMIZE__)
  out += ", optimized";
#else
  out += ", not optimized";
#endif
  return out;
}

}  // namespace detail

/// The machine that this process runs on.
inline Machine this_machine() {
  Machine out;
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  struct sysinfo memory {};
  ::sysinfo(&memory);
  out.name = name;
  out.cpu = detail::cpu_name();
  out.compiler = detail::compiler_name();
  out.flags = detail::compiled_for();
  out.cores = core::available_cores();
  out.ram_bytes = long(memory.totalram) * long(memory.mem_unit);
  return out;
}

}  // namespace strata::report
