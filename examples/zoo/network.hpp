// SPDX-License-Identifier: MIT
// The interface between the program and its networks: what it knows of all of them, and of those that are compiled.
#pragma once

#include <string>
#include <vector>

#include <strata/core/samples/views.hpp>
#include <strata/graph/work.hpp>
#include <strata/io/safetensors.hpp>

#include "../shared/classifier.hpp"

namespace zoo {

inline constexpr int classes = STRATA_ZOO_CLASSES;  ///< of the networks that the program trains

/// What the compiler knows of a network with the paper's input.
struct Description {
  const char *name, *task;  ///< "MobileNetV2", "images"
  strata::Shape input, output;
  long parameters, macs;
  long floats;                               ///< of parameters and buffers
  long (*bytes)(int batch, int threads);     ///< that inference allocates besides them
  strata::graph::SummaryTable (*summary)();  ///< layer by layer
};

/// Probabilities [image][class], and the names of the classes in the file, if it has them.
struct Predicted {
  std::vector<float> probabilities;
  std::vector<std::string> classes;
};

/// Classifies images with the weights in a file. ImageNet's mean and deviation normalize them unless the file says
/// otherwise. Throws strata::Error if the file is that of another network.
using Predict = Predicted (*)(const strata::io::Safetensors&, const strata::Images&, int threads);

/// A small form of a network, which the program trains.
struct TrainableNetwork {
  strata::Shape input;
  double rate;  ///< of the recipe
  shared::Facts (*facts)();
  const strata::graph::StepWork& work;  ///< of a training step
  long (*training_bytes)(int batch, const shared::Processor&);
  shared::Trained (*train)(const shared::TrainingTask&);
  Predict predict;
};

/// A network that the program runs.
struct CompiledNetwork {
  const char* name;
  /// Seconds of one inference at batch 1: the median, and the number of inferences that it is of.
  std::pair<double, int> (*time)(int threads);
  Predict predict = nullptr;                    ///< null: it does not classify images
  const TrainableNetwork* trainable = nullptr;  ///< null: the program does not train it
};

/// All networks, in the order of the list.
const std::vector<Description>& descriptions();
/// Those that were compiled.
const std::vector<const CompiledNetwork*>& built();

/// The network called so; lower case will do. Throws strata::Error if there is none.
const Description& described(const std::string& name);
/// Throws strata::Error, which says how to build it, if it was not compiled.
const CompiledNetwork& compiled(const std::string& name);
/// The same, of a network that classifies images, which the program also trains; throws strata::Error for any other.
const CompiledNetwork& trainable(const std::string& name);

}  // namespace zoo
