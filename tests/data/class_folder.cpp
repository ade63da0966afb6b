// SPDX-License-Identifier: MIT
// Folders of class folders: classes and parts, the same images whatever the threads, and each refusal.
#include <strata/data/class_folder.hpp>

#include <doctest/doctest.h>

#include <unistd.h>

#include <set>

#include "../support/jpeg.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

namespace {

using namespace strata::data;
using strata::Shape;
using strata::testing::names_in;
using strata::testing::refuses;
using strata::testing::TemporaryFolder;
using strata::testing::write;
namespace fs = std::filesystem;

/// Writes an image of one gray value.
void draw(const std::string& path, std::uint8_t value, Shape shape = {6, 8, 3}) {
  fs::create_directories(fs::path(path).parent_path());
  const std::vector<std::uint8_t> pixels(std::size_t(shape.size()), value);
  write(path, encode_png(pixels.data(), shape));
}

/// FOLDER/b, FOLDER/a and FOLDER/c d with 10, 5 and 2 images, whose values are 10 times the class and the number.
void draw_classes(const std::string& folder) {
  const char* const names[] = {"a", "b", "c d"};
  const int counts[] = {5, 10, 2};
  for (const int c : {1, 0, 2})
    for (int i = 0; i < counts[c]; i++)
      draw(folder + "/" + names[c] + "/" + std::to_string(i) + ".png", std::uint8_t(50 * c + i));
}

/// The values of the images of a set that draw_classes() drew, each checked against its label.
std::multiset<int> values_of(const Dataset& set) {
  std::multiset<int> out;
  for (int i = 0; i < set.count(); i++) {
    out.insert(set.bytes(i)[0]);
    CHECK(set.label(i) == set.bytes(i)[0] / 50);
  }
  return out;
}

const ClassFolderOptions small{.shape = {4, 4, 3}};

}  // namespace

TEST_CASE("classes are the sorted names of the folders, and each gives its share for validation") {
  const TemporaryFolder folder;
  draw_classes(folder.path());
  draw(folder / "b/.hidden.png", 1);
  draw(folder / "b/deeper/1.png", 1);
  draw(folder / ".cache/1.png", 1);
  write(folder / "readme.txt", std::string("hello"));
  write(folder / "b/notes.txt", std::string("hello"));
  ClassFolderOptions options = small;
  options.validation = 0.3;
  const Splits data = class_folder(folder.path() + "//", options);
  CHECK(folder.path().ends_with("/" + data.name));
  CHECK(data.classes == 3);
  CHECK(class_folder_names(folder.path()) == data.class_names);
  CHECK(data.class_names == std::vector<std::string>{"a", "b", "c d"});
  CHECK(data.train.shape() == Shape{4, 4, 3});
  CHECK(data.validation.count() == 2 + 3 + 1);
  CHECK(data.test.count() == 0);
  std::multiset<int> all = values_of(data.train);
  all.merge(values_of(data.validation));
  CHECK(all == std::multiset<int>{0, 1, 2, 3, 4, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 100, 101});

  options.threads = 3;
  const Splits again = class_folder(folder.path(), options);
  for (int i = 0; i < data.train.count(); i++) CHECK(again.train.bytes(i)[0] == data.train.bytes(i)[0]);
  options.seed = 2;
  const Splits other = class_folder(folder.path(), options);
  CHECK(values_of(other.validation) != values_of(data.validation));
  options.validation = 0;
  CHECK(class_folder(folder.path(), options).train.count() == 17);
  options.validation = 0.99;  // one image of each class stays
  CHECK(class_folder(folder.path(), options).train.count() == 3);
}

TEST_CASE("train, val and test are the parts; any format and size, gray on request") {
  const TemporaryFolder folder;
  draw_classes(folder / "train");
  draw(folder / "val/b/x.PNG", 70, {40, 3, 1});
  write(folder / "val/b/y.jpeg", strata::testing::encode_jpeg(std::vector<std::uint8_t>(300, 90), {10, 10, 3}));
  fs::create_directory_symlink(folder / "train/c d", folder / "linked");
  fs::create_directory(folder / "test");
  fs::create_directory_symlink(folder / "linked", folder / "test/c d");
  const Splits data = class_folder(folder.path(), {.shape = {4, 4, 1}});
  CHECK(data.train.count() == 17);
  REQUIRE(data.validation.count() == 2);
  CHECK(data.validation.label(1) == 1);
  CHECK(data.validation.bytes(0)[0] == 70);
  CHECK(std::abs(data.validation.bytes(1)[15] - 90) <= 1);
  CHECK(values_of(data.test) == std::multiset<int>{100, 101});
  fs::remove_all(folder / "val");
  CHECK(class_folder(folder.path(), small).validation.count() == 1 + 1 + 0);

  const TemporaryFolder classes;  // of which one is called train
  draw(classes / "train/1.png", 1);
  draw(classes / "wait/1.png", 1);
  CHECK(class_folder(classes.path(), small).class_names == std::vector<std::string>{"train", "wait"});
}

