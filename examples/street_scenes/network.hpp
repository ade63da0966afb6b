// SPDX-License-Identifier: MIT
// The seam between the program and its compiled networks: what the commands see of a DeepLabv3Plus<...>.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <strata/core/batch.hpp>
#include <strata/data/segmentation_set.hpp>
#include <strata/graph/summary.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/train/initialise.hpp>
#include <strata/train/options.hpp>

namespace street_scenes {

struct Facts {
  std::uint64_t hash = 0;
  strata::SummaryTable summary;
  std::string diagram;       ///< SVG
  long number_bytes = 0;     ///< of parameters and buffers
  long parameter_bytes = 0;  ///< as many again are the gradients, and each of the optimizer's slots
};

struct TrainingTask {
  strata::SegmentationSet& train;
  strata::SegmentationSet* validation = nullptr;  ///< null: none
  const strata::TrainOptions& options;
  std::uint64_t seed = 1;
  int threads = 0;
  strata::Initialise initialise = strata::Initialise::glorot;
  bool imagenet_input = false;  ///< the normalisation of torchvision's weights instead of the training set's
  std::string trunk;            ///< file with weights of the trunk; empty: none
  std::function<void(const strata::TrunkReport&)> tell_trunk;
  std::string weights;        ///< file that takes the trained model; empty: it is not kept
  strata::ClassList classes;  ///< what that file says of its classes
};

/// Seconds of a training step, and of one image's inference.
struct Pace {
  double step = 0, image = 0;
};

using Source = std::function<strata::Batch(int image)>;                         ///< one image of the network's size
using Segmented = std::function<void(int image, const std::int32_t* classes)>;  ///< H x W, the most probable ones

struct CompiledNetwork {
  const char *size, *variant;  ///< as --size and --variant spell them
  strata::Shape input;
  Facts (*facts)();
  long (*training_bytes)(int batch, int threads);
  long (*inference_bytes)(int images, int threads);
  Pace (*measure)(int batch, int threads);
  strata::Run (*train)(const TrainingTask&);
  /// Images one by one through the weights in a file.
  void (*segment)(const std::string& weights, int threads, int images, const Source&, const Segmented&);
};

inline constexpr int classes = STRATA_STREET_CLASSES;

extern const CompiledNetwork matlab_96x128, matlab_360x480, matlab_720x960;
extern const CompiledNetwork torchvision_96x128, torchvision_360x480, torchvision_720x960;

std::vector<const CompiledNetwork*> networks();
std::vector<std::string> size_choices(), variant_choices();
/// Both are among the choices.
const CompiledNetwork& network_with(const std::string& size, const std::string& variant);
/// The network that wrote a file of weights, or that variant at another size where `size` is not empty: the weights do not
/// depend on it. Throws strata::Error where none of ours fits.
const CompiledNetwork& network_of(const std::string& weights, const std::string& size);
strata::Shape shape_of(const std::string& size);

/// The classes that a file of weights was trained to tell apart; empty: it does not say.
strata::ClassList classes_of(const std::string& weights);
/// The same in a line of the file's metadata each: "R G B name".
inline constexpr const char* classes_key = "street_scenes.classes";
std::string text_of(const strata::ClassList&);

}  // namespace street_scenes
