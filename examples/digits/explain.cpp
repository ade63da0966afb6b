// SPDX-License-Identifier: MIT
#include "explain.hpp"

#include <set>

#include <strata/data/folder_listing.hpp>
#include <strata/data/png.hpp>

#include "../shared/explained.hpp"
#include "../shared/heat.hpp"
#include "../shared/out_folder.hpp"
#include "../shared/say.hpp"
#include "network.hpp"
#include "picture.hpp"

namespace digits {

struct Explainer::Parts {
  const PredictSettings& settings;
  shared::Explained explained;
  strata::core::Workers workers{1};
  strata::training::GradCam cam;
  shared::OutFolder out;

  explicit Parts(const PredictSettings& s)
      : settings(s),
        explained(network_of(s.model, "cpu").explained(s.model)),
        cam(*explained.network, explained.parameters.data(), explained.buffers.data(), workers, s.explain_layer),
        out(s.out) {}
};

Explainer::Explainer(const PredictSettings& settings) {
  std::set<std::string> seen;
  for (const std::string& image : settings.images)
    if (!seen.insert(strata::data::stem_of(image)).second)
      throw strata::Error(image,
                          ": another picture has the same name, so their overlays would overwrite each other; "
                          "explain them into two folders");
  parts_ = std::make_unique<Parts>(settings);
}
Explainer::~Explainer() = default;

void Explainer::explain(const std::string& image, const std::uint8_t* digit) {
  constexpr int scale = 10, side = scale * picture_size;
  strata::training::GradCam& cam = parts_->cam;
  cam.see({.bytes = digit, .count = 1});
  const int given = parts_->settings.explain_class;
  const strata::training::ClassActivation seen = cam.activation(given < 0 ? cam.most() : given);
  std::vector<std::uint8_t> rgb;
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) rgb.insert(rgb.end(), 3, digit[y / scale * picture_size + x / scale]);
  const std::string path =
      parts_->settings.out + "/" + strata::data::stem_of(image) + "_explained_" + std::to_string(seen.label) + ".png";
  strata::core::write_file(
      path, strata::data::encode_png(
                shared::heated(rgb.data(), strata::training::enlarged(seen.map, seen.shape, {side, side, 1})).data(),
                {side, side, 3}));
  shared::say("  layer {}: {}\n", cam.layer(), path);
}

}  // namespace digits
