// SPDX-License-Identifier: MIT
#include "explain.hpp"

#include <fmt/format.h>

#include <strata/data/png.hpp>

#include "../shared/explained.hpp"
#include "../shared/heat.hpp"
#include "../shared/say.hpp"
#include "network.hpp"

namespace street_scenes {

namespace {

/// The classes of that name; empty names: all of the model.
std::vector<int> chosen(const std::vector<std::string>& names, const strata::data::ClassList& classes,
                        const std::string& model) {
  std::vector<int> out;
  for (int c = 0; c < int(classes.size()) && names.empty(); c++) out.push_back(c);
  for (const std::string& name : names) {
    std::string all;
    int found = -1;
    for (int c = 0; c < int(classes.size()); c++) {
      all += (c ? ", " : "") + classes[std::size_t(c)].name;
      if (classes[std::size_t(c)].name == name) found = c;
    }
    if (found < 0) throw strata::Error("--explain-class ", name, ": ", model, " does not have it; it has ", all);
    out.push_back(found);
  }
  return out;
}

}  // namespace

struct Explainer::Parts {
  const strata::data::ClassList& classes;
  std::vector<int> labels;
  bool named;  ///< the classes were given by name
  shared::Explained explained;
  strata::core::Workers workers;
  strata::training::GradCam cam;

  Parts(const PredictSettings& s, const strata::data::ClassList& list, const shared::Processor& processor)
      : classes(list),
        labels(chosen(s.explain_classes, list, s.model)),
        named(!s.explain_classes.empty()),
        explained(network_of(s.model, s.size, "cpu").explained(s.model)),
        workers(processor.device == "cpu" ? processor.threads : 0),
        cam(*explained.network, explained.parameters.data(), explained.buffers.data(), workers, s.explain_layer) {}
};

Explainer::Explainer(const PredictSettings& settings, const strata::data::ClassList& classes,
                     const shared::Processor& processor)
    : parts_(std::make_unique<Parts>(settings, classes, processor)) {}
Explainer::~Explainer() = default;

void Explainer::explain(const strata::data::Picture& picture, const strata::data::Picture& input, strata::Shape scaled,
                        const std::string& path) {
  strata::training::GradCam& cam = parts_->cam;
  cam.see({.bytes = input.bytes.data(), .count = 1}, scaled);
  for (const int label : parts_->labels) {
    const std::string& name = parts_->classes[std::size_t(label)].name;
    const long pixels = cam.counts()[std::size_t(label)];
    if (pixels == 0) {
      if (parts_->named) shared::say("  {}: is not found in it\n", name);
      continue;
    }
    const strata::training::ClassActivation seen = cam.activation(label);
    const std::vector<float> all = strata::training::enlarged(seen.map, seen.shape, input.shape);
    std::vector<float> shown;
    for (int y = 0; y < scaled.height; y++) {
      const auto row = all.begin() + long(y) * input.shape.width;
      shown.insert(shown.end(), row, row + scaled.width);
    }
    const std::string file = fmt::format("{}_explained_{}_{}.png", path, label, shared::in_file_name(name));
    strata::core::write_file(
        file, strata::data::encode_png(
                  shared::heated(picture.bytes.data(), strata::training::enlarged(shown, scaled, picture.shape)).data(),
                  picture.shape));
    shared::say("  {}, {:.1f} % of the pixels, layer {}: {}\n", name, 100. * double(pixels) / scaled.pixels(),
                cam.layer(), file);
  }
}

}  // namespace street_scenes
