// SPDX-License-Identifier: MIT
// The images of a folder with the labels of a table: lines "file,label" and more (label_table.hpp). Needs strata::png
// (libpng) and strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/drawn_order.hpp>
#include <strata/data/folder_listing.hpp>
#include <strata/data/image_file.hpp>
#include <strata/data/label_table.hpp>
#include <strata/data/resize.hpp>

namespace strata::data {

/// How a table of labels and its images are read.
struct CsvOptions {
  CsvFormat format{};             ///< of the table
  Resize resize = Resize::scale;  ///< for images of another size than the input's
  double validation = 0;          ///< part of the images, drawn from the seed
  std::uint64_t seed = 1;         ///< of the order in which they are split
};

namespace detail {

/// The path of a file of the table in the folder, also without its extension. Throws Error where it leaves the folder,
/// or there is none.
inline std::string path_in_folder(const std::string& folder, std::string file, const std::string& table) {
  std::replace(file.begin(), file.end(), '\\', '/');
  if (file.starts_with('/') || ("/" + file + "/").find("/../") != std::string::npos)
    throw Error(table, ": names the file ", excerpt(file), ", which is not in ", folder,
                "; give paths below that folder");
  const std::string path = folder + "/" + file;
  for (const char* ending : {"", ".png", ".jpg", ".jpeg"})
    if (core::file_exists(path + ending)) return path + ending;
  throw Error(table, ": names the file ", excerpt(file), ", which is not in ", folder,
              "; give the folder that has the images");
}

/// Appends an image of 1 or 3 channels at the size of `input`.
inline void add_picture(Picture picture, Shape input, Resize how, const std::string& path,
                        std::vector<std::uint8_t>& to) {
  picture = fit_picture(std::move(picture), {input.height, input.width, 3}, how, path);
  if (input.channels == 3) {
    to.insert(to.end(), picture.bytes.begin(), picture.bytes.end());
    return;
  }
  for (std::size_t p = 0; p < picture.bytes.size(); p += 3)
    to.push_back(
        std::uint8_t((299 * picture.bytes[p] + 587 * picture.bytes[p + 1] + 114 * picture.bytes[p + 2] + 500) / 1000));
}

}  // namespace detail

/// Reads the images that a table lists from a folder, at the size of `input`, of 3 channels (red, green, blue) or 1
/// (gray). Labels or targets are those of the table, in the order of its rows where nothing is left for validation.
/// Throws Error where a file is missing or damaged, or there is not enough memory.
inline Splits load_csv_labels(const std::string& table, const std::string& folder, Shape input,
                              const CsvOptions& options = {}) {
  if (input.height < 1 || input.width < 1 || (input.channels != 1 && input.channels != 3))
    throw Error("load_csv_labels: images of ", input.height, " x ", input.width, " x ", input.channels,
                "; give a height, a width and 1 or 3 channels");
  const LabelTable labels = parse_label_table(read_text(table), table, options.format);
  const int count = int(labels.files.size()),
            validation = validation_samples(count, options.validation, "load_csv_labels");
  std::vector<int> order = drawn_order(count, options.seed);
  if (validation == 0) std::sort(order.begin(), order.end());
  const std::size_t size = std::size_t(count) * std::size_t(input.size());
  require_memory(size, table, "its images need");
  std::vector<std::uint8_t> bytes;
  bytes.reserve(size);
  std::vector<std::int32_t> chosen;
  std::vector<float> targets;
  const long per_file = labels.targets_per_file;
  for (const int i : order) {
    const std::string path = detail::path_in_folder(folder, labels.files[std::size_t(i)], table);
    detail::add_picture(read_picture(path), input, options.resize, path, bytes);
    if (per_file == 0) chosen.push_back(labels.labels[std::size_t(i)]);
    else
      targets.insert(targets.end(), labels.targets.begin() + i * per_file, labels.targets.begin() + (i + 1) * per_file);
  }
  const Dataset all = per_file == 0 ? Dataset(input, std::move(bytes), std::move(chosen))
                                    : Dataset(input, std::move(bytes), std::move(targets), per_file);
  Splits out;
  out.name = stem_of(table);
  out.classes = labels.classes, out.class_names = labels.names;
  out.train = all.part(0, count - validation), out.validation = all.part(count - validation, validation);
  return out;
}

}  // namespace strata::data
