// SPDX-License-Identifier: MIT
// Writes headers of weights for the tests of programs that include them, and what these programs should compute:
//   write_headers FOLDER
// Weights that are packed for machine M have the same names for every machine, in FOLDER/M.
#include "embedded_network.hpp"

#include <strata/infer/export_header.hpp>
#include <strata/infer/predictor.hpp>
#include <strata/reference/random_data.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

using namespace strata;
using namespace strata::testing;

namespace {

template <class Net, class... Policy>
void write(const std::string& folder, const std::string& name, bool scales = true) {
  using P = Predictor<Net, Policy...>;
  reference::RandomData data = reference::smooth_data<Net>(1);
  for (std::size_t i = 0; !scales && i < data.buffers.size(); i++) data.buffers[i] = i < data.buffers.size() / 2;
  const std::span<const float> parameters(data.parameters), buffers(data.buffers);
  const auto header = [&](const std::string& of, const std::string& target) {
    std::vector<std::string> classes;
    for (std::size_t i = 0; i < P::output_floats; i++) classes.push_back(std::to_string(i));
    if (classes.size() == 10)
      classes[9] =
          "nine \xE2\x80\x9C"
          "9\" ?\n";  // all that needs care between quotes
    infer::export_weights<Net, Policy...>(parameters, buffers, folder + "/" + of + ".hpp",
                                          {.target = target, .classes = classes});
  };
  header(name, "");
  header(name + "_here", "here");
  header(name + "_cortex_m7", "cortex-m7");
  for (const std::string machine : {"cortex-m7", "aarch64", "armhf", "armhf-neon", "riscv"}) {
    std::filesystem::create_directories(folder + "/" + machine);
    header(machine + "/" + name + "_packed", machine);
  }

  const auto storage = std::make_unique<typename P::Storage>();
  P predictor(*storage, parameters.first<P::parameter_floats>(), buffers.first<P::buffer_floats>());
  std::vector<float> image(P::input_floats), scores(P::output_floats);
  for (std::size_t i = 0; i < image.size(); i++) image[i] = embedded_pixel(int(i));
  predictor.run(typename P::Floats(image), typename P::Result(scores));
  std::ofstream file(folder + "/" + name + "_expected.hpp");
  file << "#pragma once\nstatic const float " << name << "_expected[] = {" << std::hexfloat;
  for (const float score : scores) file << score << "f, ";
  file << "};\n";
  if (!file.flush()) throw Error(folder, ": cannot be written; give a folder");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw Error("usage: ", argv[0], " FOLDER");
  write<EmbeddedDigits, Exact>(argv[1], "digits");
  write<EmbeddedUnscaled>(argv[1], "unscaled", false);
  write<EmbeddedMix>(argv[1], "mix");
} catch (const std::exception& error) {
  std::fprintf(stderr, "write_headers: %s\n", error.what());
  return 1;
}
