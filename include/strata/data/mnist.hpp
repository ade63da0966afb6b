// SPDX-License-Identifier: MIT
// MNIST and what has its form: four IDX files, plain or .gz, in one folder. 60,000 images become 52,500 to train with and
// 7,500 to validate with; 10,000 are the test. Needs strata::idx (zlib).
#pragma once

#include <algorithm>
#include <string>

#include <strata/data/idx.hpp>

namespace strata::mnist {

/// The four files, without ".gz", and the SHA-256 of their unpacked bytes.
struct File {
  const char* name;
  const char* sha256;
};
inline constexpr File train_images{"train-images-idx3-ubyte",
                                   "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"};
inline constexpr File train_labels{"train-labels-idx1-ubyte",
                                   "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"};
inline constexpr File test_images{"t10k-images-idx3-ubyte",
                                  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"};
inline constexpr File test_labels{"t10k-labels-idx1-ubyte",
                                  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"};
inline constexpr File files[] = {train_images, train_labels, test_images, test_labels};
inline constexpr int classes = 10;

/// The path of a file in the folder, plain or .gz; empty where it is not there.
inline std::string find(const std::string& folder, const File& file) {
  const std::string path = folder + "/" + file.name;
  return file_exists(path) ? path : file_exists(path + ".gz") ? path + ".gz" : "";
}

inline bool complete(const std::string& folder) {
  for (const File& file : files)
    if (find(folder, file).empty()) return false;
  return true;
}

namespace detail {

inline std::string found(const std::string& folder, const File& file) {
  const std::string path = find(folder, file);
  if (path.empty())
    throw Error(folder, ": holds neither ", file.name, " nor ", file.name,
                ".gz; give a folder with the four IDX files of MNIST");
  return path;
}

/// The same samples in an order drawn from the seed.
inline Dataset shuffled(const Dataset& set, std::uint64_t seed) {
  const int count = set.count();
  const std::size_t size = std::size_t(set.shape().size());
  std::vector<std::int32_t> order(std::size_t(count), 0), labels(std::size_t(count), 0);
  for (int i = 0; i < count; i++) order[i] = i;
  Random random{seed, 0};
  for (int i = count - 1; i > 0; i--) std::swap(order[i], order[random.below(std::uint64_t(i) + 1)]);
  std::vector<std::uint8_t> bytes(std::size_t(count) * size);
  for (int i = 0; i < count; i++) {
    std::copy_n(set.bytes(order[i]), size, bytes.data() + std::size_t(i) * size);
    labels[i] = set.label(order[i]);
  }
  return Dataset(set.shape(), std::move(bytes), std::move(labels));
}

}  // namespace detail

/// Which samples validate is drawn from the seed; 0 images to validate with leave all to train with.
struct SplitOptions {
  std::uint64_t seed = 1;
  int validation = -1;  ///< images; -1: an eighth
};

inline Splits load(const std::string& folder, const SplitOptions& options = {}) {
  Splits out;
  out.name = folder.substr(folder.find_last_of('/', folder.size() > 1 ? folder.size() - 2 : 0) + 1);
  out.classes = classes;
  const auto set = [&](const File& images, const File& labels) {
    return load_idx(detail::found(folder, images), detail::found(folder, labels), classes);
  };
  const Dataset all = detail::shuffled(set(train_images, train_labels), options.seed);
  out.test = set(test_images, test_labels);
  const int validation = options.validation < 0 ? all.count() / 8 : options.validation;
  if (validation >= all.count())
    throw Error("mnist::load: ", validation, " images to validate with of ", all.count(), "; leave some to train with");
  out.train = all.part(0, all.count() - validation);
  out.validation = all.part(all.count() - validation, validation);
  if (!(out.test.shape() == all.shape()))
    throw Error(folder, ": the images to train with are ", all.shape().height, " x ", all.shape().width,
                ", those of the test ", out.test.shape().height, " x ", out.test.shape().width);
  return out;
}

}  // namespace strata::mnist
