// SPDX-License-Identifier: MIT
// CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in their binary version: records of one label (of CIFAR-100 two, coarse and
// fine) and 32 x 32 pixels, all reds, then all greens, then all blues. https://www.cs.toronto.edu/~kriz/cifar.html
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/random.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/folder_listing.hpp>
#include <strata/data/free_memory.hpp>
#include <strata/data/text_lines.hpp>

namespace strata::data {

/// How CIFAR is read. The validation images are drawn from the seed.
struct CifarOptions {
  int validation = -1;     ///< images of the training set; -1: a tenth; 0: none
  std::uint64_t seed = 1;  ///< of the order in which the training images are split
  bool coarse = false;     ///< of CIFAR-100: the 20 coarse classes instead of the 100 fine ones
};

/// Records of a binary file.
struct CifarRecords {
  std::vector<std::uint8_t> pixels;  ///< [count][32][32][3]
  std::vector<std::int32_t> labels;  ///< [count]
};

namespace detail {

inline constexpr int cifar_side = 32, cifar_pixels = cifar_side * cifar_side, cifar_image = 3 * cifar_pixels;

/// Appends the records of a file. labels: of a record, 1 or 2; taken: which of them.
inline void add_cifar(const core::Bytes& file, int labels, int taken, int classes, const std::string& name,
                      CifarRecords& out) {
  const std::size_t record = std::size_t(labels) + cifar_image;
  if (file.empty() || file.size() % record != 0)
    throw Error(name, ": holds ", file.size(), " bytes, not a number of records of ", record, ' ',
                file.size() > 2 && file[0] == 0x80 ? "(is this the version for Python?)" : "(truncated?)",
                "; get the binary version of CIFAR-", labels == 1 ? 10 : 100);
  const std::size_t count = file.size() / record, first = out.labels.size();
  require_memory(count * cifar_image, name, "unpacked, it needs");
  out.pixels.resize((first + count) * cifar_image);
  for (std::size_t i = 0; i < count; i++) {
    const unsigned char* const from = file.data() + i * record;
    if (from[taken] >= classes)
      throw Error(name, ": record ", i, " has the label ", int(from[taken]), ", but there are ", classes,
                  " classes; get the file again");
    out.labels.push_back(from[taken]);
    std::uint8_t* const to = out.pixels.data() + (first + i) * cifar_image;
    for (int c = 0; c < 3; c++)
      for (int p = 0; p < cifar_pixels; p++) to[3 * p + c] = from[labels + c * cifar_pixels + p];
  }
}

/// The names of the classes, one per line; none where there is no such file.
inline std::vector<std::string> cifar_names(const std::string& path, int classes) {
  std::vector<std::string> out;
  if (!core::file_exists(path)) return out;
  const std::string text = read_text(path);
  for (TextLines lines(text, path); lines.next();) {
    if (!is_utf8(lines.line())) throw Error(path, ": line ", lines.number(), " is not UTF-8; get the file again");
    out.push_back(lines.line());
  }
  if (int(out.size()) != classes)
    throw Error(path, ": names ", out.size(), " classes, but there are ", classes, "; get the file again");
  return out;
}

/// Puts records into an order that is drawn from the seed.
inline void shuffle_records(CifarRecords& records, std::uint64_t seed) {
  core::Random random{seed, 0};
  for (std::size_t i = records.labels.size(); i-- > 1;) {
    const std::size_t j = random.below(std::uint64_t(i) + 1);
    if (i == j) continue;
    std::swap(records.labels[i], records.labels[j]);
    const auto image = [&](std::size_t at) { return records.pixels.begin() + std::ptrdiff_t(at * cifar_image); };
    std::swap_ranges(image(i), image(i + 1), image(j));
  }
}

inline Dataset cifar_set(CifarRecords records) {
  return Dataset({cifar_side, cifar_side, 3}, std::move(records.pixels), std::move(records.labels));
}

}  // namespace detail

/// Parses a file of CIFAR-10 in memory, whose records are a label and an image. `name` appears in error messages;
/// throws Error where the file is damaged.
inline CifarRecords parse_cifar10(const core::Bytes& file, const std::string& name) {
  CifarRecords out;
  detail::add_cifar(file, 1, 0, 10, name, out);
  return out;
}

/// Parses a file of CIFAR-100 in memory, whose records are a coarse label, a fine one, and an image. Throws Error
/// likewise.
inline CifarRecords parse_cifar100(const core::Bytes& file, const std::string& name, bool coarse = false) {
  CifarRecords out;
  detail::add_cifar(file, 2, coarse ? 0 : 1, coarse ? 20 : 100, name, out);
  return out;
}

/// Loads CIFAR-10 or CIFAR-100, whichever is in the folder, or in cifar-10-batches-bin or cifar-100-binary in it, as
/// the official archives unpack: images of 32 x 32 x 3 bytes, with the names of their classes. Throws Error where there
/// is neither, or both, or a file is missing or damaged.
inline Splits load_cifar(const std::string& folder, const CifarOptions& options = {}) {
  const std::string ten_below = folder + "/cifar-10-batches-bin", hundred_below = folder + "/cifar-100-binary";
  const bool has_ten = folder_exists(ten_below), has_hundred = folder_exists(hundred_below);
  if (has_ten && has_hundred)
    throw Error(folder, ": holds CIFAR-10 and CIFAR-100; give ", ten_below, " or ", hundred_below);
  const std::string at = has_ten ? ten_below : has_hundred ? hundred_below : folder;
  const bool hundred = !has_ten && core::file_exists(at + "/train.bin");
  if (!hundred && !core::file_exists(at + "/data_batch_1.bin"))
    throw Error(folder, ": holds neither data_batch_1.bin (CIFAR-10) nor train.bin (CIFAR-100)",
                core::file_exists(at + "/data_batch_1") || core::file_exists(at + "/train")
                    ? ", but the version for Python; unpack the binary version"
                    : "; give the folder that the binary version of either unpacks to");
  const int labels = hundred ? 2 : 1, taken = hundred && !options.coarse ? 1 : 0;
  Splits out;
  out.classes = !hundred ? 10 : options.coarse ? 20 : 100;
  out.name = !hundred ? "CIFAR-10" : options.coarse ? "CIFAR-100 (coarse)" : "CIFAR-100";
  out.class_names = detail::cifar_names(at + (!hundred         ? "/batches.meta.txt"
                                              : options.coarse ? "/coarse_label_names.txt"
                                                               : "/fine_label_names.txt"),
                                        out.classes);
  const auto read = [&](const std::string& path, CifarRecords& to) {
    detail::add_cifar(core::read_file(path), labels, taken, out.classes, path, to);
  };
  CifarRecords train, test;
  if (hundred) {
    read(at + "/train.bin", train);
  } else {
    for (const char* number : {"1", "2", "3", "4", "5"}) read(at + "/data_batch_" + number + ".bin", train);
  }
  read(at + (hundred ? "/test.bin" : "/test_batch.bin"), test);
  detail::shuffle_records(train, options.seed);
  const Dataset all = detail::cifar_set(std::move(train));
  const int validation = options.validation < 0 ? all.count() / 10 : options.validation;
  if (validation >= all.count())
    throw Error("load_cifar: ", validation, " validation images of ", all.count(), "; leave some for training");
  out.train = all.part(0, all.count() - validation);
  out.validation = all.part(all.count() - validation, validation);
  out.test = detail::cifar_set(std::move(test));
  return out;
}

}  // namespace strata::data
