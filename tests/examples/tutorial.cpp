// SPDX-License-Identifier: MIT
// The programs of the tutorial as its readers run them: each says what the text promises, and those that train learn.
#include <doctest/doctest.h>

#include <cstdlib>

#include "../support/process.hpp"

using namespace strata::testing;

namespace {

/// What the program prints. Fails where it does not end well.
std::string output_of(const char* program, std::vector<std::string> words = {}) {
  const Finished e = run_program(program, std::move(words));
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  CHECK(e.errors == "");
  return e.output;
}

bool says(const std::string& output, const std::string& part) {
  if (output.find(part) == std::string::npos) MESSAGE("'", part, "' is not in:\n", output);
  return output.find(part) != std::string::npos;
}

/// The number after the first `part`; -1: the output does not have it.
double number_after(const std::string& output, const std::string& part) {
  if (!says(output, part)) return -1;
  return std::strtod(output.c_str() + output.find(part) + part.size(), nullptr);
}

}  // namespace

TEST_CASE("1_network describes its network, and predicts with it") {
  const std::string output = output_of("tutorial_1_network");
  CHECK(says(output, "input 24x24x1, output 1x1x4, 3,604 parameters, 209,664 MACs per image"));
  CHECK(says(output, "\n4.weight         (16, 8, 3, 3)\n"));
  CHECK(number_after(output, "memory: ") > 3604 * 4);
  const char* at = output.c_str() + output.find("probabilities ") + 14;
  double sum = 0;
  for (int c = 0; c < 4; c++) {
    char* end = nullptr;
    const double probability = std::strtod(at, &end);
    REQUIRE(end != at);
    CHECK(probability > 0);
    sum += probability, at = end;
  }
  CHECK(sum == doctest::Approx(1).epsilon(0.003));  // of four numbers with three decimals
  CHECK(says(output, ": class "));
}

TEST_CASE("2_own_arrays learns, and its weights file predicts the same") {
  TemporaryFolder folder;
  const std::string output = output_of("tutorial_2_own_arrays", {folder / "shapes.safetensors"});
  CHECK(says(output, "epoch  1: loss "));
  CHECK(number_after(output, "kept the model after iteration ") >= 63);
  const double accuracy = number_after(output, "test accuracy ");
  CHECK(accuracy > 0.95);
  CHECK(number_after(output, "loaded: ") == doctest::Approx(600 * accuracy).epsilon(1e-4));
  CHECK(says(output, "the first is a "));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"shapes.safetensors"});
}

TEST_CASE("3_own_layer checks its gradients, finds a wrong one, and learns") {
  const std::string output = output_of("tutorial_3_own_layer");
  CHECK(says(output, "Swish: the gradients are right\n"));
  CHECK(says(output, "Block<4>: the gradients are right\n"));
  CHECK(says(output, "wrong_swish: the gradient of 0.weight is "));
  CHECK(says(output, ", but finite differences give "));
  CHECK(number_after(output, "test accuracy ") > 0.9);
}

TEST_CASE("4_transfer: a trunk of other weights helps, and helps more where it learns too") {
  TemporaryFolder folder;
  const std::string output = output_of("tutorial_4_transfer", {folder / "trunk.safetensors"});
  const double many = number_after(output, "many drawings: accuracy "),
               scratch = number_after(output, "from scratch:   accuracy ");
  const double frozen = number_after(output, "frozen:     accuracy "),
               learning = number_after(output, "learning:   accuracy ");
  CHECK(many > 0.9);
  CHECK(number_after(output, "the trunk expects images of mean ") > 60);  // noise from 0 to 119 and shapes above it
  CHECK(frozen > scratch);
  CHECK(learning > frozen);
  CHECK(learning > 0.8);
}

TEST_CASE("5_segmentation finds most pixels of each class, and draws a scene") {
  const std::string output = output_of("tutorial_5_segmentation");
  CHECK(number_after(output, "test accuracy ") > 0.95);
  CHECK(number_after(output, "mean IoU ") > 0.8);
  CHECK(says(output, " predicted\n................................ ................................\n"));
}

TEST_CASE("6_experiment lists what is over budget, and describes and compares networks") {
  const std::string output = output_of("tutorial_6_experiment");
  CHECK(says(output, "width=12 depth=3 block=Plain       at most 400,000 MACs  1,931,904  +1,531,904\n"));
  CHECK(says(output, "\n8 of 18 candidates are within the budgets\n"));
  CHECK(says(output, "\nthe best is width=4 depth=3 block=Plain\n"));
  CHECK(says(output, "0 Conv, 1 BatchNorm, 2 ReLU, 3 MaxPool"));
  CHECK(says(output, "\n+  "));
}
