// SPDX-License-Identifier: MIT
// --device and --precision on a command line.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "processor.hpp"

namespace shared {

/// Empty if the program was built with `device`; otherwise an error message.
inline std::string device_or_advice(const Words& devices, const std::string& device) {
  std::string wrong = one_of(devices, device);
  if (wrong.empty() || device != "cuda") return wrong;
  return "this program was built without the GPU back end; install the CUDA Toolkit, cuDNN 9 and cudnn-frontend, and rebuild it, or "
         "use cpu";
}

/// Adds --device and --precision. devices: those that the program was built with.
inline void add_processor_options(CLI::App& app, std::string& device, std::string& precision, const Words& devices) {
  app.add_option("--device", device, "the device to compute on")
      ->check([devices](const std::string& given) { return device_or_advice(devices, given); })
      ->type_name(joined(devices))
      ->capture_default_str();
  app.add_option("--precision", precision,
                 "precision of a GPU's multiplications (default: tf32); a CPU computes in fp32")
      ->check([](const std::string& given) { return one_of(precisions, given); })
      ->type_name(joined(precisions));
}

}  // namespace shared