TEST_CASE("what is missing, too much or unreadable is refused in one sentence") {
  const TemporaryFolder folder;
  const auto open = [&](const ClassFolderOptions& options = small) { return class_folder(folder.path(), options); };
  CHECK(refuses([&] { class_folder(folder / "none", small); }, "none: is not a folder"));
  CHECK(refuses(open, ": holds no folders; give a folder that holds one for each class"));
  draw_classes(folder.path());
  fs::create_directory(folder / "empty");
  CHECK(refuses(open, "/empty: holds no PNG or JPEG picture"));
  fs::remove(folder / "empty");
  CHECK(refuses([&] { open({.shape = {4, 4, 2}}); }, "class_folder: the shape is 4 x 4 x 2"));
  CHECK(refuses([&] { open({.shape = {0, 4, 3}}); }, "class_folder: the shape is 0 x 4 x 3"));
  CHECK(refuses([&] { open({.shape = {4, 4, 3}, .shorter = -1}); }, "the shorter side is -1"));
  CHECK(refuses([&] { open({.shape = {4, 4, 3}, .validation = 1}); }, "the share of images for validation is 1"));
  CHECK(refuses(
      [&] {
        open({.shape = {32768, 32768, 3}});
      },
      ": 17 images of 32768 x 32768 x 3 need 54760 MB, but only"));

  write(folder / "b/5.png", std::string("hello"));
  write(folder / "b/7.png", std::string("hello"));
  for (const int threads : {1, 3})
    CHECK(refuses(
        [&] {
          open({.shape = {4, 4, 3}, .validation = 0, .threads = threads});
        },
        ".png: is neither PNG nor JPEG"));
  const std::string first = strata::testing::refusal([&] { open({.shape = {4, 4, 3}, .threads = 1}); });
  CHECK(strata::testing::refusal([&] { open({.shape = {4, 4, 3}, .threads = 3}); }) == first);
  fs::remove(folder / "b/5.png"), fs::remove(folder / "b/7.png");

  fs::create_symlink("nothing", folder / "a/gone.png");
  CHECK(refuses(open, "/a/gone.png: cannot be opened: No such file"));
  fs::remove(folder / "a/gone.png");
  fs::create_symlink("loop.png", folder / "a/loop.png");
  CHECK(refuses(open, "/a/loop.png: cannot be opened: Too many levels"));
  fs::remove(folder / "a/loop.png");
  fs::create_directory(folder / "a/folder.png");
  CHECK(refuses(open, "/a/folder.png: is a folder, not a file"));
  fs::remove(folder / "a/folder.png");
  fs::create_symlink("/dev/zero", folder / "a/device.png");
  CHECK(refuses(open, "/a/device.png: is a device, not a file"));
  fs::remove(folder / "a/device.png");
  fs::create_directory_symlink("..", folder / "d");  // the folder itself as a class, which holds no pictures
  CHECK(refuses(open, "/d: holds no PNG or JPEG picture"));
  fs::remove(folder / "d");
  draw(folder / "\x1b[31m/1.png", 1);
  CHECK(refuses(open, ": its folders as classes: the name of class 0", "is not plain UTF-8"));
  fs::remove_all(folder / "\x1b[31m");

  const TemporaryFolder parts;
  draw_classes(parts / "train");
  draw(parts / "val/e/1.png", 1);
  CHECK(refuses([&] { class_folder(parts.path(), small); }, "/val/e: is a class that the training images do not have"));
  if (::geteuid() != 0) {  // root may read everything
    fs::permissions(folder / "b", fs::perms::none);
    CHECK(refuses(open, "/b: cannot be listed: Permission denied"));
    fs::permissions(folder / "b", fs::perms::owner_all);
  }
}
