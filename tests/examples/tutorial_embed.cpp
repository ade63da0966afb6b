// SPDX-License-Identifier: MIT
// The tutorial's way from a file of weights to a program that contains them, from its second command on. The file has
// the names that PyTorch gives it.
#include "../../examples/tutorial/7_network.hpp"

#include <doctest/doctest.h>

#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <cstdlib>

#include "../support/process.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("weights under PyTorch's names become a header, and a program with it predicts what their model does") {
  TemporaryFolder folder;
  Model<Bars> model{{.seed = 3}};
  io::write_safetensors(folder / "bars.safetensors", model.tensors(), {});  // without what only strata's files have
  const Finished exported = run_program("tutorial_7_export", {folder / "bars.safetensors", folder / "bars.hpp"});
  CHECK(exported.status == 0);
  CHECK(exported.errors == "");
  CHECK(exported.output == (folder / "bars.hpp") + ": 1627 parameters\n");

  const std::string program = folder / "bars";
  REQUIRE(std::system((STRATA_COMPILE " -I " + folder.path() + " -o " + program).c_str()) == 0);
  REQUIRE(std::system((program + " > " + program + ".txt").c_str()) == 0);

  model.input_scaling({.mean = {30}, .deviation = {50}});
  std::string expected;
  for (int label = 0; label < 3; label++) {
    std::vector<std::uint8_t> image(256, 20);
    for (int i = 0; i < 16; i++) {
      const int place = 5 + label;
      image[std::size_t(label == 0 ? 16 * place + i : label == 1 ? 16 * i + place : 16 * i + (i + place) % 16)] = 200;
    }
    const core::Floats scores = model.predict({.bytes = image.data(), .count = 1});
    const std::size_t best = std::size_t(std::max_element(scores.begin(), scores.end()) - scores.begin());
    char line[100];
    std::snprintf(line, sizeof line, "drawing %d: %.4f %.4f %.4f %s\n", label, double(scores[0]), double(scores[1]),
                  double(scores[2]), std::vector{"horizontal", "vertical", "diagonal"}[best]);
    expected += line;
  }
  CHECK(read(program + ".txt") == expected);
}

TEST_CASE("a missing argument or file is reported in one sentence") {
  TemporaryFolder folder;
  const Finished without = run_program("tutorial_7_export", {});
  CHECK(without.status == 2);
  CHECK(without.output == "7_export WEIGHTS.safetensors HEADER.hpp\n");
  const Finished missing = run_program("tutorial_7_export", {folder / "no.safetensors", folder / "bars.hpp"});
  CHECK(missing.status == 1);
  CHECK(missing.errors.find("no.safetensors: cannot be opened") != std::string::npos);
}
