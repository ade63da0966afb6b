// SPDX-License-Identifier: MIT
// Measurements of the workshop "Deep learning in MATLAB" (Giosan, Vancea, 2021), which tables show next to ours.
#pragma once

namespace shared {

/// The digits network, 50 epochs, on the workshop's three machines: a workstation with an RTX 2080 Ti, and two virtual
/// machines with a V100. Accuracy and seconds.
struct WorkshopDigitsRow {
  int batch;
  double station_accuracy, station_seconds, first_accuracy, first_seconds, second_accuracy, second_seconds;
};
inline constexpr WorkshopDigitsRow workshop_digits_rows[] = {
    {1024, 0.9899, 342, 0.9887, 159, 0.9898, 164}, {2048, 0.9890, 262, 0.9892, 100, 0.9890, 99},
    {4096, 0.9898, 226, 0.9900, 73, 0.9898, 72},   {8192, 0.9876, 209, 0.9875, 67, 0.9875, 60},
    {16384, 0.9832, 217, 0.9829, 58, 0.9829, 60},  {32768, 0.9628, 212, 0.9628, 66, 0.9628, 50}};

/// The same on the fastest of the three.
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

/// The same trainings, of at most 30 epochs: updates, seconds (to the minute) and speed there and on a server with a
/// GTX 1080 Ti; load and memory of the V100, and memory of its host.
struct WorkshopStreetRow {
  int batch;
  long updates;
  double second_seconds, second_speed, server_seconds, server_speed;
  const char* use;
};
inline constexpr WorkshopStreetRow workshop_street_rows[] = {
    {2, 1300, 29 * 60, 3.55, 26 * 60, 3.96, "30 %, 8 GB, 30 GB"},
    {4, 1700, 51 * 60, 2.02, 60 * 60, 1.72, "30 %, 8 GB, 30 GB"},
    {6, 1750, 65 * 60, 1.58, 84 * 60, 1.23, "50 %, 11 GB, 33 GB"},
    {8, 1550, 74 * 60, 1.39, 99 * 60, 1.04, "60 %, 12 GB, 35 GB"},
    {10, 1000, 65 * 60, 1.58, 91 * 60, 1.13, "62 %, 14 GB, 35 GB"},
    {12, 1050, 82 * 60, 1.26, 240 * 60, 0.43, "68 %, 16 GB, 37 GB"},
    {14, 900, 84 * 60, 1.23, 193 * 60, 0.53, "70 %, 19 GB, 37 GB"},
    {16, 780, 84 * 60, 1.23, 190 * 60, 0.54, "73 %, 20 GB, 38 GB"}};

/// The time of the first virtual machine at batch 8, to which the workshop's speeds are relative.
inline constexpr double workshop_reference_seconds = 6233;

/// DeepLabv3+ at batch 8: accuracy and seconds after an update; 0: the machine had no resources left.
struct WorkshopMoment {
  int epoch;
  long update;
  double first_accuracy, first_seconds, server_accuracy, server_seconds, station_accuracy, station_seconds;
};
inline constexpr WorkshopMoment workshop_course[] = {
    {1, 1, 0.0721, 45, 0.0966, 26, 0.0721, 49},       {2, 104, 0.8375, 464, 0.8366, 419, 0.8364, 967},
    {4, 208, 0.8475, 883, 0.8463, 814, 0.8468, 1861}, {8, 400, 0.9042, 1654, 0.8871, 1521, 0, 0},
    {16, 800, 0.9178, 3312, 0.9177, 3090, 0, 0},      {25, 1300, 0.9244, 5258, 0.9246, 4995, 0, 0},
    {30, 1550, 0.9079, 6233, 0.9083, 5949, 0, 0}};

}  // namespace shared
