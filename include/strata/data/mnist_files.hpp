// SPDX-License-Identifier: MIT
// The four IDX files of MNIST and of data sets in its format: the names under which they are distributed, and where
// they are in a folder.
#pragma once

#include <dirent.h>
#include <stdlib.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>

namespace strata::mnist {

/// The name of a file, without ".gz", and the SHA-256 of MNIST's decompressed bytes.
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

namespace detail {

/// The path of a file that begins with `start`, "FOLDER/" or, for one of several sets, "FOLDER/SET-": under LeCun's
/// name or EMNIST's ("test-..."), either also with a dot in place of the second hyphen (Kaggle's copy, 7-Zip); plain,
/// .gz, or in a folder of the same name. Empty where it is missing.
inline std::string find_from(const std::string& start, const File& file) {
  const std::string name = file.name, part = name.substr(name.find('-'));  // "-images-idx3-ubyte"
  std::vector<std::string> spellings{name};
  if (name.starts_with("t10k")) spellings.push_back("test" + part);
  for (std::size_t i = 0, count = spellings.size(); i < count; i++) {
    std::string dotted = spellings[i];
    dotted[dotted.rfind("-idx")] = '.';
    spellings.push_back(dotted);
  }
  for (const std::string& spelling : spellings)
    for (const std::string& path : {start + spelling, start + spelling + ".gz", start + spelling + "/" + spelling})
      if (core::file_exists(path)) return path;
  return "";
}

inline int count_from(const std::string& start) {
  int count = 0;
  for (const File& file : files) count += !find_from(start, file).empty();
  return count;
}

/// The starts ("FOLDER/emnist-letters-", ...) of the complete sets that share a folder.
inline std::vector<std::string> sets_of(const std::string& folder) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    const std::string name = entry->d_name;
    const std::size_t at = name.find("-train-labels");
    if (at == std::string::npos || at == 0) continue;
    const std::string start = folder + "/" + name.substr(0, at + 1);
    if (count_from(start) == 4) out.push_back(start);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// What the paths of a set's files begin with: "PLACE/", one of torchvision's folders below it, "PLACE-", or the start
/// of the only set in the folder. Throws Error where the folder holds several sets.
inline std::string start_of(const std::string& place) {
  std::string best = place + "/";
  int most = count_from(best);
  const auto take = [&](const std::string& start) {
    const int count = count_from(start);
    if (count > most) best = start, most = count;
  };
  for (const char* below : {"/raw/", "/MNIST/raw/", "/FashionMNIST/raw/", "/KMNIST/raw/"}) take(place + below);
  if (!place.ends_with('/')) take(place + "-");
  if (most > 0) return best;
  const std::vector<std::string> sets = sets_of(place);
  if (sets.size() < 2) return sets.empty() ? best : sets[0];
  std::string names;
  for (const std::string& set : sets) names += (names.empty() ? "" : ", ") + set.substr(0, set.size() - 1);
  throw Error(place, ": holds several sets; give one of ", names);
}

/// The name of the set whose paths begin with `start`: its prefix, or its folder, skipping a folder "raw".
inline std::string name_of_start(std::string start) {
  if (start.ends_with("/raw/")) start.resize(start.size() - 4);
  const std::size_t slash = start.find_last_of('/', start.size() - 2);
  std::string name = start.substr(slash == std::string::npos ? 0 : slash + 1);
  name.pop_back();
  if (!start.ends_with('/') || (name != "." && name != ".." && !name.empty())) return name;
  const std::unique_ptr<char, void (*)(void*)> whole(::realpath(start.c_str(), nullptr), ::free);
  const std::string path = whole ? whole.get() : "";
  return path.size() < 2 ? "a set" : path.substr(path.rfind('/') + 1);
}

}  // namespace detail

/// The path of a file of the set in a folder, plain or .gz; empty where it is missing.
inline std::string find(const std::string& folder, const File& file) {
  return detail::find_from(detail::start_of(folder), file);
}

/// Whether a folder holds all four files of a set.
inline bool complete(const std::string& folder) { return detail::count_from(detail::start_of(folder)) == 4; }

}  // namespace strata::mnist
