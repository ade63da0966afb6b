// SPDX-License-Identifier: MIT
#include <strata/data/segmentation_files.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "../support/jpeg.hpp"
#include "../support/refusal.hpp"
#include "../support/street_files.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

std::vector<std::string> stems(const std::vector<ImagePair>& pairs) {
  std::vector<std::string> out;
  for (const ImagePair& pair : pairs) out.push_back(stem_of(pair.image));
  return out;
}
std::set<std::string> all_stems(const SegmentationFiles& files) {
  std::set<std::string> out;
  for (const auto* part : {&files.train, &files.validation, &files.test})
    for (const std::string& stem : stems(*part)) CHECK(out.insert(stem).second);
  return out;
}
using Stems = std::vector<std::string>;

/// CamVid's own layout with n pictures of 2 x 2 pixels, named c0, c1, ...
void write_original(const std::string& folder, int n) {
  const std::uint8_t image[12]{}, labels[12] = {128, 0, 192, 64, 192, 0, 0, 0, 0, 192, 0, 192};
  for (const char* part : {"/701_StillsRaw_full", "/LabeledApproved_full"}) std::filesystem::create_directories(folder + part);
  for (int i = 0; i < n; i++) {
    write(folder + sentence("/701_StillsRaw_full/c", i, ".png"), encode_png(image, {2, 2, 3}));
    write(folder + sentence("/LabeledApproved_full/c", i, "_L.png"), encode_png(labels, {2, 2, 3}));
  }
}

/// images, labels and classes.txt with three pictures: x, y, z.
void write_pair(const std::string& folder, int label_channels) {
  std::filesystem::create_directories(folder + "/images"), std::filesystem::create_directories(folder + "/labels");
  for (const char* name : {"x", "y", "z"}) {
    write(folder + "/images/" + name + ".jpg", encode_jpeg(std::vector<std::uint8_t>(12), {2, 2, 3}));
    write(folder + "/labels/" + name + ".png", encode_png(std::vector<std::uint8_t>(12).data(), {2, 2, label_channels}));
  }
  write(folder + "/classes.txt", std::string("1 1 1 road\n0 0 0 void\n2 2 2 car\n"));
}

}  // namespace

TEST_CASE("the SegNet layout, as distributed") {
  TemporaryFolder folder;
  write_segnet(folder.path(), 3, 2, 4, 4);
  write(folder / "train/Thumbs.db", std::string("none of the pictures"));
  const SegmentationFiles files = open_segmentation(folder.path() + "/");
  CHECK(files.name == folder.path().substr(5));
  CHECK(files.how_split == "as distributed");
  CHECK(stems(files.train) == Stems{"t00", "t01", "t02"});
  CHECK(stems(files.validation) == Stems{"v00", "v01"});
  CHECK(files.test.empty());
  CHECK(files.train[1].image == folder / "train/t01.png");
  CHECK(files.train[1].label == folder / "trainannot/t01.png");
  CHECK(files.classes.size() == 11);
  CHECK(files.coding.kind == LabelCoding::Kind::index);
  CHECK(files.coding.index_label[11] == void_label);
}

TEST_CASE("CamVid's own layout") {
  TemporaryFolder folder;
  write_original(folder.path(), 11);
  const SegmentationFiles files = open_segmentation(folder.path());
  CHECK(files.coding.kind == LabelCoding::Kind::colour);
  CHECK(files.coding.colours.size() == 32);
  CHECK(files.classes.size() == 11);
  CHECK(files.train.size() == 7);
  CHECK(files.validation.size() == 2);
  CHECK(files.test.size() == 2);
  CHECK(files.how_split == "random 60/20/20, seed 1");
  CHECK(all_stems(files).size() == 11);
  CHECK(files.train[0].label == folder / "LabeledApproved_full/" + stem_of(files.train[0].image) + "_L.png");
  write(folder / "label_colors.txt", std::string("128 0 192 LaneMkgsDriv\n"));
  CHECK(open_segmentation(folder.path()).coding.colours.size() == 1);
}

TEST_CASE("images, labels and classes.txt") {
  for (const int channels : {1, 3}) {
    TemporaryFolder folder;
    write_pair(folder.path(), channels);
    const SegmentationFiles files = open_segmentation(folder.path());
    CHECK(files.classes.size() == 2);
    CHECK((files.coding.kind == LabelCoding::Kind::index) == (channels == 1));
    CHECK(all_stems(files).size() == 3);
    std::filesystem::remove(folder / "classes.txt");
    CHECK(refuses([&] { open_segmentation(folder.path()); }, folder.path(), "lacks classes.txt"));
  }
}

