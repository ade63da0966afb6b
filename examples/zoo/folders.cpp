// SPDX-License-Identifier: MIT
// `zoo generate` and `zoo mnist`: write folders of class folders, which `zoo train` reads.
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <strata/core/files/folder_writer.hpp>
#include <strata/data/mnist_download.hpp>
#include <strata/data/png.hpp>

#include "../shared/interruption.hpp"
#include "../shared/say.hpp"
#include "drawings.hpp"
#include "options.hpp"

namespace zoo {

namespace {

/// A folder with train/CLASS and val/CLASS.
class ClassFolders {
 public:
  ClassFolders(const std::string& folder, const std::vector<std::string>& names) : folder_(folder), out_(folder) {
    for (const char* part : {"train", "val"}) {
      out_.add_folder(part);
      for (const std::string& name : names) out_.add_folder(part + ("/" + name));
    }
  }
  /// pixels: [H][W][C]. Throws strata::Error if the program was asked to stop, or the file cannot be written.
  void add(const char* part, const std::string& name, int number, const std::uint8_t* pixels, strata::Shape shape) {
    if (shared::stop_requested)
      throw strata::Error(folder_, ": interrupted before all images were written; nothing was kept");
    out_.add_file(fmt::format("{}/{}/{:06}.png", part, name, number), strata::data::encode_png(pixels, shape));
  }
  void publish() { out_.publish(); }

 private:
  std::string folder_;
  strata::core::FolderWriter out_;
};

}  // namespace

int generate(const GenerateSettings& settings) {
  shared::listen_for_interruption();
  ClassFolders out(settings.folder, {std::begin(drawn_names), std::end(drawn_names)});
  const int fifth = settings.images / 5;
  for (int i = 0; i < settings.images; i++) {
    const int kind = i % drawn_classes;
    const auto pixels = drawing(kind, settings.seed, std::uint64_t(i), settings.size);
    out.add(i < settings.images - fifth ? "train" : "val", drawn_names[kind], i, pixels.data(),
            {settings.size, settings.size, 3});
  }
  out.publish();
  shared::say(
      "{} drawings of {} classes in {}: {} for training, {} for validation; train with zoo train NAME --data {}\n",
      settings.images, drawn_classes, settings.folder, settings.images - fifth, fifth, settings.folder);
  return 0;
}

int mnist(const MnistSettings& settings) {
  shared::listen_for_interruption();
  const strata::mnist::Found found = strata::mnist::obtain(
      {.given = settings.data, .say = [](const std::string& what) { shared::say("{}\n", what); }});
  const strata::Splits data = strata::mnist::load(found.folder, {.validation = 0});
  const int train = settings.images > 0 ? std::min(settings.images, data.train.count()) : data.train.count();
  std::vector<std::string> names = data.class_names;
  for (int c = int(names.size()); c < data.classes; c++) names.push_back(std::to_string(c));
  ClassFolders out(settings.folder, names);
  for (int i = 0; i < train; i++)
    out.add("train", names[std::size_t(data.train.label(i))], i, data.train.bytes(i), data.train.shape());
  for (int i = 0; i < data.test.count(); i++)
    out.add("val", names[std::size_t(data.test.label(i))], i, data.test.bytes(i), data.test.shape());
  out.publish();
  shared::say("{} of {} classes in {}: {} images for training, and the {} of the test set for validation\n",
              found.name.empty() ? data.name : found.name, data.classes, settings.folder, train, data.test.count());
  return 0;
}

}  // namespace zoo
