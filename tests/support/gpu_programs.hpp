// SPDX-License-Identifier: MIT
// What the example programs say about GPUs, on machines with and without one.
#pragma once

#include <filesystem>

#include "process.hpp"

namespace strata::testing {

/// Whether the program was built with --device cuda, according to the help of the command.
inline bool offers_cuda(const char* program, std::vector<std::string> command) {
  command.emplace_back("--help");
  return run_program(program, command).output.find("--device cpu | cuda") != std::string::npos;
}

/// The program with the device that stands in for a GPU, as run_program() takes it.
inline std::string on_stand_in(const std::string& program) { return "../tests/bin/" + program + "_on_stand_in"; }

inline bool has_gpu_driver() { return std::filesystem::exists("/proc/driver/nvidia/version"); }

/// Whether the program with `words` and --device cuda fails with the sentence of this build for a machine without a
/// driver.
inline bool refuses_cuda(const char* program, std::vector<std::string> words, bool offered) {
  words.insert(words.end(), {"--device", "cuda"});
  const Finished e = run_program(program, words);
  const char* const part = offered ? "CUDA: there is no NVIDIA driver on this machine"
                                   : "built without the GPU back end; install the CUDA Toolkit";
  const bool good = (offered ? e.status == 1 : e.status > 0) && e.errors.find(part) != std::string::npos;
  if (!good) MESSAGE(e.status, ": ", e.output, e.errors);
  return good;
}

}  // namespace strata::testing