TEST_CASE("a random split has its sizes, keeps every picture once, and is the seed's") {
  TemporaryFolder folder;
  write_segnet(folder.path(), 20, 13, 4, 4);
  const auto split = [&](std::uint64_t seed) { return open_segmentation(folder.path(), {.how = Split::random, .seed = seed}); };
  const SegmentationFiles one = split(1), again = split(1), other = split(2);
  CHECK(one.train.size() == 20);      // round(19.8)
  CHECK(one.validation.size() == 7);  // round(6.6)
  CHECK(one.test.size() == 6);
  CHECK(all_stems(one).size() == 33);
  CHECK(stems(one.train) == stems(again.train));
  CHECK(stems(one.train) != stems(other.train));
  CHECK(one.how_split == "random 60/20/20, seed 1");
  const SegmentationFiles original = [] {
    TemporaryFolder small;
    write_original(small.path(), 1);
    return open_segmentation(small.path());
  }();
  CHECK(original.train.size() == 1);
  CHECK(original.test.empty());
}

TEST_CASE("lists, with the folders of another machine in them") {
  TemporaryFolder folder, lists;
  write_segnet(folder.path(), 4, 2, 4, 4);
  write(lists / "train.txt", std::string("/SegNet/CamVid/train/t02.png /SegNet/CamVid/trainannot/t02.png\r\n\nv00\n  t00.jpg"));
  write(lists / "test.txt", std::string("t01.png\n"));
  const SplitOptions options{.how = Split::lists, .lists = lists.path()};
  const SegmentationFiles files = open_segmentation(folder.path(), options);
  CHECK(stems(files.train) == Stems{"t02", "v00", "t00"});
  CHECK(files.validation.empty());
  CHECK(stems(files.test) == Stems{"t01"});
  CHECK(files.how_split == "lists of " + lists.path());
  const auto says = [&](const std::string& list, const char* part) {
    write(lists / "val.txt", list);
    return refuses([&] { open_segmentation(folder.path(), options); }, "val.txt: ", part);
  };
  CHECK(says("v01\nt09.png\n", "line 2 names t09.png, which is not among the 6 images"));
  CHECK(says("v01\nt00\n", "line 2 names t00 for the second time"));
  CHECK(says("\n", "names no image"));
  write_index_pair(folder.path(), "val", "t03", 4, 4, 1);
  CHECK(says("t03\n", "could be"));
  std::filesystem::remove(lists / "train.txt");
  CHECK(refuses([&] { open_segmentation(folder.path(), options); }, lists.path(), "holds no train.txt"));
}

TEST_CASE("lists beside CamVid's own layout are its split") {
  TemporaryFolder folder;
  write_original(folder.path(), 3);
  write(folder / "train.txt", std::string("c2.png\nc0.png\n"));
  write(folder / "val.txt", std::string("c1.png\n"));
  CHECK(stems(open_segmentation(folder.path()).train) == Stems{"c2", "c0"});
  CHECK(open_segmentation(folder.path(), {.how = Split::random}).how_split == "random 60/20/20, seed 1");
}

TEST_CASE("a missing partner, two of a name, an empty folder, no layout that is known") {
  TemporaryFolder folder;
  const auto says = [&](const char* a, const char* b) {
    return refuses([&] { open_segmentation(folder.path()); }, a, b);
  };
  CHECK(says(folder.path().c_str(), "701_StillsRaw_full with LabeledApproved_full"));
  CHECK(refuses([&] { open_segmentation(folder / "none"); }, "none: is no folder"));
  write_segnet(folder.path(), 3, 1, 4, 4);
  std::filesystem::rename(folder / "trainannot/t01.png", folder / "t01.png");
  CHECK(says("train/t01.png: has no labels", "trainannot"));
  std::filesystem::rename(folder / "t01.png", folder / "trainannot/t01.png");
  std::filesystem::rename(folder / "train/t01.png", folder / "t01.png");
  CHECK(says("trainannot/t01.png: labels an image that is not there", "t01.png"));
  std::filesystem::rename(folder / "t01.png", folder / "train/t01.png");
  std::filesystem::remove(folder / "trainannot/t02.png");
  CHECK(says("train/t02.png: has no labels", "trainannot"));
  std::filesystem::remove(folder / "train/t02.png");
  write(folder / "train/t01.jpg", std::string("x"));
  CHECK(says("holds both", "t01"));
  std::filesystem::remove(folder / "train/t01.jpg");
  std::filesystem::remove_all(folder / "valannot");
  CHECK(says("valannot: cannot be listed", ""));
  for (const char* name : {"train/t00.png", "train/t01.png"}) std::filesystem::remove(folder / name);
  CHECK(says("train: holds no PNG or JPEG picture", ""));
}

TEST_CASE("the real CamVid") {
  const char* data = std::getenv("STRATA_DATA");
  const std::string folder = std::string(data ? data : "") + "/camvid";
  if (!data || !folder_exists(folder)) {
    MESSAGE("STRATA_DATA has no CamVid: the small folders above stand for it");
    return;
  }
  const SegmentationFiles files = open_segmentation(folder), listed = open_segmentation(folder, {.how = Split::lists});
  CHECK(files.name == "camvid");
  CHECK(stems(files.train) == stems(listed.train));
  CHECK(stems(files.validation) == stems(listed.validation));
  CHECK(files.train.size() == 367);
  CHECK(files.validation.size() == 101);
}
