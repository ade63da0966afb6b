// SPDX-License-Identifier: MIT
// The interface between the program and its compiled networks: how the commands use a DeepLabv3Plus<...>.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <strata/core/samples/batch.hpp>
#include <strata/data/segmentation_set.hpp>
#include <strata/graph/hash.hpp>
#include <strata/graph/summary.hpp>
#include <strata/graph/work.hpp>
#include <strata/models/resnet18_weights.hpp>
#include <strata/train/initialize.hpp>
#include <strata/train/options.hpp>

#include "../shared/processor.hpp"

namespace shared {
struct Explained;
}

namespace street_scenes {

struct Facts {
  strata::graph::SummaryTable summary;
  std::string diagram;  ///< SVG
};

/// Bytes of a training with validations, on a CPU or a GPU.
struct Memory {
  long training = 0, validation = 0;  ///< values of a step, and of inference on one image
  long numbers = 0;                   ///< parameters, gradients, momentum, statistics
  long inputs = 0;                    ///< with a GPU: batches being copied to it
  long host = 0;                      ///< with a GPU: the host's copies of numbers and batches
  long model = 0;                     ///< of the above, one copy of parameters and statistics
  long computing() const { return training + validation + numbers + inputs; }
};

struct TrainingTask {
  strata::data::SegmentationSet& train;
  strata::data::SegmentationSet* validation = nullptr;  ///< null: none
  const strata::TrainOptions& options;
  const shared::Processor& processor;
  std::uint64_t seed = 1;
  strata::Initialize initialize = strata::Initialize::glorot;
  bool imagenet_input = false;  ///< normalizes as torchvision's weights need it instead of by the training set
  std::string trunk;            ///< file with the trunk's weights; empty: none
  strata::models::TrunkOptions trunk_options;
  std::function<void(const strata::models::TrunkReport&)> tell_trunk;
  std::string weights;  ///< file for the trained model; empty: not saved
  strata::io::SavePrecision precision = strata::io::SavePrecision::fp32;  ///< of that file
  strata::data::ClassList classes;                                        ///< the classes that the file lists
};

using Source = std::function<strata::Batch(int image)>;  ///< one image of the network's size, or none
using Segmented = std::function<void(int image, const std::int32_t* classes)>;  ///< [H][W], the most probable classes

struct CompiledNetwork {
  const char *size, *variant, *depths, *device;  ///< as the options of these names spell them
  strata::Shape input;
  strata::graph::NetworkHash hash;
  Facts (*facts)();
  /// Describes the device. Throws strata::Error if the machine does not have it.
  strata::report::DeviceRecord (*record)(const shared::Processor&);
  const strata::graph::StepWork& work;  ///< of a training step
  /// images: per step. accumulates: whether an update takes several steps.
  Memory (*memory)(int images, bool accumulates, const shared::Processor&);
  /// The pace of updates of so many images, each one step.
  strata::graph::Pace (*measure)(int images, const shared::Processor&);
  strata::training::Run (*train)(const TrainingTask&);
  /// Segments images 0 ... images - 1 of the source one by one with the weights in a file; skips empty batches.
  void (*segment)(const std::string& weights, const shared::Processor&, int images, const Source&, const Segmented&);
  /// Replays the check of a weight file. Throws strata::Error if it has none, was written at another size, or differs
  /// by more than the tolerance.
  void (*verify)(const std::string& weights, float tolerance, const shared::Processor&);
  /// The network with the weights in a file, for Grad-CAM; null: ask the same network on the CPU.
  shared::Explained (*explained)(const std::string& weights) = nullptr;
};

inline constexpr int classes = STRATA_STREET_CLASSES;

/// The depths of the trunk's four stages in ResNet-18.
inline constexpr const char* usual_depths = "2,2,2,2";

/// The networks of a variant, in each size and depth.
std::vector<CompiledNetwork> matlab_networks(), torchvision_networks();
#if defined(STRATA_STREET_CUDA)
std::vector<CompiledNetwork> matlab_networks_cuda(), torchvision_networks_cuda();
#endif

const std::vector<CompiledNetwork>& networks();
shared::Words size_choices(), variant_choices(), depths_choices(), device_choices();
/// The four strings are among the choices. Throws strata::Error if there is no such network.
const CompiledNetwork& network_with(const std::string& size, const std::string& variant, const std::string& depths,
                                    const std::string& device);
/// The network that a weight file belongs to, or the same variant and depth at `size` if that is not empty: the weights
/// depend neither on the size nor on `device`. Throws strata::Error if none of ours fits.
const CompiledNetwork& network_of(const std::string& weights, const std::string& size, const std::string& device);
/// "DeepLabv3Plus<360x480, 11, matlab>", as in run.json, with the depths if they are not the usual ones.
std::string name_of(const CompiledNetwork&);
/// "matlab 360x480", with the depths as above.
std::string words(const CompiledNetwork&);
strata::Shape shape_of(const std::string& size);

/// The classes that a weight file lists in its metadata; empty if it does not list them.
strata::data::ClassList classes_of(const std::string& weights);
/// The key of that list in the metadata, and its text: one line "R G B name" per class. strata.classes has the names.
inline constexpr const char* classes_key = "street_scenes.classes";
std::string text_of(const strata::data::ClassList&);
/// The names alone, as Model::classes takes them.
std::vector<std::string> names_of(const strata::data::ClassList&);
/// Replays the check of a weight file, if there is a tolerance, and says so.
void verify(const CompiledNetwork&, const std::string& weights, const std::optional<float>& tolerance,
            const shared::Processor&);

}  // namespace street_scenes
