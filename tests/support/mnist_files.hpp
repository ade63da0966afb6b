// SPDX-License-Identifier: MIT
// A folder with four IDX files in MNIST's format, of drawings (digit_set.hpp): training files plain, test files packed.
#pragma once

#include <strata/data/mnist.hpp>

#include <string>

#include "digit_set.hpp"
#include "gzip.hpp"
#include "temporary_folder.hpp"

namespace strata::testing {

inline void write_mnist(const std::string& folder, int train, int test) {
  const auto images = [](const data::Dataset& set) {
    return idx({std::uint32_t(set.count()), 28, 28}, core::Bytes(set.bytes(0), set.bytes(0) + 784L * set.count()));
  };
  const auto labels = [](const data::Dataset& set) {
    core::Bytes out;
    for (int i = 0; i < set.count(); i++) out.push_back((unsigned char)(set.label(i)));
    return idx({std::uint32_t(set.count())}, out);
  };
  const data::Dataset a = digit_set(train, 1), b = digit_set(test, 2);
  write(folder + "/" + mnist::train_images.name, images(a));
  write(folder + "/" + mnist::train_labels.name, labels(a));
  write(folder + "/" + mnist::test_images.name + ".gz", gzip(images(b)));
  write(folder + "/" + mnist::test_labels.name + ".gz", gzip(labels(b)));
}

}  // namespace strata::testing
