// SPDX-License-Identifier: MIT
// The settings from the command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zoo {

struct ShowSettings {
  std::string network;  ///< empty: all, as a list
  std::string weights, classes;
  std::vector<std::string> images;
  bool time = false;
  int threads = 0;
};

struct TrainSettings {
  std::string network, data;
  std::string keep = "best";
  std::string out = "runs/zoo", tensorboard;  ///< tensorboard: empty for none
  int epochs = 10, batch = 64, threads = 0;
  double rate = 0;          ///< 0: the network's own
  double validation = 0.1;  ///< share of the images, where no folder holds those for validation
  std::uint64_t seed = 1;
  bool resume = false, resume_anyway = false, quiet = false;
};

struct GenerateSettings {
  std::string folder;
  int images = 1000, size = 96;
  std::uint64_t seed = 1;
};

struct MnistSettings {
  std::string folder, data;  ///< data: empty: searched for
  int images = 0;            ///< at most so many for training; 0: all
};

/// Each returns the program's exit status (show: 1 if an image could not be read) or throws strata::Error.
int show(const ShowSettings&);
int train(const TrainSettings&);
int generate(const GenerateSettings&);
int mnist(const MnistSettings&);

}  // namespace zoo
