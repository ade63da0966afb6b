// SPDX-License-Identifier: MIT
// The program `street_scenes` on a few drawn scenes of 96 x 128.
#pragma once

#include <algorithm>
#include <utility>

#include "../../examples/street_scenes/scenes/scenes.hpp"

#include "process.hpp"

namespace strata::testing {

using Words = std::vector<std::string>;

inline Finished run_street_scenes(Words words) { return run_program("street_scenes", std::move(words)); }
inline bool street_scenes_refuses(const Words& words, const std::string& part) {
  return program_refuses("street_scenes", words, part);
}

/// A folder of 12 scenes: 8 for training, 2 for validation, 2 for the test.
inline const std::string& drawn_scenes() {
  static TemporaryFolder folder;
  static const std::string path = folder / "scenes";
  static const bool drawn = (generate_scenes(path, 12, 3, {96, 128, 3}), true);
  (void)drawn;
  return path;
}

/// `street_scenes train` on a folder of such scenes, in batches of 2; `more`: further options, or other values for
/// these.
inline Words street_training(const std::string& data, const std::string& out, const Words& more) {
  Words words{"train"};
  for (const auto& [option, value] : {std::pair<std::string, std::string>{"--data", data},
                                      {"--out", out},
                                      {"--size", "96x128"},
                                      {"--batch", "2"},
                                      {"--rate", "0.01"},
                                      {"--init", "he-fan-out"}})
    if (std::find(more.begin(), more.end(), option) == more.end()) words.insert(words.end(), {option, value});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// The path of a model trained for one epoch, made once.
inline const std::string& street_model() {
  static TemporaryFolder folder;
  static const std::string path = folder / "run/model.safetensors";
  static const Finished e =
      run_street_scenes(street_training(drawn_scenes(), folder / "run", {"--epochs", "1", "--quiet"}));
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  REQUIRE(e.output.empty());
  return path;
}

inline void copy_all(const std::string& from, const std::string& to) {
  std::filesystem::copy(from, to,
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}

inline std::vector<std::uint8_t> noise(Shape shape) {
  std::vector<std::uint8_t> out;
  core::Random random{1, 0};
  for (long i = 0; i < shape.size(); i++) out.push_back(std::uint8_t(random.below(256)));
  return out;
}

}  // namespace strata::testing
