// SPDX-License-Identifier: MIT
// Which of the machine's devices a process uses, as its environment says. Needs nothing of CUDA.
//   STRATA_CUDA_DEVICES   the devices of a training on several: "0,1" in rank order, or "all"; unset: all
//   STRATA_CUDA_DEVICE    the device of everything else; unset: the first of STRATA_CUDA_DEVICES, or 0
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text/number_text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

namespace strata::cuda {

/// The devices of a training on several, out of the machine's 0 ... count - 1. Throws Error where the variable is
/// malformed.
inline std::vector<int> chosen_devices(int count) {
  const char* const given = std::getenv("STRATA_CUDA_DEVICES");
  std::vector<int> devices;
  if (!given || !*given || std::string_view(given) == "all") {
    for (int i = 0; i < count; i++) devices.push_back(i);
    return devices;
  }
  for (std::string_view rest = given;;) {
    const std::size_t comma = rest.find(',');
    const std::optional<int> number = core::number_in<int>(rest.substr(0, comma));
    if (!number || *number < 0 || *number >= count)
      throw Error("CUDA: STRATA_CUDA_DEVICES is \"", given, "\", but this machine has the devices 0 to ", count - 1,
                  "; give some of them, separated by commas, or all");
    if (std::find(devices.begin(), devices.end(), *number) != devices.end())
      throw Error("CUDA: STRATA_CUDA_DEVICES is \"", given, "\" and names device ", *number, " twice; name each once");
    devices.push_back(*number);
    if (comma == rest.npos) return devices;
    rest.remove_prefix(comma + 1);
  }
}

/// The device of everything else, out of 0 ... count - 1, at least one. Throws Error where a variable is malformed.
inline int chosen_device(int count) {
  const char* const given = std::getenv("STRATA_CUDA_DEVICE");
  if (!given || !*given) return chosen_devices(count).front();
  const std::optional<int> number = core::number_in<int>(given);
  if (!number || *number < 0 || *number >= count)
    throw Error("CUDA: STRATA_CUDA_DEVICE is \"", given, "\", but this machine has the devices 0 to ", count - 1,
                "; give one of them");
  return *number;
}

}  // namespace strata::cuda
