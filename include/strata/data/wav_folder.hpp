// SPDX-License-Identifier: MIT
// Sounds by class: FOLDER/CLASS/NAME.wav, as in Speech Commands (Warden, arXiv 1804.03209), whose lists of files
// validation_list.txt and testing_list.txt split the set.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/class_names.hpp>
#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/text/text.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/drawn_order.hpp>
#include <strata/data/folder_listing.hpp>
#include <strata/data/free_memory.hpp>
#include <strata/data/text_lines.hpp>
#include <strata/data/wav.hpp>

namespace strata::data {

/// How a folder of sounds is read.
struct WavOptions {
  int rate = 0;             ///< frames per second that all files must have; 0: those of the first file
  double validation = 0.1;  ///< part of the sounds, drawn from the seed, where no list says which
  std::uint64_t seed = 1;   ///< of the order of the sounds, by which they are split
};

namespace detail {

/// A sound of a folder.
struct ClassifiedFile {
  std::string path;  ///< below the folder: "CLASS/NAME.wav"
  int label = 0;
};

inline bool is_sound(const std::string& file) {
  std::string ending = file.size() < 5 ? "" : file.substr(file.size() - 4);
  for (char& c : ending) c = core::lower(c);
  return ending == ".wav" && file[0] != '_';
}

/// Whether the sorted files are in a list: 0 or 1 for each; none where there is no such list.
inline std::vector<char> listed(const std::vector<ClassifiedFile>& files, const std::string& list) {
  std::vector<char> out;
  if (!core::file_exists(list)) return out;
  out.assign(files.size(), 0);
  const std::string text = read_text(list);
  for (TextLines lines(text, list); lines.next();) {
    const auto found = std::lower_bound(files.begin(), files.end(), lines.line(),
                                        [](const ClassifiedFile& f, const std::string& path) { return f.path < path; });
    if (found == files.end() || found->path != lines.line())
      throw Error(list, ": line ", lines.number(), " names ", excerpt(lines.line()),
                  ", which is not in the folder; correct the list");
    out[std::size_t(found - files.begin())] = 1;
  }
  return out;
}

}  // namespace detail

/// Reads the sounds of a folder, cut or padded with zeros to `signal`, 1 x length x channels. The classes are its
/// folders, sorted by name, but for those that begin with a dot or an underscore. The sounds of validation_list.txt and
/// testing_list.txt, one path below the folder per line, are for validation and test; without a list for validation, a
/// part is drawn. Throws Error where a file is damaged or has another rate, or there is not enough memory.
inline Splits load_wav_folder(const std::string& folder, Shape signal, const WavOptions& options = {}) {
  if (signal.height != 1 || signal.width < 1 || signal.channels < 1)
    throw Error("load_wav_folder: signals of ", signal.height, " x ", signal.width, " x ", signal.channels,
                "; give 1 x length x channels, as Signal<length, channels>");
  Splits out;
  std::vector<detail::ClassifiedFile> files;
  for (const std::string& name : folders_of(folder)) {
    if (name[0] == '_') continue;
    for (const std::string& file : names_in(folder + "/" + name, detail::is_sound))
      files.push_back({name + "/" + file, int(out.class_names.size())});
    out.class_names.push_back(name);
  }
  if (files.empty())
    throw Error(folder, ": holds no sound; give a folder that has a folder of WAV files for each class");
  out.classes = int(out.class_names.size());
  core::check_class_names(out.class_names, out.classes, folder);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  const std::vector<char> validates = detail::listed(files, folder + "/validation_list.txt"),
                          tests = detail::listed(files, folder + "/testing_list.txt");
  require_memory(files.size() * std::size_t(signal.size()) * sizeof(float), folder, "its sounds need");

  std::vector<int> parts[3];  // training, validation, test
  for (const int i : drawn_order(int(files.size()), options.seed)) {
    const std::size_t at = std::size_t(i);
    parts[!tests.empty() && tests[at] ? 2 : !validates.empty() && validates[at] ? 1 : 0].push_back(i);
  }
  if (validates.empty()) {
    const int count = validation_samples(int(parts[0].size()), options.validation, "load_wav_folder");
    parts[1].assign(parts[0].end() - count, parts[0].end());
    parts[0].resize(parts[0].size() - std::size_t(count));
  }
  if (parts[0].empty()) throw Error(folder, ": its lists name all sounds; leave some for training");
  int rate = options.rate;
  const auto read = [&](const std::vector<int>& part) {
    std::vector<float> samples;
    std::vector<std::int32_t> labels;
    samples.reserve(part.size() * std::size_t(signal.size()));
    for (const int i : part) {
      const detail::ClassifiedFile& file = files[std::size_t(i)];
      const std::string path = folder + "/" + file.path;
      const Wave wave = read_wav(path);
      if (rate == 0) rate = wave.rate;
      if (wave.rate != rate)
        throw Error(path, ": has ", wave.rate, " frames per second where ", rate,
                    " are wanted; convert the sounds to one rate");
      const std::vector<float> fitted = fit_wave(wave, signal.width, signal.channels, path);
      samples.insert(samples.end(), fitted.begin(), fitted.end());
      labels.push_back(file.label);
    }
    return Dataset(signal, std::move(samples), std::move(labels));
  };
  out.train = read(parts[0]), out.validation = read(parts[1]), out.test = read(parts[2]);
  out.name = name_of_folder(folder);
  return out;
}

}  // namespace strata::data
