// SPDX-License-Identifier: MIT
// The image files of a folder, and the pairing of images with label images of the same name.
#pragma once

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

#include <strata/core/error.hpp>
#include <strata/core/text/text.hpp>

namespace strata::data {

/// Paths of an image and of its label image.
struct ImagePair {
  std::string image, label;
};

inline bool folder_exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// "a/b.c.png" -> "b.c": the part of the name that an image and its labels share.
inline std::string stem_of(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::size_t dot = file.rfind('.');
  return dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
}

namespace detail {

/// Whether the extension is .png, .jpg or .jpeg, in any case.
inline bool has_image_extension(const std::string& file) {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string::npos || dot == 0) return false;
  std::string ending;
  for (std::size_t i = dot; i < file.size(); i++) ending += core::lower(file[i]);
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

/// "x_L" -> "x" where `suffix` is "_L"; a stem without the suffix is unchanged.
inline std::string without_suffix(const std::string& stem, const std::string& suffix) {
  const bool has = stem.size() > suffix.size() && stem.compare(stem.size() - suffix.size(), suffix.size(), suffix) == 0;
  return has ? stem.substr(0, stem.size() - suffix.size()) : stem;
}

}  // namespace detail

/// The sorted names in a folder for which wanted(name), without hidden ones. Throws Error where it cannot be listed.
template <class Wanted>
std::vector<std::string> names_in(const std::string& folder, Wanted&& wanted) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
  if (!directory) throw Error(folder, ": cannot be listed: ", core::reason(errno));
  std::vector<std::string> out;
  while (const dirent* entry = ::readdir(directory.get()))
    if (entry->d_name[0] != '.' && wanted(std::string(entry->d_name))) out.emplace_back(entry->d_name);
  std::sort(out.begin(), out.end());
  return out;
}

/// The sorted names of a folder's PNG and JPEG files, without hidden ones. Throws Error where it cannot be listed.
inline std::vector<std::string> pictures_of(const std::string& folder) {
  return names_in(folder, detail::has_image_extension);
}

/// The sorted names of the folders in a folder, likewise.
inline std::vector<std::string> folders_of(const std::string& folder) {
  return names_in(folder, [&](const std::string& name) { return folder_exists(folder + "/" + name); });
}

/// The last name of a folder's path, which may end in slashes: the name of a set.
inline std::string name_of_folder(const std::string& path) {
  const std::string plain = path.substr(0, path.find_last_not_of('/') + 1);
  return plain.substr(plain.rfind('/') + 1);
}

/// Pairs each image of one folder with the label image in the other that has the same stem, or that stem plus `suffix`.
/// With the suffix "_L", labels x_L belong to an image x_L if there is one and no labels x_L_L, otherwise to x. Throws
/// Error where an image has no labels, labels have no image, or two files of a folder have the same stem.
inline std::vector<ImagePair> pair_folders(const std::string& images, const std::string& labels,
                                           const std::string& suffix) {
  struct Name {
    std::string stem, file;
    bool operator<(const Name& other) const { return stem < other.stem; }
  };
  const auto names = [](const std::string& folder) {
    std::vector<Name> out;
    for (const std::string& file : pictures_of(folder)) out.push_back({stem_of(file), file});
    std::sort(out.begin(), out.end());
    return out;
  };
  const auto has = [](const std::vector<Name>& sorted, const std::string& stem) {
    return std::binary_search(sorted.begin(), sorted.end(), Name{stem, ""});
  };
  const auto check = [](const std::string& folder, const std::vector<Name>& sorted) {
    for (std::size_t i = 1; i < sorted.size(); i++)
      if (sorted[i].stem == sorted[i - 1].stem)
        throw Error(folder, ": holds both ", sorted[i - 1].file, " and ", sorted[i].file, "; keep one of them");
  };
  const std::vector<Name> a = names(images), as_stored = names(labels);
  std::vector<Name> b = as_stored;
  for (Name& label : b)
    if (!has(a, label.stem) || has(as_stored, label.stem + suffix))
      label.stem = detail::without_suffix(label.stem, suffix);
  std::sort(b.begin(), b.end());
  check(images, a), check(labels, b);
  if (a.empty()) throw Error(images, ": holds no PNG or JPEG picture; give a folder with images");
  std::vector<ImagePair> out;
  std::size_t j = 0;
  for (const Name& image : a) {
    if (j < b.size() && b[j].stem < image.stem) break;
    if (j == b.size() || b[j].stem != image.stem)
      throw Error(images, "/", image.file, ": has no labels; put ", image.stem, ".png ",
                  suffix.empty() ? "" : "or " + image.stem + suffix + ".png ", "into ", labels, " or remove the image");
    out.push_back({images + "/" + image.file, labels + "/" + b[j++].file});
  }
  if (j < b.size())
    throw Error(labels, "/", b[j].file, ": labels an image that does not exist; put ", b[j].stem, ".png into ", images,
                " or remove the labels");
  return out;
}

}  // namespace strata::data
