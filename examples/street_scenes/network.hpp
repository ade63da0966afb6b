// SPDX-License-Identifier: MIT
// The seam between the program and its compiled networks: what the commands see of a DeepLabv3Plus<...>.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <strata/core/batch.hpp>
#include <strata/data/segmentation_set.hpp>
#include <strata/graph/hash.hpp>
#include <strata/graph/summary.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/train/initialise.hpp>
#include <strata/train/options.hpp>

#include "../shared/processor.hpp"

namespace street_scenes {

struct Facts {
  strata::SummaryTable summary;
  std::string diagram;  ///< SVG
};

/// Bytes of a training with its validations by a CPU or by a GPU.
struct Memory {
  long training = 0, validation = 0;  ///< values of a step, and of the inference of an image
  long numbers = 0;                   ///< parameters, gradients, momentum, statistics
  long inputs = 0;                    ///< of a GPU: batches on their way to it
  long host = 0;                      ///< beside a GPU: the numbers that the host has too, and what they are copied through
  long model = 0;                     ///< of the above: parameters and statistics, once
  long computing() const { return training + validation + numbers + inputs; }
};

struct TrainingTask {
  strata::SegmentationSet& train;
  strata::SegmentationSet* validation = nullptr;  ///< null: none
  const strata::TrainOptions& options;
  const shared::Processor& processor;
  std::uint64_t seed = 1;
  strata::Initialise initialise = strata::Initialise::glorot;
  bool imagenet_input = false;  ///< the normalisation of torchvision's weights instead of the training set's
  std::string trunk;            ///< file with weights of the trunk; empty: none
  strata::TrunkOptions trunk_options;
  std::function<void(const strata::TrunkReport&)> tell_trunk;
  std::string weights;  ///< file that takes the trained model; empty: it is not kept
  strata::SavePrecision precision = strata::SavePrecision::fp32;  ///< of that file
  strata::ClassList classes;  ///< what that file says of its classes
};

/// Seconds of a training step with its update, and of one image's inference.
struct Pace {
  double step = 0, image = 0;
};

using Source = std::function<strata::Batch(int image)>;                         ///< one image of the network's size, or none
using Segmented = std::function<void(int image, const std::int32_t* classes)>;  ///< H x W, the most probable ones

struct CompiledNetwork {
  const char *size, *variant, *depths, *device;  ///< as the options of these names spell them
  strata::Shape input;
  strata::NetworkHash hash;
  Facts (*facts)();
  /// Throws strata::Error where the machine has no such device.
  strata::DeviceRecord (*record)(const shared::Processor&);
  /// accumulates: several times `images` make an update.
  Memory (*memory)(int images, bool accumulates, const shared::Processor&);
  Pace (*measure)(int images, const shared::Processor&);
  strata::Run (*train)(const TrainingTask&);
  /// Images one by one through the weights in a file; where the source has none, nothing is taken.
  void (*segment)(const std::string& weights, const shared::Processor&, int images, const Source&, const Segmented&);
};

inline constexpr int classes = STRATA_STREET_CLASSES;

/// Of the trunk's four stages: ResNet-18's own.
inline constexpr const char* usual_depths = "2,2,2,2";

/// A variant in each size and depth.
std::vector<CompiledNetwork> matlab_networks(), torchvision_networks();
#if defined(STRATA_STREET_CUDA)
std::vector<CompiledNetwork> matlab_networks_cuda(), torchvision_networks_cuda();
#endif

const std::vector<CompiledNetwork>& networks();
shared::Words size_choices(), variant_choices(), depths_choices(), device_choices();
/// All four are among the choices.
const CompiledNetwork& network_with(const std::string& size, const std::string& variant, const std::string& depths,
                                    const std::string& device);
/// The network that wrote a file of weights, or that variant and depth at another size where `size` is not empty: the weights do
/// not depend on it, nor on `device`. Throws strata::Error where none of ours fits.
const CompiledNetwork& network_of(const std::string& weights, const std::string& size, const std::string& device);
/// "DeepLabv3Plus<360x480, 11, matlab>", as run.json has it; the depths where they are not the usual ones.
std::string name_of(const CompiledNetwork&);
/// "matlab 360x480", the depths as above.
std::string words(const CompiledNetwork&);
strata::Shape shape_of(const std::string& size);

/// The classes that a file of weights was trained to tell apart; empty: it does not say.
strata::ClassList classes_of(const std::string& weights);
/// The same in a line of the file's metadata each: "R G B name".
inline constexpr const char* classes_key = "street_scenes.classes";
std::string text_of(const strata::ClassList&);

}  // namespace street_scenes
