// SPDX-License-Identifier: MIT
// The settings from the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace digits {

struct TrainSettings {
  std::string data;                                            ///< empty: searched for
  bool transposed = false;                                     ///< the images are stored column by column
  std::string filters = "8,16,32", device = "cpu", precision;  ///< precision: empty for the device's default
  std::string recipe = "workshop";
  std::string out = "runs/digits", tensorboard;  ///< tensorboard: empty for none
  int epochs = 50, batch = 1024, threads = 0;
  std::uint64_t seed = 1;
  bool resume = false, resume_anyway = false, quiet = false;
  bool find_rate = false;            ///< first a short training with growing rates
  std::vector<std::string> metrics;  ///< of the validations and the test, by name
};

struct PredictSettings {
  std::string model, device = "cpu", precision;
  std::optional<float> verify;  ///< tolerance of the check; none: not replayed
  std::vector<std::string> images;
  bool explain = false;
  int explain_class = -1;          ///< below 0: the most probable one
  std::string explain_layer, out;  ///< explain_layer: empty for the default; out: folder for the explanations
};

struct ExportSettings {
  std::string model, out, target;  ///< target: empty to write the weights as files have them
  std::optional<float> verify;     ///< tolerance of the check; none: not replayed
};

struct TableSettings {
  TrainSettings training;  ///< of each row; batch and resume are not used
  std::vector<int> batches{1024, 2048, 4096, 8192, 16384, 32768};
};

/// Each returns the program's exit status (predict: 1 if an image could not be read) or throws strata::Error.
int train(const TrainSettings&);
int predict(const PredictSettings&);
int table(const TableSettings&);
int export_weights(const ExportSettings&);

}  // namespace digits
