// SPDX-License-Identifier: MIT
// `street_scenes predict`: for each image NAME, writes a label map NAME_labels.png, whose bytes are class indices, and
// NAME_overlay.png, the image tinted with the colors of the classes; with --explain also NAME_explained_CLASS.png,
// where the network sees a class. All have the size of the image.
#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include <strata/data/image_file.hpp>
#include <strata/data/resize.hpp>

#include "../shared/interruption.hpp"
#include "../shared/out_folder.hpp"
#include "../shared/say.hpp"
#include "../shared/thread_warning.hpp"
#include "explain.hpp"
#include "network.hpp"
#include "options.hpp"
#include "overlay.hpp"

namespace street_scenes {

namespace {

/// How an image becomes one of the network's size: scaled down if it is too large, with its aspect ratio, then padded.
struct Fit {
  strata::Shape original, scaled, input;
};

Fit fit_for(strata::Shape original, strata::Shape input) {
  const double factor = std::min({1., double(input.height) / original.height, double(input.width) / original.width});
  const auto side = [&](int of, int most) { return std::clamp(int(of * factor + 0.5), 1, most); };
  return {original, {side(original.height, input.height), side(original.width, input.width), 3}, input};
}

std::string describe(const Fit& fit) {
  const auto size = [](strata::Shape s) { return fmt::format("{} x {}", s.height, s.width); };
  std::string out = size(fit.original);
  if (!(fit.scaled == fit.original)) out += ", scaled to " + size(fit.scaled);
  if (!(fit.scaled == fit.input)) out += ", padded to " + size(fit.input);
  return out;
}

strata::data::Picture fitted(const strata::data::Picture& picture, const Fit& fit, const std::string& name) {
  return fit_picture(fit_picture(picture, fit.scaled, strata::data::Resize::scale, name), fit.input,
                     strata::data::Resize::pad, name);
}

/// The labels in the size of the original image.
std::vector<std::uint8_t> labels_back(const std::int32_t* classes_found, const Fit& fit) {
  std::vector<std::uint8_t> labels(std::size_t(fit.input.pixels()));
  for (std::size_t i = 0; i < labels.size(); i++) labels[i] = std::uint8_t(classes_found[i]);
  return fit_labels_back(fit_labels_back(labels, fit.input, fit.scaled, strata::data::Resize::pad), fit.scaled,
                         fit.original, strata::data::Resize::scale);
}

void write_png(const std::string& path, const std::vector<std::uint8_t>& pixels, strata::Shape shape) {
  strata::core::write_file(path, strata::data::encode_png(pixels.data(), shape));
}

/// Throws strata::Error if two images have the same name: their results would overwrite each other.
void check_names(const std::vector<std::string>& images) {
  std::set<std::string> seen;
  for (const std::string& image : images)
    if (!seen.insert(strata::data::stem_of(image)).second)
      throw strata::Error(
          image,
          ": another picture has the same name, so the results would overwrite each other; predict them into two folders");
}

/// The classes of the model; those that it does not list are numbered and get distinct colors.
strata::data::ClassList colors(const std::string& model) {
  strata::data::ClassList out = classes_of(model);
  const auto mixed = [](int c, int factor) { return std::uint8_t(40 + factor * c % 216); };
  for (int c = int(out.size()); c < classes; c++)
    out.push_back({std::to_string(c), {mixed(c, 83), mixed(c, 149), mixed(c, 199)}});
  return out;
}

}  // namespace

int predict(const PredictSettings& settings) {
  const shared::Processor processor = shared::processor(settings.device, settings.precision, settings.threads);
  shared::warn_of_threads("street_scenes", processor);
  check_names(settings.images);
  const CompiledNetwork& network = network_of(settings.model, settings.size, settings.device);
  network.record(processor);  // throws if there is no such device
  verify(network, settings.model, settings.verify, processor);
  const shared::OutFolder out(settings.out);
  shared::listen_for_interruption();
  const strata::data::ClassList list = colors(settings.model);
  std::optional<Explainer> explainer;
  if (settings.explain) explainer.emplace(settings, list, processor);
  strata::data::Picture picture, input;
  Fit fit;
  int unreadable = 0;
  const Source source = [&](int i) {
    const std::string& name = settings.images[std::size_t(i)];
    try {
      picture = strata::data::read_picture(name);
      fit = fit_for(picture.shape, network.input);
      input = fitted(picture, fit, name);
      return strata::Batch{{.bytes = input.bytes.data(), .count = 1}, {}};
    } catch (const strata::Error& error) {  // the other images are still processed
      shared::complain("street_scenes", error.what());
      unreadable++;
      return strata::Batch{};
    }
  };
  const int count = int(settings.images.size());
  network.segment(settings.model, processor, count, source, [&](int i, const std::int32_t* found) {
    const std::string path = settings.out + "/" + strata::data::stem_of(settings.images[std::size_t(i)]);
    const std::vector<std::uint8_t> bytes = labels_back(found, fit);
    const std::vector<std::int32_t> labels(bytes.begin(), bytes.end());
    write_png(path + "_labels.png", bytes, {picture.shape.height, picture.shape.width, 1});
    write_png(path + "_overlay.png", overlaid(picture.bytes.data(), labels.data(), picture.shape.pixels(), list),
              picture.shape);
    shared::say("{}: {}: {}_labels.png, {}_overlay.png\n", settings.images[std::size_t(i)], describe(fit), path, path);
    if (explainer) explainer->explain(picture, input, fit.scaled, path);
    shared::flush_output();
    if (shared::stop_requested && i + 1 < count)
      throw strata::Error("interrupted after ", i + 1, " of ", count, " pictures; run it again with the rest");
  });
  return unreadable == 0 ? 0 : 1;
}

}  // namespace street_scenes
