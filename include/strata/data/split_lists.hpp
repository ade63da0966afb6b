// SPDX-License-Identifier: MIT
// Splits a set by lists of images: train.txt, val.txt and test.txt, or valid.txt alone.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <strata/data/folder_listing.hpp>
#include <strata/data/text_lines.hpp>

namespace strata::data {

struct SplitParts {
  std::vector<ImagePair> train, validation, test;
};

namespace detail {

/// Finds the images that lines name. Lists carry the folders of other machines, so only the file name counts: that of
/// an image, its stem (which may contain dots), or its stem with another extension. A line may have more columns, and
/// names may contain spaces.
class ImageNames {
 public:
  explicit ImageNames(std::vector<ImagePair> images) : images_(std::move(images)) {
    std::sort(images_.begin(), images_.end(), [](const ImagePair& a, const ImagePair& b) {
      const std::string left = stem_of(a.image), right = stem_of(b.image);
      return left != right ? left < right : a.image < b.image;
    });
    for (const ImagePair& pair : images_) stems_.push_back(stem_of(pair.image));
  }

  const std::vector<ImagePair>& images() const { return images_; }

  /// The number of the image that a line names: by its first column, else by the longest prefix of that before a blank.
  /// Throws Error where no image, or more than one, has the name.
  int find(const std::string& line, int number, const std::string& list) const {
    const std::string words = line.size() <= longest_line ? first_words(line) : std::string();
    for (std::size_t size = first_column(words); size > 0; size = cut(words, size)) {
      const std::string name = words.substr(0, size);
      const int found = find_name(name.substr(name.find_last_of("/\\") + 1));
      if (found < 0) continue;
      if (std::size_t(found) + 1 < stems_.size() && stems_[std::size_t(found) + 1] == stems_[std::size_t(found)])
        throw Error(list, ": line ", number, " names ", name, ", which could be ", images_[std::size_t(found)].image,
                    " or ", images_[std::size_t(found) + 1].image, "; give the images different names");
      return found;
    }
    throw Error(list, ": line ", number, " names ", excerpt(line), ", which is not among the ", images_.size(),
                " images of the set; correct the list");
  }

 private:
  static constexpr std::size_t longest_line = 1 << 14;  // more than two Linux paths
  static constexpr int most_words = 64;                 // tried per line; no name has more

  static std::string first_words(const std::string& line) {
    std::size_t end = 0;
    for (int i = 0; i < most_words && end < line.size(); i++)
      end = std::min(line.find_first_of(" \t", line.find_first_not_of(" \t", end)), line.size());
    return line.substr(0, end);
  }

  /// The size of the longest prefix of line[0, size) that ends before a blank; 0 where there is none.
  static std::size_t cut(const std::string& line, std::size_t size) {
    const std::size_t blank = size == 0 ? std::string::npos : line.find_last_of(" \t", size - 1);
    const std::size_t last = blank == std::string::npos ? blank : line.find_last_not_of(" \t", blank);
    return last == std::string::npos ? 0 : last + 1;
  }

  /// The size of the longest prefix that ends with an image extension before the last path, and so is a column;
  /// otherwise the size of the line.
  static std::size_t first_column(const std::string& line) {
    const std::size_t slash = line.find_last_of("/\\");
    for (std::size_t size = slash == std::string::npos ? 0 : cut(line, slash); size > 0; size = cut(line, size))
      if (has_image_extension(line.substr(0, size))) return size;
    return line.size();
  }

  /// The number of the first image with the file's name or stem; -1 where there is none.
  int find_name(const std::string& file) const {
    const std::string stem = stem_of(file);
    const int whole = find_stem(file), without_ending = find_stem(stem);
    const auto is_named = [&](int i) {
      const std::string& path = images_[std::size_t(i)].image;
      return path.compare(path.rfind('/') + 1, std::string::npos, file) == 0;
    };
    return without_ending >= 0 && is_named(without_ending) ? without_ending : whole >= 0 ? whole : without_ending;
  }
  int find_stem(const std::string& stem) const {
    const auto found = std::lower_bound(stems_.begin(), stems_.end(), stem);
    return found == stems_.end() || *found != stem ? -1 : int(found - stems_.begin());
  }

  std::vector<ImagePair> images_;  // sorted by stem
  std::vector<std::string> stems_;
};

}  // namespace detail

/// Whether a folder has lists that split a set: train.txt or valid.txt.
inline bool has_split_lists(const std::string& folder) {
  return core::file_exists(folder + "/train.txt") || core::file_exists(folder + "/valid.txt");
}

/// Splits `all` by the lists of a folder, which name one image per line. With fast.ai's valid.txt and no train.txt, all
/// other images are for training. Throws Error where a list is missing or empty, or names an unknown image, or one
/// twice.
inline SplitParts split_by_lists(const std::vector<ImagePair>& all, const std::string& folder) {
  if (!has_split_lists(folder))
    throw Error(folder,
                ": holds no train.txt; write the names of the training images into it, one per line, and those ",
                "of the validation and test images into val.txt and test.txt");
  const detail::ImageNames names(all);
  std::vector<char> taken(all.size(), 0);
  const auto part = [&](const char* file) {
    const std::string list = folder + "/" + file;
    std::vector<ImagePair> out;
    if (!core::file_exists(list)) return out;
    const std::string text = read_text(list);
    for (TextLines lines(text, list); lines.next();) {
      const int found = names.find(lines.line(), lines.number(), list);
      char& seen = taken[std::size_t(found)];
      if (seen)
        throw Error(list, ": line ", lines.number(), " names ", excerpt(lines.line()),
                    " a second time; an image belongs to one part, once");
      seen = 1;
      out.push_back(names.images()[std::size_t(found)]);
    }
    if (out.empty()) throw Error(list, ": names no image; write one per line");
    return out;
  };
  SplitParts out{part("train.txt"), part("val.txt"), part("test.txt")};
  if (out.validation.empty()) out.validation = part("valid.txt");
  if (!out.train.empty()) return out;
  for (std::size_t i = 0; i < taken.size(); i++)
    if (!taken[i]) out.train.push_back(names.images()[i]);
  if (out.train.empty()) throw Error(folder, "/valid.txt: names all images; leave some for training");
  return out;
}

}  // namespace strata::data
