// SPDX-License-Identifier: MIT
// Folders of pictures, one for each class: FOLDER/CLASS/NAME.png, or FOLDER/train/CLASS, FOLDER/val/CLASS and
// FOLDER/test/CLASS. Needs strata::png (libpng) and strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/available_memory.hpp>
#include <strata/core/class_names.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/data/center_crop.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/drawn_order.hpp>
#include <strata/data/folder_listing.hpp>
#include <strata/data/image_file.hpp>

namespace strata::data {

/// How class_folder() reads a folder.
struct ClassFolderOptions {
  Shape shape{};            ///< of an image in memory: the network's input, with 1 channel (gray) or 3 (RGB)
  int shorter = 0;          ///< of an image before its middle is taken (center_crop); 0: it just covers `shape`
  std::uint64_t seed = 1;   ///< of the order of the training images, and of the choice of those that validate
  double validation = 0.1;  ///< share of each class, from 0 to below 1, where no folder holds images for validation
  int threads = 0;          ///< that decode; 0: one per core available to this process
};

namespace detail {

/// A picture's path and its class.
struct ClassFile {
  std::string path;
  std::int32_t label = 0;
};

/// The pictures of a part in the order of the classes and of their names. Throws Error where a folder is not one of the
/// classes, or holds no picture.
inline std::vector<ClassFile> class_files(const std::string& part, const std::vector<std::string>& classes) {
  std::vector<ClassFile> out;
  for (const std::string& name : folders_of(part)) {
    const auto at = std::lower_bound(classes.begin(), classes.end(), name);
    if (at == classes.end() || *at != name)
      throw Error(part, "/", name, ": is a class that the training images do not have; add some, or remove the folder");
    const std::vector<std::string> pictures = pictures_of(part + "/" + name);
    if (pictures.empty())
      throw Error(part, "/", name, ": holds no PNG or JPEG picture; add some, or remove the folder");
    for (const std::string& picture : pictures)
      out.push_back({part + "/" + name + "/" + picture, std::int32_t(at - classes.begin())});
  }
  return out;
}

inline void shuffle(std::vector<ClassFile>& files, std::uint64_t seed) {
  std::vector<ClassFile> drawn;
  for (const int i : drawn_order(int(files.size()), seed)) drawn.push_back(std::move(files[std::size_t(i)]));
  files = std::move(drawn);
}

/// Moves this share of each class, rounded, to the second list; one image of a class stays.
inline std::vector<ClassFile> drawn_for_validation(std::vector<ClassFile>& files, double share, std::size_t classes) {
  std::vector<long> left(classes, 0);
  for (const ClassFile& file : files) left[std::size_t(file.label)]++;
  for (long& count : left) count = std::min(long(share * double(count) + 0.5), count - 1);
  std::vector<ClassFile> rest, out;
  for (ClassFile& file : files) (left[std::size_t(file.label)]-- > 0 ? out : rest).push_back(std::move(file));
  files = std::move(rest);
  return out;
}

/// Decodes the files. Throws the Error of the first that cannot be, whatever the threads.
inline Dataset decoded(const std::vector<ClassFile>& files, const ClassFolderOptions& options, core::Workers& workers) {
  const std::size_t size = std::size_t(options.shape.size());
  std::vector<std::uint8_t> bytes(files.size() * size);
  std::vector<std::int32_t> labels;
  labels.reserve(files.size());
  for (const ClassFile& file : files) labels.push_back(file.label);
  std::mutex mutex;
  int failed = int(files.size());  // the first file that cannot be decoded
  std::string why;
  workers.run([&](core::Team& team) {
    team.for_each(int(files.size()), [&](int i, int) {
      {
        const std::lock_guard lock(mutex);
        if (i > failed) return;
      }
      const std::string& path = files[std::size_t(i)].path;
      const auto fail = [&](const std::string& reason) {
        const std::lock_guard lock(mutex);
        if (i < failed) failed = i, why = reason;
      };
      try {
        const Picture image = center_crop(read_picture(path), options.shape, options.shorter, path);
        std::copy(image.bytes.begin(), image.bytes.end(), bytes.begin() + i * long(size));
      } catch (const std::bad_alloc&) {
        fail(path + ": needs more memory than this process can get; give a smaller picture, or use fewer threads");
      } catch (const std::exception& error) {
        fail(error.what());
      }
    });
  });
  if (failed < int(files.size())) throw Error(why);
  return Dataset(options.shape, std::move(bytes), std::move(labels));
}

inline void check_options(const ClassFolderOptions& options) {
  const Shape s = options.shape;
  const auto side = [](int n) { return n >= 1 && n <= picture_side; };
  if (!side(s.height) || !side(s.width) || (s.channels != 1 && s.channels != 3))
    throw Error("class_folder: the shape is ", s.height, " x ", s.width, " x ", s.channels,
                "; give that of the network's input, with 1 channel or 3");
  if (options.shorter < 0 || options.shorter > picture_side)
    throw Error("class_folder: the shorter side is ", options.shorter, "; give 0 to ", picture_side);
  if (!(options.validation >= 0 && options.validation < 1))
    throw Error("class_folder: the share of images for validation is ", options.validation, "; give 0 to below 1");
}

/// Throws Error where the images are too many for the free memory.
inline void check_room(std::size_t images, const ClassFolderOptions& options, const std::string& folder) {
  const double bytes = double(images) * double(options.shape.size());
  const long available = core::available_memory();
  if (images > std::size_t(1) << 30 || (available >= 0 && bytes > double(available)))
    throw Error(folder, ": ", images, " images of ", options.shape.height, " x ", options.shape.width, " x ",
                options.shape.channels, " need ", long(bytes / 1e6), " MB, but only ", available / 1'000'000,
                " MB are free; use fewer or smaller images");
}

}  // namespace detail

/// Where the classes of a folder are: in FOLDER/train if that holds folders, else in FOLDER. Throws Error where it is
/// no folder.
inline std::string class_root(const std::string& folder) {
  if (!folder_exists(folder)) throw Error(folder, ": is not a folder; give one that holds a folder for each class");
  const std::string train = folder + "/train";
  return folder_exists(train) && !folders_of(train).empty() ? train : folder;
}

/// The classes of a folder: the sorted names of the folders in its class_root(). Throws Error where there are none, or
/// a name is not plain UTF-8.
inline std::vector<std::string> class_folder_names(const std::string& folder) {
  const std::string root = class_root(folder);
  std::vector<std::string> names = folders_of(root);
  if (names.empty())
    throw Error(root, ": holds no folders; give a folder that holds one for each class, with its pictures");
  core::check_class_names(names, int(names.size()), root + ": its folders as classes");
  return names;
}

/// Reads all pictures (PNG and JPEG) of a folder of classes into memory, at the size of `options.shape`. The classes
/// are class_folder_names(); if they are in FOLDER/train, FOLDER/val and FOLDER/test hold the images of the other two
/// parts. Without images for validation, each class gives a share of its own, drawn from the seed. The training images
/// are in an order drawn from the seed. Hidden files, other files and deeper folders are ignored, and links are
/// followed. Throws Error where a folder cannot be listed or holds no picture, validation or test have a class that
/// training lacks, the images do not fit into memory, or one cannot be decoded.
inline Splits class_folder(const std::string& given, const ClassFolderOptions& options) {
  detail::check_options(options);
  std::string folder = given;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  Splits out;
  out.class_names = class_folder_names(folder);
  out.classes = int(out.class_names.size());
  out.name = name_of_folder(folder);
  const std::string root = class_root(folder);
  std::vector<detail::ClassFile> parts[3];
  parts[0] = detail::class_files(root, out.class_names);
  if (root != folder)
    for (const int part : {1, 2}) {
      const std::string path = folder + (part == 1 ? "/val" : "/test");
      if (folder_exists(path)) parts[part] = detail::class_files(path, out.class_names);
    }
  detail::shuffle(parts[0], options.seed);
  if (parts[1].empty()) parts[1] = detail::drawn_for_validation(parts[0], options.validation, out.class_names.size());
  detail::check_room(parts[0].size() + parts[1].size() + parts[2].size(), options, folder);
  core::Workers workers(options.threads);
  Dataset* const sets[] = {&out.train, &out.validation, &out.test};
  for (int part = 0; part < 3; part++) *sets[part] = detail::decoded(parts[part], options, workers);
  return out;
}

}  // namespace strata::data
