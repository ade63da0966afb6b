// SPDX-License-Identifier: MIT
// NumPy's archives of named arrays: ZIP files of .npy files, as numpy.savez and savez_compressed write them. Needs
// strata::idx (zlib).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <strata/data/npy.hpp>
#include <strata/data/zip.hpp>

namespace strata::data {

/// An archive in memory; an array is unpacked when it is asked for.
class Npz {
 public:
  /// `name` appears in error messages. Throws Error where the archive is damaged.
  Npz(core::Bytes bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)), entries_(parse_zip(bytes_, name_)) {
    for (ZipEntry& entry : entries_)
      if (entry.name.ends_with(".npy")) entry.name.resize(entry.name.size() - 4);
  }

  /// The names of the arrays, in the order of the file.
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const ZipEntry& entry : entries_) out.push_back(entry.name);
    return out;
  }
  /// Whether there is an array of this name.
  bool has(const std::string& array) const { return find(array); }
  /// The array of this name; `memory`: bytes to allow instead of the free memory. Throws Error where there is none, or
  /// it is damaged.
  NumberArray read(const std::string& array, std::optional<long> memory = {}) const {
    const ZipEntry* const entry = find(array);
    if (!entry) {
      std::string all;
      for (const ZipEntry& other : entries_)
        if (all.size() < 200) all += (all.empty() ? "" : ", ") + core::printable(other.name.substr(0, 100));
      throw Error(name_, ": has no array ", array, "; it has ", all.empty() ? "none" : all);
    }
    return parse_npy(unzip(bytes_, *entry, name_, memory), name_ + ": " + core::printable(entry->name), memory);
  }

 private:
  const ZipEntry* find(const std::string& array) const {
    for (const ZipEntry& entry : entries_)
      if (entry.name == array) return &entry;
    return nullptr;
  }

  core::Bytes bytes_;
  std::string name_;
  std::vector<ZipEntry> entries_;
};

/// The same from a file. Throws Error where it cannot be read or is damaged.
inline Npz read_npz(const std::string& path) { return Npz(core::read_file(path), path); }

/// Two arrays of a file as a Dataset: see dataset_of(). Throws Error as read_npz() and dataset_of() do.
inline Dataset load_npz(const std::string& path, const std::string& images, const std::string& targets,
                        Shape shape = {}) {
  const Npz file = read_npz(path);
  return dataset_of(file.read(images), file.read(targets), shape);
}

}  // namespace strata::data
