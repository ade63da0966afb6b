// SPDX-License-Identifier: MIT
// `zoo` lists the networks; `zoo NAME` prints one, times it, and classifies images with it.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include <strata/data/center_crop.hpp>
#include <strata/data/image_file.hpp>
#include <strata/data/text_lines.hpp>
#include <strata/io/weights.hpp>

#include "../shared/say.hpp"
#include "../shared/thread_warning.hpp"
#include "network.hpp"
#include "options.hpp"

namespace zoo {

namespace {

std::string spelled(strata::Shape s) { return fmt::format("{}x{}x{}", s.height, s.width, s.channels); }

double megabytes(const Description& network) { return double(network.bytes(1, 1) + 4 * network.floats) / 1e6; }

void list() {
  shared::say("{:<17} {:<7} {:<11} {:>13} {:>15} {:>8}  {}\n", "network", "for", "input", "parameters", "MACs", "MB",
              "here");
  for (const Description& network : descriptions()) {
    std::string here = "described";
    for (const CompiledNetwork* candidate : built())
      if (std::string(candidate->name) == network.name)
        here = candidate->trainable ? "runs, trains at " + spelled(candidate->trainable->input) : "runs";
    shared::say("{:<17} {:<7} {:<11} {:>13} {:>15} {:>8.1f}  {}\n", network.name, network.task, spelled(network.input),
                strata::graph::detail::grouped(network.parameters), strata::graph::detail::grouped(network.macs),
                megabytes(network), here);
  }
  shared::say(
      "MB: memory of inference, batch 1 on one thread, weights included; "
      "CMake's STRATA_ZOO_NETWORKS selects those that run\n");
}

/// The names in a file, one a line. Throws strata::Error unless there are as many as the network has classes.
std::vector<std::string> names_in(const std::string& path, int count) {
  const strata::core::Bytes bytes = strata::core::read_file(path);
  const std::string text(bytes.begin(), bytes.end());
  std::vector<std::string> names;
  for (strata::data::TextLines lines(text, path); lines.next();) names.push_back(lines.line());
  strata::core::check_class_names(names, count, path);
  return names;
}

/// How the images of a weight file are read, and who classifies them.
struct Reader {
  Predict predict;
  strata::Shape input;
  int shorter, classes;
};

/// A file that `zoo train` wrote belongs to the small network; any other, to the full one, whose images are resized as
/// in its training on ImageNet.
Reader reader_of(const Description& network, const CompiledNetwork& chosen, const strata::io::Safetensors& file) {
  const std::string hash = strata::io::stored_hash(file);
  if (!hash.empty() && chosen.trainable->facts().hash.is(hash))
    return {chosen.trainable->predict, chosen.trainable->input, 0, classes};
  return {chosen.predict, network.input, network.input.height * 256 / 224, network.output.channels};
}

/// Prints the five most probable classes. Returns 1 if an image cannot be read.
int classify(const ShowSettings& settings, const Description& network, const CompiledNetwork& chosen, int threads) {
  const strata::io::Safetensors file = strata::io::read_safetensors(settings.weights);
  const Reader reader = reader_of(network, chosen, file);
  std::vector<std::string> names;
  if (!settings.classes.empty()) names = names_in(settings.classes, reader.classes);
  std::vector<std::uint8_t> pixels;
  std::vector<std::string> read;
  for (const std::string& path : settings.images) try {
      const strata::data::Picture image =
          strata::data::center_crop(strata::data::read_picture(path), reader.input, reader.shorter, path);
      pixels.insert(pixels.end(), image.bytes.begin(), image.bytes.end());
      read.push_back(path);
    } catch (const strata::Error& error) {  // the other images are still classified
      shared::complain("zoo", error.what());
    }
  if (read.empty() && !settings.images.empty()) return 1;
  const Predicted predicted = reader.predict(file, {.bytes = pixels.data(), .count = int(read.size())}, threads);
  if (names.empty()) names = predicted.classes;
  shared::say("{}: holds the weights of {} for {}\n", settings.weights, network.name, spelled(reader.input));
  for (std::size_t i = 0; i < read.size(); i++) {
    const float* const p = predicted.probabilities.data() + i * std::size_t(reader.classes);
    std::vector<int> order(std::size_t(reader.classes), 0);
    std::iota(order.begin(), order.end(), 0);
    const int shown = std::min(5, reader.classes);
    std::partial_sort(order.begin(), order.begin() + shown, order.end(),
                      [p](int a, int b) { return p[a] != p[b] ? p[a] > p[b] : a < b; });
    shared::say("{}\n", read[i]);
    for (int k = 0; k < shown; k++) {
      const int c = order[std::size_t(k)];
      shared::say("  {:5.1f} %  {}\n", 100 * double(p[c]), names.empty() ? std::to_string(c) : names[std::size_t(c)]);
    }
  }
  return read.size() == settings.images.size() ? 0 : 1;
}

void print(const Description& network) {
  shared::write_out(stdout, to_text(network.summary()) + "\n");
  shared::say("{}: {} parameters, {} MACs per {}; inference needs {:.1f} MB, of which {:.1f} MB are the weights\n",
              network.name, network.parameters, network.macs, network.task == std::string("sound") ? "signal" : "image",
              megabytes(network), 4e-6 * double(network.floats));
}

}  // namespace

int show(const ShowSettings& settings) {
  if (settings.network.empty()) {
    if (settings.time || !settings.weights.empty())
      throw strata::Error("name the network that --time or --weights is for: zoo MobileNetV2 --time");
    return list(), 0;
  }
  const Description& network = described(settings.network);
  if (!settings.time && settings.weights.empty()) return print(network), 0;
  const CompiledNetwork& chosen = settings.weights.empty() ? compiled(settings.network) : trainable(settings.network);
  const shared::Processor processor = shared::processor("cpu", "", settings.threads);
  shared::warn_of_threads("zoo", processor);
  int status = 0;
  if (!settings.weights.empty()) status = classify(settings, network, chosen, processor.threads);
  if (settings.time) {
    const auto [seconds, runs] = chosen.time(processor.threads);
    shared::say("{} at {}: {:.2f} ms at batch 1, {:.1f} per second, on {} (median of {})\n", network.name,
                spelled(network.input), 1e3 * seconds, 1 / seconds,
                processor.threads == 1 ? "1 thread" : fmt::format("{} threads", processor.threads), runs);
  }
  return status;
}

}  // namespace zoo
