// SPDX-License-Identifier: MIT
// The interface between the program and its compiled networks: how main, train and predict use a Digits<...>.
#pragma once

#include <strata/data/dataset.hpp>
#include <strata/graph/hash.hpp>
#include <strata/graph/summary.hpp>
#include <strata/graph/work.hpp>
#include <strata/train/options.hpp>
#include <strata/train/rate_curve.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../shared/processor.hpp"

namespace shared {
struct Explained;
}

namespace digits {

struct ExportSettings;

struct Facts {
  strata::graph::NetworkHash hash;
  strata::graph::SummaryTable summary;
  std::string diagram;  ///< SVG
};

struct Trained {
  strata::training::Run run;
  strata::metrics::Evaluation test;        ///< if the training came to its end
  strata::training::RateCurve rate_curve;  ///< if the task asks for it
  std::vector<float> probabilities;        ///< [test image][class]; empty otherwise
};

struct TrainingTask {
  const strata::Splits& data;
  const strata::TrainOptions& options;
  const shared::Processor& processor;
  std::uint64_t seed = 1;
  std::string weights;  ///< file for the trained model
  bool find_rate = false;
};

struct CompiledNetwork {
  const char* filters;  ///< "8,16,32", as --filters spells it
  const char* device;   ///< "cpu" or "cuda", as --device spells it
  Facts (*facts)();
  /// Describes the device. Throws strata::Error if the machine does not have it.
  strata::report::DeviceRecord (*record)(const shared::Processor&);
  const strata::graph::StepWork& work;  ///< of a training step
  long (*training_bytes)(int batch, const shared::Processor&);
  Trained (*train)(const TrainingTask&);
  /// Probabilities [image][class] from the weights in a file.
  std::vector<float> (*predict)(const std::string& weights, const strata::Images&, const shared::Processor&);
  /// Replays the check of a weight file. Throws strata::Error if it has none or differs by more than the tolerance.
  void (*verify)(const std::string& weights, float tolerance, const shared::Processor&);
  /// Writes the weights in a file as a header for Predictor<Digits<...>, Exact>; null: ask the same network on the CPU.
  void (*export_header)(const std::string& weights, const ExportSettings&) = nullptr;
  /// The network with the weights in a file, for Grad-CAM; null: ask the same network on the CPU.
  shared::Explained (*explained)(const std::string& weights) = nullptr;
};

extern const CompiledNetwork filters_4_8_16, filters_8_16_32, filters_16_32_64;
#if defined(STRATA_DIGITS_CUDA)
extern const CompiledNetwork filters_8_16_32_cuda;
#endif

std::vector<const CompiledNetwork*> networks();
shared::Words filter_choices(), device_choices();
/// `filters` is one of filter_choices(), `device` one of device_choices(). Throws strata::Error for a pair
/// that was not built.
const CompiledNetwork& network_with(const std::string& filters, const std::string& device);
/// The network that a weight file belongs to, on `device`. Throws strata::Error for a file of any other network.
const CompiledNetwork& network_of(const std::string& weights, const std::string& device);

/// "0" to "9".
std::vector<std::string> digit_names();
/// The names of the classes in a weight file, or the digits if it has none. Throws strata::Error if they are not ten.
std::vector<std::string> classes_of(const std::string& weights);
/// Replays the check of a weight file, if there is a tolerance, and says so.
void verify(const CompiledNetwork&, const std::string& weights, const std::optional<float>& tolerance,
            const shared::Processor&);

}  // namespace digits
