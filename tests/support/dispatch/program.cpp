// SPDX-License-Identifier: MIT
// Predicts with the code of one target: program [TARGET [FILE]] prints the target and the sum of the squared scores of
// an image, or, with a file of weights, tries to load it. An Error is printed, and ends the program with 1.
#include <strata/infer/dispatch.hpp>

#include <cstdio>
#include <vector>

#include "../languages/networks.hpp"

int main(int count, char** arguments) try {
  const strata::infer::DispatchOptions options{.threads = 1, .target = count > 1 ? arguments[1] : ""};
  strata::infer::AnyModel model = strata::dispatch<strata::testing::Regions>(options);
  if (count > 2) model.load(arguments[2]);
  std::vector<float> image(std::size_t(model.input().size())), scores(std::size_t(model.output().size()));
  for (std::size_t i = 0; i < image.size(); i++) image[i] = float(i % 17) / 17;
  model.predict({.floats = image.data(), .count = 1}, scores);
  double sum = 0;
  for (const float score : scores) sum += double(score) * double(score);
  std::printf("%s %.4f\n", model.name().c_str(), sum);
} catch (const strata::Error& error) {
  std::printf("%s\n", error.what());
  return 1;
}
