// SPDX-License-Identifier: MIT
// Weights from PyTorch as a C++ header. 7_export WEIGHTS.safetensors HEADER.hpp
#include <strata/infer/export_header.hpp>
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include <cstdio>

#include "7_network.hpp"

using namespace strata;

int main(int argc, char** argv) try {
  if (argc != 3) return std::puts("7_export WEIGHTS.safetensors HEADER.hpp"), 2;
  Model<Bars> model;
  load(model, argv[1]);
  model.input_scaling({.mean = {30}, .deviation = {50}});
  model.classes({"horizontal", "vertical", "diagonal"});
  export_header(model, argv[2], {.name = "bars"});
  std::printf("%s: %ld parameters\n", argv[2], parameters<Bars>);
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
