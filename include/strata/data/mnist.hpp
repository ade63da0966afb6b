// SPDX-License-Identifier: MIT
// MNIST and data sets in its format: four IDX files, plain or .gz, in one folder. The 60,000 training images are split
// into 52,500 for training and 7,500 for validation; the other 10,000 are the test set. Needs strata::idx (zlib).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <strata/data/idx.hpp>
#include <strata/data/mnist_files.hpp>
#include <strata/data/sha256.hpp>

namespace strata::mnist {

/// The number of digits.
inline constexpr int classes = 10;

/// How the training images are split, and what the labels are. The validation images are drawn from the seed.
struct SplitOptions {
  std::uint64_t seed = 1;   ///< of the order in which the images are split
  int validation = -1;      ///< images; -1: an eighth; 0: none
  int classes = 0;          ///< 0: ten where no label is above 9, EMNIST's 26 letters where all are 1 to 26
  int first_label = 0;      ///< of class 0, where `classes` is given
  bool transposed = false;  ///< whether images are stored column by column, as in EMNIST
};

namespace detail {

inline std::string found(const std::string& folder, const File& file) {
  std::string path = find(folder, file);
  if (path.empty())
    throw Error(folder, ": holds neither ", file.name, " nor ", file.name,
                ".gz; give a folder with the four IDX files of MNIST");
  return path;
}

/// Shuffles images and labels into the same order, drawn from the seed.
inline void shuffle(data::Idx& images, data::Idx& labels, std::uint64_t seed) {
  const std::size_t count = labels.numbers.size(), size = images.numbers.size() / std::max<std::size_t>(1, count);
  core::Random random{seed, 0};
  for (std::size_t i = count; i-- > 1;) {
    const std::size_t j = random.below(std::uint64_t(i) + 1);
    if (i == j) continue;
    std::swap(labels.numbers[i], labels.numbers[j]);
    const auto image = [&](std::size_t at) { return images.numbers.begin() + std::ptrdiff_t(at * size); };
    std::swap_ranges(image(i), image(i + 1), image(j));
  }
}

/// The SHA-256 of the decompressed file.
inline std::string digest(const data::Idx& idx) {
  data::Sha256 hash;
  const unsigned char magic[4] = {0, 0, 8, (unsigned char)(idx.rank)};
  hash.add(magic, 4);
  for (int d = 0; d < idx.rank; d++) {
    const std::uint32_t n = idx.dims[d];
    const unsigned char size[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                                   (unsigned char)(n)};
    hash.add(size, 4);
  }
  hash.add(idx.numbers.data(), idx.numbers.size());
  return hash.finish();
}

/// Derives the classes from the labels of both files, unless they are given. `name` appears in the error message.
inline void choose_classes(SplitOptions& options, const data::Idx& train, const data::Idx& test,
                           const std::string& name) {
  if (options.classes > 0) return;
  int least = 255, most = 0;
  for (const data::Idx* labels : {&train, &test})
    for (const std::uint8_t label : labels->numbers)
      least = std::min<int>(least, label), most = std::max<int>(most, label);
  const bool letters = least >= 1 && most >= 10 && most <= 26;
  if (most >= classes && !letters)
    throw Error(name, ": the labels of its set are ", least, " to ", most,
                ", neither ten digits nor EMNIST's letters, 1 to 26; get "
                "the files again, or set the number of classes (SplitOptions::classes)");
  options.classes = letters ? 26 : classes;
  options.first_label = letters ? 1 : 0;
}

/// The labels' names: their numbers, or EMNIST's letters.
inline std::vector<std::string> class_names(const SplitOptions& options) {
  std::vector<std::string> out;
  out.reserve(std::size_t(options.classes));
  const bool letters = options.classes == 26 && options.first_label == 1;
  for (int c = 0; c < options.classes; c++)
    out.push_back(letters ? std::string(1, char('a' + c)) : std::to_string(options.first_label + c));
  return out;
}

/// "MNIST" where the checksums match, otherwise the name of the set or of its folder.
inline std::string name_of(const std::string& start, bool original) {
  if (original) return "MNIST";
  const std::string name = name_of_start(start);
  std::string small = name;
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return small == "mnist" ? name + " (other files than MNIST's)" : name;
}

}  // namespace detail

/// Loads the set in a folder, or in torchvision's folders below it ("MNIST/raw"). FOLDER/emnist-letters selects one of
/// several sets in FOLDER. Throws Error where a file is missing or damaged, or the files do not belong together.
inline Splits load(const std::string& folder, SplitOptions options = {}) {
  const std::string start = detail::start_of(folder);
  const std::string paths[4] = {detail::found(folder, train_images), detail::found(folder, train_labels),
                                detail::found(folder, test_images), detail::found(folder, test_labels)};
  data::Idx labels = data::read_idx(paths[1], 1), labels_of_test = data::read_idx(paths[3], 1);
  detail::choose_classes(options, labels, labels_of_test, paths[1]);
  const data::IdxOptions stored{.first_label = options.first_label, .transposed = options.transposed};
  bool original = detail::digest(labels) == train_labels.sha256 && detail::digest(labels_of_test) == test_labels.sha256;
  Splits out;
  out.classes = options.classes;
  out.class_names = detail::class_names(options);
  {
    data::Idx images = data::read_idx(paths[2], 3);
    original = original && detail::digest(images) == test_images.sha256;
    out.test = data::pair_idx(std::move(images), labels_of_test, options.classes, paths[2], paths[3], stored);
  }
  data::Idx images = data::read_idx(paths[0], 3);
  original = original && detail::digest(images) == train_images.sha256;
  if (images.dims[0] == labels.dims[0]) detail::shuffle(images, labels, options.seed);  // otherwise pair_idx() throws
  const data::Dataset all = data::pair_idx(std::move(images), labels, options.classes, paths[0], paths[1], stored);
  out.name = detail::name_of(start, original);
  const int validation = options.validation < 0 ? all.count() / 8 : options.validation;
  if (validation >= all.count())
    throw Error("mnist::load: ", validation, " validation images of ", all.count(), "; leave some for training");
  out.train = all.part(0, all.count() - validation);
  out.validation = all.part(all.count() - validation, validation);
  if (!(out.test.shape() == all.shape()))
    throw Error(folder, ": the training images are ", all.shape().height, " x ", all.shape().width,
                ", the test images ", out.test.shape().height, " x ", out.test.shape().width);
  return out;
}

}  // namespace strata::mnist
