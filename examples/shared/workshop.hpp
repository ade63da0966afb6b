// SPDX-License-Identifier: MIT
// Measurements of the workshop "Deep learning in MATLAB" (Giosan, Vancea, 2021), which tables show next to ours.
#pragma once

namespace shared {

/// The digits network, 50 epochs: accuracy and seconds of the fastest of its three machines.
struct WorkshopDigits {
  int batch;
  double accuracy, seconds;
};
inline constexpr WorkshopDigits workshop_digits[] = {{1024, 0.9887, 159}, {2048, 0.9890, 99},  {4096, 0.9898, 72},
                                                     {8192, 0.9875, 60},  {16384, 0.9829, 58}, {32768, 0.9628, 50}};

/// DeepLabv3+ at 720 x 960 on the V100 of a virtual machine: seconds per update, and GB of GPU memory.
struct WorkshopPace {
  int batch;
  double seconds, gigabytes;
};
inline constexpr WorkshopPace workshop_paces[] = {{2, 1.34, 8},   {4, 1.80, 8},   {6, 2.23, 11},  {8, 2.86, 12},
                                                  {10, 3.90, 14}, {12, 4.69, 16}, {14, 5.60, 19}, {16, 6.46, 20}};

}  // namespace shared
