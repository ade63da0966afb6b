// SPDX-License-Identifier: MIT
// `digits predict`: classifies images of digits, and with --explain shows where the network sees them.
#include <optional>

#include <strata/metrics/metrics.hpp>

#include "../shared/say.hpp"
#include "explain.hpp"
#include "network.hpp"
#include "options.hpp"
#include "picture.hpp"

namespace digits {

int predict(const PredictSettings& settings) {
  const shared::Processor processor = shared::processor(settings.device, settings.precision, 1);
  const CompiledNetwork& network = network_of(settings.model, settings.device);
  verify(network, settings.model, settings.verify, processor);
  const std::vector<std::string> names = classes_of(settings.model);
  std::optional<Explainer> explainer;
  if (settings.explain) explainer.emplace(settings);
  std::vector<std::uint8_t> pixels;
  std::vector<std::string> read;
  for (const std::string& path : settings.images) try {
      const std::vector<std::uint8_t> digit = as_digit(read_drawing(path), path);
      pixels.insert(pixels.end(), digit.begin(), digit.end());
      read.push_back(path);
    } catch (const strata::Error& error) {  // the other images are still classified
      shared::complain("digits", error.what());
    }
  if (read.empty()) return 1;
  const int count = int(read.size()), classes = 10;
  const std::vector<float> all = network.predict(settings.model, {.bytes = pixels.data(), .count = count}, processor);
  for (int i = 0; i < count; i++) {
    std::vector<float> p(all.begin() + i * classes, all.begin() + (i + 1) * classes);
    const int first = strata::metrics::most_probable(p.data(), classes);
    const float most = p[std::size_t(first)];
    p[std::size_t(first)] = -1;
    const int second = strata::metrics::most_probable(p.data(), classes);
    shared::say("{}: {} ({:.1f} %), else {} ({:.1f} %)\n", read[std::size_t(i)], names[std::size_t(first)],
                100 * double(most), names[std::size_t(second)], 100 * double(p[std::size_t(second)]));
    if (explainer) explainer->explain(read[std::size_t(i)], pixels.data() + i * picture_size * picture_size);
  }
  return read.size() == settings.images.size() ? 0 : 1;
}

}  // namespace digits
