// SPDX-License-Identifier: MIT
// The folder layouts in which labeled images are distributed, and how they are split into training, validation and test
// sets. Needs strata::png (libpng) and strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <strata/core/random.hpp>
#include <strata/data/camvid.hpp>
#include <strata/data/folder_listing.hpp>
#include <strata/data/image_file.hpp>
#include <strata/data/split_lists.hpp>

namespace strata::data {

/// Where the parts of a set come from.
enum class Split {
  as_distributed,  ///< the folders or lists that the set comes with; random where it has neither
  random,          ///< all images, 60 / 20 / 20, drawn from the seed
  lists            ///< train.txt, optionally val.txt and test.txt; or valid.txt, all others for training
};

/// How open_segmentation() splits a set.
struct SplitOptions {
  Split how = Split::as_distributed;  ///< where the parts come from
  std::uint64_t seed = 1;             ///< of a random split
  std::string lists{};                ///< folder of the lists; empty: the folder of the set
};

/// A labeled set of pictures in files, and how it is split.
struct SegmentationFiles {
  std::string name;                                ///< of the folder
  std::string layout;                              ///< one of the layouts below, as text
  std::string how_split;                           ///< "as distributed", "random 60/20/20, seed 1", "lists of FOLDER"
  ClassList classes;                               ///< in the order of their indices
  LabelCoding coding;                              ///< how the label images encode them
  std::vector<ImagePair> train, validation, test;  ///< the parts: paths of images and labels
};

namespace detail {

inline std::vector<ImagePair> all_pairs(const SegmentationFiles& files) {
  std::vector<ImagePair> out = files.train;
  out.insert(out.end(), files.validation.begin(), files.validation.end());
  out.insert(out.end(), files.test.begin(), files.test.end());
  std::sort(out.begin(), out.end(), [](const ImagePair& a, const ImagePair& b) {
    const std::string left = stem_of(a.image), right = stem_of(b.image);
    return left != right ? left < right : a.image < b.image;
  });
  return out;
}

/// Sorts all images by name, shuffles them (Fisher-Yates) and takes round(0.6 n), round(0.2 n) and the rest.
inline void split_at_random(SegmentationFiles& files, std::uint64_t seed) {
  std::vector<ImagePair> all = all_pairs(files);
  core::Random random{seed, 0};
  for (std::size_t i = all.size(); i > 1; i--) std::swap(all[i - 1], all[random.below(i)]);
  const long n = long(all.size()), train = (6 * n + 5) / 10, validation = std::min((2 * n + 5) / 10, n - train);
  files.train.assign(all.begin(), all.begin() + train);
  files.validation.assign(all.begin() + train, all.begin() + train + validation);
  files.test.assign(all.begin() + train + validation, all.end());
  files.how_split = core::sentence("random 60/20/20, seed ", seed);
}

/// Whether a label image stores indices or colors.
inline LabelCoding::Kind stored_kind(const std::string& label) {
  const bool one = read_label_picture(label, StoredAs::index).shape.channels == 1;
  return one ? LabelCoding::Kind::index : LabelCoding::Kind::color;
}

/// Sets classes and coding from the folder's classes.txt, class_dict.csv or codes.txt, or to CamVid's where there is
/// none. CamVid's 32 names in class_dict.csv or codes.txt become its 11 classes.
inline void take_classes(SegmentationFiles& files, const std::string& folder) {
  const LabelCoding::Kind kind = stored_kind(files.train.front().label);
  const std::string list = folder + "/classes.txt", dict = folder + "/class_dict.csv", codes = folder + "/codes.txt";
  if (core::file_exists(list)) {
    files.coding = coding_of(read_class_list(list), kind, files.classes);
    return;
  }
  const bool has_dict = core::file_exists(dict), has_codes = !has_dict && core::file_exists(codes);
  if (!has_dict && !has_codes) {
    files.classes = camvid::classes();
    files.coding = kind == LabelCoding::Kind::index ? camvid::index_coding() : camvid::color_coding();
    return;
  }
  const std::string& path = has_dict ? dict : codes;
  const ClassList named = has_dict ? read_class_dict(dict) : read_class_names(codes);
  const bool colored = has_codes && kind == LabelCoding::Kind::color;
  if (colored && !camvid::are_originals(named))
    throw Error(path, ": names classes without colors, but the labels are colors; write \"R G B name\" lines into ",
                list);
  if (colored) {
    files.classes = camvid::classes(), files.coding = camvid::color_coding();
  } else if (camvid::are_originals(named)) {
    files.classes = camvid::classes(), files.coding = camvid::coding(named, kind, path);
  } else {
    files.coding = coding_of(named, kind, files.classes);
  }
}

/// Pairs the files of a set whose parts have separate folders: train and, where present, val and test, each with a
/// folder of labels.
inline void take_parts(SegmentationFiles& files, const std::string& folder, const std::string& label_folders,
                       const std::string& suffix) {
  const auto part = [&](const std::string& name) {
    const std::string images = folder + "/" + name, labels = images + label_folders;
    const bool there = folder_exists(images) || folder_exists(labels);
    return there ? pair_folders(images, labels, suffix) : std::vector<ImagePair>();
  };
  files.train = part("train"), files.validation = part("val"), files.test = part("test");
}

}  // namespace detail

/// Detects the layout of a folder, pairs its files and splits them. Throws Error where the layout is unknown, a file
/// has no counterpart, or a list is malformed. The layouts:
///   701_StillsRaw_full + LabeledApproved_full   CamVid as distributed: labels NAME_L.png in 32 colors
///   train + train_labels, val + val_labels ...  Kaggle's: labels NAME_L.png; class_dict.csv, one "name,r,g,b" per line
///   train + trainannot, val + valannot, test …  the SegNet tutorial's: CamVid's 11 classes or those of classes.txt
///   images + labels + classes.txt               one "R G B name" per line; labels are line indices or these colors
///   images + labels + class_dict.csv            the same with one "name,r,g,b" per line
///   images + labels + codes.txt                 fast.ai's: labels NAME_P.png, line indices; valid.txt
inline SegmentationFiles open_segmentation(const std::string& given, const SplitOptions& options = {}) {
  std::string folder = given;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  if (!folder_exists(folder)) throw Error(given, ": is not a folder; give the folder of a labeled set of pictures");
  const auto has = [&](const char* part) { return folder_exists(folder + "/" + part); };
  SegmentationFiles out;
  out.name = folder.substr(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/') + 1);
  bool divided = false;
  if (has("701_StillsRaw_full") && has("LabeledApproved_full")) {
    out.layout = "CamVid's own (701_StillsRaw_full, LabeledApproved_full)";
    out.train = pair_folders(folder + "/701_StillsRaw_full", folder + "/LabeledApproved_full", "_L");
    out.classes = camvid::classes();
    const std::string list = folder + "/label_colors.txt";
    out.coding = core::file_exists(list) ? camvid::color_coding(read_class_list(list), list) : camvid::color_coding();
  } else if (has("train") && has("train_labels")) {
    out.layout = "Kaggle's (train, train_labels, ...)";
    detail::take_parts(out, folder, "_labels", "_L");
    detail::take_classes(out, folder);
    divided = true;
  } else if (has("train") && has("trainannot")) {
    out.layout = "the SegNet tutorial's (train, trainannot, ...)";
    detail::take_parts(out, folder, "annot", "");
    detail::take_classes(out, folder);
    divided = true;
  } else if (has("images") && has("labels")) {
    const auto has_list = [&](const char* list) { return core::file_exists(folder + "/" + list); };
    out.layout = has_list("classes.txt")      ? "images, labels and classes.txt"
                 : has_list("class_dict.csv") ? "images, labels and class_dict.csv"
                                              : "fast.ai's (images, labels and codes.txt)";
    if (!has_list("classes.txt") && !has_list("class_dict.csv") && !has_list("codes.txt"))
      throw Error(folder, ": lacks classes.txt; write a line \"R G B name\" for each class into it");
    out.train = pair_folders(folder + "/images", folder + "/labels", "_P");
    detail::take_classes(out, folder);
  } else {
    throw Error(
        folder, ": has an unknown layout; known layouts are 701_StillsRaw_full with LabeledApproved_full, train with ",
        "trainannot or train_labels (val and test likewise), and images with labels and classes.txt or codes.txt");
  }
  const bool has_lists = !options.lists.empty() || has_split_lists(folder);
  if (options.how == Split::lists || (options.how == Split::as_distributed && !divided && has_lists)) {
    const std::string lists = options.lists.empty() ? folder : options.lists;
    SplitParts parts = split_by_lists(detail::all_pairs(out), lists);
    out.train = std::move(parts.train), out.validation = std::move(parts.validation), out.test = std::move(parts.test);
    out.how_split = "lists of " + lists;
  } else if (options.how == Split::random || !divided) {
    detail::split_at_random(out, options.seed);
  } else {
    out.how_split = "as distributed";
  }
  return out;
}

}  // namespace strata::data
