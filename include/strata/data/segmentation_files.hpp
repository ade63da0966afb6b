// SPDX-License-Identifier: MIT
// The folders in which labelled pictures are distributed, and how they are split into training, validation and test. Needs
// strata::png (libpng) and strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <strata/core/random.hpp>
#include <strata/data/camvid.hpp>
#include <strata/data/folder_listing.hpp>
#include <strata/data/image_file.hpp>

namespace strata {

enum class Split {
  as_distributed,  ///< the folders or the lists that the set comes with; where it has neither: random
  random,          ///< all pictures, 60 / 20 / 20, drawn from the seed
  lists            ///< train.txt and, where they are there, val.txt and test.txt
};

struct SplitOptions {
  Split how = Split::as_distributed;
  std::uint64_t seed = 1;
  std::string lists{};  ///< folder of the lists; empty: that of the set
};

struct SegmentationFiles {
  std::string name;       ///< of the folder
  std::string layout;     ///< which of the layouts below
  std::string how_split;  ///< "as distributed", "random 60/20/20, seed 1", "lists of FOLDER"
  ClassList classes;
  LabelCoding coding;
  std::vector<ImagePair> train, validation, test;
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

/// round(0.6 n), round(0.2 n) and the rest, of the pictures in the order of their names, shuffled (Fisher, Yates).
inline void split_at_random(SegmentationFiles& files, std::uint64_t seed) {
  std::vector<ImagePair> all = all_pairs(files);
  Random random{seed, 0};
  for (std::size_t i = all.size(); i > 1; i--) std::swap(all[i - 1], all[random.below(i)]);
  const long n = long(all.size()), train = (6 * n + 5) / 10, validation = std::min((2 * n + 5) / 10, n - train);
  files.train.assign(all.begin(), all.begin() + train);
  files.validation.assign(all.begin() + train, all.begin() + train + validation);
  files.test.assign(all.begin() + train + validation, all.end());
  files.how_split = sentence("random 60/20/20, seed ", seed);
}

/// The pairs that a list names, by the stem of the first word of each line: lists carry the folders of other machines.
inline std::vector<ImagePair> listed(const std::string& list, const std::vector<ImagePair>& all, std::vector<char>& taken) {
  const Bytes bytes = read_file(list);
  const std::string text(bytes.begin(), bytes.end());
  std::vector<ImagePair> out;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t first = text.find_first_not_of(" \t\r", at), last = text.find_first_of(" \t\r\n", std::min(first, end));
    at = end + 1;
    number++;
    if (first >= end) continue;
    const std::string name = text.substr(first, std::min(last, end) - first), stem = stem_of(name);
    const auto found = std::lower_bound(all.begin(), all.end(), stem,
                                        [](const ImagePair& pair, const std::string& s) { return stem_of(pair.image) < s; });
    if (found == all.end() || stem_of(found->image) != stem)
      throw Error(list, ": line ", number, " names ", name, ", which is not among the ", all.size(),
                  " images of the set; correct the list");
    if (found + 1 != all.end() && stem_of(found[1].image) == stem)
      throw Error(list, ": line ", number, " names ", name, ", which could be ", found->image, " or ", found[1].image,
                  "; give the images names of their own");
    char& seen = taken[std::size_t(found - all.begin())];
    if (seen) throw Error(list, ": line ", number, " names ", name, " for the second time; an image belongs to one part, once");
    seen = 1;
    out.push_back(*found);
  }
  if (out.empty()) throw Error(list, ": names no image; write one a line");
  return out;
}

inline void split_by_lists(SegmentationFiles& files, const std::string& folder) {
  if (!file_exists(folder + "/train.txt"))
    throw Error(folder, ": holds no train.txt; write the names of the images to train with into it, one a line, and those ",
                "to validate and test with into val.txt and test.txt");
  const std::vector<ImagePair> all = all_pairs(files);
  std::vector<char> taken(all.size(), 0);
  const auto part = [&](const char* file) {
    const std::string path = folder + "/" + file;
    return file_exists(path) ? listed(path, all, taken) : std::vector<ImagePair>();
  };
  files.train = part("train.txt"), files.validation = part("val.txt"), files.test = part("test.txt");
  files.how_split = "lists of " + folder;
}

/// Whether the label picture stores indices or colours.
inline LabelCoding::Kind stored_kind(const std::string& label) {
  const bool one = read_label_picture(label, StoredAs::index).shape.channels == 1;
  return one ? LabelCoding::Kind::index : LabelCoding::Kind::colour;
}

/// classes.txt of the folder, or CamVid's classes where there is none.
inline void take_classes(SegmentationFiles& files, const std::string& folder) {
  const std::string list = folder + "/classes.txt";
  const LabelCoding::Kind kind = stored_kind(files.train.front().label);
  if (file_exists(list)) {
    files.coding = coding_of(read_class_list(list), kind, files.classes);
    return;
  }
  files.classes = camvid::classes();
  files.coding = kind == LabelCoding::Kind::index ? camvid::index_coding() : camvid::colour_coding();
}

}  // namespace detail

