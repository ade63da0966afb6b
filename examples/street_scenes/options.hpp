// SPDX-License-Identifier: MIT
// The settings from the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace street_scenes {

struct TrainSettings {
  std::string data;  ///< empty: $STRATA_DATA/camvid
  int generate = 0;  ///< scenes to draw instead of reading data; 0: none
  std::string splits = "distributed", resize = "refuse";
  std::string size = "360x480", variant = "torchvision";
  std::string depths;          ///< empty: those in `weights`, or without that ResNet-18's
  std::string weights;         ///< file with the trunk's weights; empty: random initial weights
  std::string weights_prefix;  ///< prefix of torchvision's names in that file; empty: detected
  bool weights_partly = false;
  std::string init = "glorot";
  std::string normalize;  ///< empty: imagenet with `weights`, otherwise trainset
  int epochs = 30, batch = 8, micro_batch = 0, steps = 0;
  double rate = 0.003, l2 = 5e-4, momentum = 0.9;
  double drop_factor = 0.3;  ///< of the schedule piecewise: the workshop's
  int drop_period = 10;      ///< epochs
  double warm_up = 0;        ///< epochs
  double trunk_rate = 1;     ///< multiplies the trunk's rates
  std::string trunk_statistics = "moved";
  std::string schedule = "piecewise", class_weights = "median", loss_norm = "labelled", statistics = "moving";
  bool reflect = true;
  int translate = 10;
  std::vector<double> scale{1, 1};
  double brightness = 0, contrast = 0;
  int validate_every = 1, patience = 0;
  std::string keep = "last", save_precision = "fp32";
  std::string device = "cpu", precision;  ///< precision: empty for the device's default
  int threads = 0;
  double memory = 0, cache = -1;  ///< GB; memory 0: all that is free; cache below 0: what is left of memory
  std::uint64_t seed = 1;
  std::string out = "runs/street_scenes", tensorboard;  ///< tensorboard: empty for none
  bool resume = false, resume_anyway = false, quiet = false;
};

struct EvaluateSettings {
  std::string model, data, split, size, out, resize = "refuse", device = "cpu", precision;
  bool published = false;
  std::optional<float> verify;  ///< tolerance of the model's check; none: not replayed
  int threads = 0;
};

struct PredictSettings {
  std::string model, out, size, device = "cpu", precision;
  std::optional<float> verify;  ///< as above
  std::vector<std::string> images;
  bool explain = false;
  std::vector<std::string> explain_classes;  ///< names; empty: all that are found in a picture
  std::string explain_layer;                 ///< empty: the default
  int threads = 0;
};

struct TableSettings {
  TrainSettings training;  ///< common to all rows: data, network, threads; steps: updates to measure
  std::vector<int> batches{2, 4, 8, 16};
};

struct GenerateSettings {
  std::string folder, size = "360x480";
  int count = 0;
  std::uint64_t seed = 1;
};

/// Each returns the program's exit status or throws strata::Error.
int train(const TrainSettings&);
int evaluate(const EvaluateSettings&);
int predict(const PredictSettings&);
int table(const TableSettings&);
int generate(const GenerateSettings&);

}  // namespace street_scenes
