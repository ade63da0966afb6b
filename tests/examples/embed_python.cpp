// SPDX-License-Identifier: MIT
// The Python module of examples/embed: tests/support/languages/module_test.py compares it with the C++ models, whose
// scores are in files.
#include <doctest/doctest.h>

#include <strata/io/weights.hpp>

#include <cstdlib>

#include STRATA_MODULE_NETWORKS
#include "../support/languages/sample.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata::testing;

namespace {

/// Writes NAME.safetensors, and of five images NAME.images and NAME.scores, as bytes and floats.
template <class Net>
void write_sample(const TemporaryFolder& folder, const std::string& name, std::vector<std::string> classes = {}) {
  auto model = sample_model<Net>(5);
  model.classes(std::move(classes));
  save(model, folder / (name + ".safetensors"));
  const auto images = sample_bytes(5 * model.input.size());
  const auto scores = model.predict({.bytes = images.data(), .count = 5});
  write(folder / (name + ".images"), images);
  write(folder / (name + ".scores"), std::string(reinterpret_cast<const char*>(scores.data()), 4 * scores.size()));
}

}  // namespace

TEST_CASE("Python predicts what C++ does, without copies where layouts agree, and refuses by exceptions") {
  const TemporaryFolder folder;
  write_sample<strata::Digits<8, 16, 32>>(folder, "digits");
  write_sample<module::Regions>(folder, "regions", {"sky", "road", "tree", "Fußgänger"});
  const std::string command = "PYTHONPATH='" STRATA_MODULE_FOLDER "' PYTHONDONTWRITEBYTECODE=1 '" STRATA_PYTHON
                              "' '" STRATA_MODULE_TEST "' '" +
                              folder.path() + "'";
  CHECK(std::system(command.c_str()) == 0);
}