/// Finds out which layout the folder has, pairs its files, and splits them:
///   701_StillsRaw_full + LabeledApproved_full   CamVid as distributed: labels NAME_L.png in 32 colours
///   train + trainannot, val + valannot, test …  the SegNet tutorial's; 11 classes of CamVid or those of classes.txt
///   images + labels + classes.txt               "R G B name" a line; labels are indices of the lines, or their colours
inline SegmentationFiles open_segmentation(const std::string& given, const SplitOptions& options = {}) {
  std::string folder = given;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  if (!folder_exists(folder)) throw Error(given, ": is no folder; give the folder of a labelled set of pictures");
  const auto has = [&](const char* part) { return folder_exists(folder + "/" + part); };
  SegmentationFiles out;
  out.name = folder.substr(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/') + 1);
  bool divided = false;
  if (has("701_StillsRaw_full") && has("LabeledApproved_full")) {
    out.layout = "CamVid's own (701_StillsRaw_full, LabeledApproved_full)";
    out.train = pair_folders(folder + "/701_StillsRaw_full", folder + "/LabeledApproved_full", "_L");
    out.classes = camvid::classes();
    const std::string list = folder + "/label_colors.txt";
    out.coding = file_exists(list) ? camvid::colour_coding(read_class_list(list), list) : camvid::colour_coding();
  } else if (has("train") && has("trainannot")) {
    out.layout = "the SegNet tutorial's (train, trainannot, ...)";
    const auto part = [&](const std::string& name) {
      const bool there = has(name.c_str()) || has((name + "annot").c_str());
      return there ? pair_folders(folder + "/" + name, folder + "/" + name + "annot", "") : std::vector<ImagePair>();
    };
    out.train = part("train"), out.validation = part("val"), out.test = part("test");
    detail::take_classes(out, folder);
    divided = true;
  } else if (has("images") && has("labels")) {
    out.layout = "images, labels and classes.txt";
    if (!file_exists(folder + "/classes.txt"))
      throw Error(folder, ": lacks classes.txt; write a line \"R G B name\" for each class into it");
    out.train = pair_folders(folder + "/images", folder + "/labels", "");
    detail::take_classes(out, folder);
  } else {
    throw Error(folder, ": has no layout that is known; known are 701_StillsRaw_full with LabeledApproved_full, train with ",
                "trainannot (val and test likewise), and images with labels and classes.txt");
  }
  const bool has_lists = !options.lists.empty() || file_exists(folder + "/train.txt");
  if (options.how == Split::lists || (options.how == Split::as_distributed && !divided && has_lists))
    detail::split_by_lists(out, options.lists.empty() ? folder : options.lists);
  else if (options.how == Split::random || !divided)
    detail::split_at_random(out, options.seed);
  else
    out.how_split = "as distributed";
  return out;
}

}  // namespace strata
