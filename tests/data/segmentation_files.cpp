// SPDX-License-Identifier: MIT
#include <strata/data/segmentation_files.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "../support/jpeg.hpp"
#include "../support/refusal.hpp"
#include "../support/street_files.hpp"

namespace data_segmentation_files {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

using Stems = std::vector<std::string>;

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
/// Writes CamVid's own layout with n images of 2 x 2 pixels, named c0, c1, ...
void write_original(const std::string& folder, int n) {
  const std::uint8_t image[12]{}, labels[12] = {128, 0, 192, 64, 192, 0, 0, 0, 0, 192, 0, 192};
  for (const char* part : {"/701_StillsRaw_full", "/LabeledApproved_full"})
    std::filesystem::create_directories(folder + part);
  for (int i = 0; i < n; i++) {
    write(folder + sentence("/701_StillsRaw_full/c", i, ".png"), encode_png(image, {2, 2, 3}));
    write(folder + sentence("/LabeledApproved_full/c", i, "_L.png"), encode_png(labels, {2, 2, 3}));
  }
}

/// Writes images, labels and classes.txt, with images of these names.
void write_pair(const std::string& folder, int label_channels, const Stems& names = {"x", "y", "z"},
                const std::string& suffix = "") {
  std::filesystem::create_directories(folder + "/images"), std::filesystem::create_directories(folder + "/labels");
  for (const std::string& name : names) {
    write(folder + "/images/" + name + ".jpg", encode_jpeg(std::vector<std::uint8_t>(12), {2, 2, 3}));
    write(folder + "/labels/" + name + suffix + ".png",
          encode_png(std::vector<std::uint8_t>(12).data(), {2, 2, label_channels}));
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
  CHECK(files.coding.kind == LabelCoding::Kind::color);
  CHECK(files.coding.colors.size() == 32);
  CHECK(files.classes.size() == 11);
  CHECK(files.train.size() == 7);
  CHECK(files.validation.size() == 2);
  CHECK(files.test.size() == 2);
  CHECK(files.how_split == "random 60/20/20, seed 1");
  CHECK(all_stems(files).size() == 11);
  CHECK(files.train[0].label == folder / "LabeledApproved_full/" + stem_of(files.train[0].image) + "_L.png");
  write(folder / "label_colors.txt", std::string("128 0 192 LaneMkgsDriv\n"));
  CHECK(open_segmentation(folder.path()).coding.colors.size() == 1);
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
  const auto split = [&](std::uint64_t seed) {
    return open_segmentation(folder.path(), {.how = Split::random, .seed = seed});
  };
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
  write(lists / "train.txt",
        std::string("/SegNet/CamVid/train/t02.png /SegNet/CamVid/trainannot/t02.png\r\n\nv00\n  t00.jpg"));
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
  CHECK(says("v01\nt00\n", "line 2 names t00 a second time"));
  CHECK(says("\n", "names no image"));
  write_index_pair(folder.path(), "val", "t03", 4, 4, 1);
  CHECK(says("t03\n", "could be"));
  std::filesystem::remove(lists / "train.txt");
  CHECK(refuses([&] { open_segmentation(folder.path(), options); }, lists.path(), "holds no train.txt"));
}

TEST_CASE("lists with spaces in names and folders, dots in names, further columns") {
  const Stems names{"shot 1", "shot 2", "shot", "2021.05.01", "2021.05", "a.b"};
  TemporaryFolder folder;
  write_pair(folder.path(), 1, names);
  const auto listed = [&](const std::string& line) {
    write(folder / "train.txt", line);
    return stems(open_segmentation(folder.path()).train).at(0);
  };
  for (const std::string& name : names) {
    for (const std::string folders : {"", "images/", "/home/me/My Pictures/set/", "C:\\My Pictures\\"})
      for (const std::string ending : {"", ".jpg", ".png", ".JPG"}) {
        const std::string path = folders + name + ending;
        CHECK(listed(path) == name);
        CHECK(listed("  " + path + " \t\r\n") == name);
        CHECK(listed("\xEF\xBB\xBF" + path + "\r\n") == name);
        if (!ending.empty()) {
          CHECK(listed(path + " /home/me/My Pictures/labels/" + name + ".png") == name);
          CHECK(listed(path + "\t/home/me/My Pictures/labels/" + name + "_L.png\n") == name);
          CHECK(listed(path + " labels/shot 2.png") == name);
        }
      }
  }
  CHECK(listed("shot 3.jpg") == "shot");  // the first column of two
  CHECK(listed("images/shot 1.jpg 7 8") == "shot 1");
  CHECK(listed("images/a.b.jpg labels/shot.png") == "a.b");
}

TEST_CASE("lists as editors write them, with lines that name nothing") {
  TemporaryFolder folder;
  write_pair(folder.path(), 1);
  const auto train = [&](const std::string& list) {
    write(folder / "train.txt", list);
    return stems(open_segmentation(folder.path()).train);
  };
  for (const char* mark : {"", "\xEF\xBB\xBF"})
    for (const char* end : {"\n", "\r\n", "\r"})
      CHECK(train(sentence(mark, "z.png", end, end, "x.png", end)) == Stems{"z", "x"});
  const auto says = [&](const std::string& list, const char* part) {
    return refuses([&] { train(list); }, "train.txt: ", part);
  };
  CHECK(says(std::string("\xFF\xFEx\0\n\0", 6), "is UTF-16; save it as UTF-8"));
  CHECK(says(std::string("x\0\n\0", 4), "byte 1 is zero"));
  CHECK(says("x\nimages/none.png labels/y.png\n",
             "line 2 names images/none.png labels/y.png, which is not among the 3 images"));
  CHECK(says(std::string(1 << 20, 'x'), "x..., which is not among"));
  std::string blanks;
  for (int i = 0; i < 1 << 19; i++) blanks += "u ";
  CHECK(says(blanks, "line 1 names u u"));
}

TEST_CASE("Kaggle's layout: labels NAME_L.png in the colors of class_dict.csv, or CamVid's 32 names in 11 classes") {
  TemporaryFolder folder;
  const std::uint8_t image[12]{}, labels[12] = {128, 128, 128, 128, 64, 128, 0, 0, 0, 1, 2, 3};
  for (const auto& [part, count] : {std::pair("train", 3), {"val", 1}, {"test", 1}}) {
    const std::string images = folder / part;
    std::filesystem::create_directories(images), std::filesystem::create_directories(images + "_labels");
    for (int i = 0; i < count; i++) {
      write(images + sentence("/", part, i, ".png"), encode_png(image, {2, 2, 3}));
      write(images + sentence("_labels/", part, i, "_L.png"), encode_png(labels, {2, 2, 3}));
    }
  }
  write(folder / "class_dict.csv", std::string("name,r,g,b\r\nSky,128,128,128\r\nRoad,128,64,128\r\nVoid,0,0,0\r\n"));
  const SegmentationFiles files = open_segmentation(folder.path());
  CHECK(stems(files.train) == Stems{"train0", "train1", "train2"});
  CHECK(stems(files.validation) == Stems{"val0"});
  CHECK(stems(files.test) == Stems{"test0"});
  CHECK(files.train[1].label == folder / "train_labels/train1_L.png");
  CHECK(files.how_split == "as distributed");
  REQUIRE(files.classes.size() == 2);
  CHECK(files.classes[1].name == "Road");
  std::uint8_t decoded[4];
  const auto decode = [&](const LabelCoding& coding) {
    return decode_labels(coding, read_label_picture(files.test[0].label, StoredAs::color), "p", decoded);
  };
  CHECK(decode(files.coding).unknown_pixels == 1);
  CHECK(std::vector(decoded, decoded + 4) == std::vector<std::uint8_t>{0, 1, void_label, void_label});
  std::string all = "name,r,g,b\n";
  for (const camvid::Original& o : camvid::originals)
    all += sentence(o.name, ",", int(o.color[0]), ",", int(o.color[1]), ",", int(o.color[2]), "\n");
  for (const bool named : {true, false}) {
    if (named) write(folder / "class_dict.csv", all);
    if (!named) std::filesystem::remove(folder / "class_dict.csv");
    const SegmentationFiles grouped = open_segmentation(folder.path());
    CHECK(grouped.classes.size() == 11);
    CHECK(decode(grouped.coding).unknown_pixels == 1);
    CHECK(std::vector(decoded, decoded + 4) == std::vector<std::uint8_t>{0, 3, void_label, void_label});
  }
  CHECK(open_segmentation(folder.path(), {.how = Split::random}).train.size() == 3);
  std::filesystem::remove_all(folder / "val_labels");
  CHECK(refuses([&] { open_segmentation(folder.path()); }, "val_labels: cannot be listed"));
}

TEST_CASE("fast.ai's layout: labels NAME_P.png with the numbers of the lines of codes.txt, valid.txt") {
  TemporaryFolder folder;
  const Stems names{"a", "b", "b_P", "c", "d"};
  write_pair(folder.path(), 1, names, "_P");
  std::filesystem::remove(folder / "classes.txt");
  const std::uint8_t labels[4] = {0, 1, 2, 9};
  write(folder / "labels/a_P.png", encode_png(labels, {2, 2, 1}));
  write(folder / "codes.txt", std::string("Road\r\nVoid\r\nOpen water\r\n"));
  CHECK(open_segmentation(folder.path()).how_split == "random 60/20/20, seed 1");
  write(folder / "valid.txt", std::string("c.png\r\nb.png\r\n"));
  for (const Split how : {Split::as_distributed, Split::lists}) {
    const SegmentationFiles files = open_segmentation(folder.path(), {.how = how});
    CHECK(files.layout == "fast.ai's (images, labels and codes.txt)");
    CHECK(stems(files.train) == Stems{"a", "b_P", "d"});
    CHECK(stems(files.validation) == Stems{"c", "b"});
    CHECK(files.test.empty());
    CHECK(files.how_split == "lists of " + folder.path());
    CHECK(files.train[1].label == folder / "labels/b_P_P.png");
    REQUIRE(files.classes.size() == 2);
    CHECK(files.classes[1].name == "Open water");
    std::uint8_t decoded[4];
    const LabelCounts counts =
        decode_labels(files.coding, read_label_picture(files.train[0].label, StoredAs::index), "p", decoded);
    CHECK(std::vector(decoded, decoded + 4) == std::vector<std::uint8_t>{0, void_label, 1, void_label});
    CHECK(counts.unknown_pixels == 1);
  }
  write(folder / "valid.txt", std::string("a\nb\nb_P\nc\nd\n"));
  CHECK(refuses([&] { open_segmentation(folder.path()); }, "valid.txt: names all images; leave some for training"));
  std::filesystem::remove(folder / "valid.txt");
  std::string originals;
  for (const camvid::Original& o : camvid::originals) originals += sentence(o.name, "\n");
  write(folder / "codes.txt", originals);
  const SegmentationFiles files = open_segmentation(folder.path());
  CHECK(files.classes.size() == 11);
  CHECK(files.coding.index_label[17] == 3);  // Road
  write_pair(folder.path(), 3, names, "_P");
  std::filesystem::remove(folder / "classes.txt");
  CHECK(open_segmentation(folder.path()).coding.kind == LabelCoding::Kind::color);
  write(folder / "codes.txt", std::string("Road\nCar\n"));
  CHECK(refuses([&] { open_segmentation(folder.path()); }, "codes.txt: names classes without colors", "classes.txt"));
}

TEST_CASE("lists next to CamVid's own layout are its split") {
  TemporaryFolder folder;
  write_original(folder.path(), 3);
  write(folder / "train.txt", std::string("c2.png\nc0.png\n"));
  write(folder / "val.txt", std::string("c1.png\n"));
  CHECK(stems(open_segmentation(folder.path()).train) == Stems{"c2", "c0"});
  CHECK(open_segmentation(folder.path(), {.how = Split::random}).how_split == "random 60/20/20, seed 1");
}

TEST_CASE("a missing partner, a duplicate name, an empty folder, an unknown layout") {
  TemporaryFolder folder;
  const auto says = [&](const char* a, const char* b) {
    return refuses([&] { open_segmentation(folder.path()); }, a, b);
  };
  CHECK(says(folder.path().c_str(), "701_StillsRaw_full with LabeledApproved_full"));
  CHECK(refuses([&] { open_segmentation(folder / "none"); }, "none: is not a folder"));
  write_segnet(folder.path(), 3, 1, 4, 4);
  std::filesystem::rename(folder / "trainannot/t01.png", folder / "t01.png");
  CHECK(says("train/t01.png: has no labels", "trainannot"));
  std::filesystem::rename(folder / "t01.png", folder / "trainannot/t01.png");
  std::filesystem::rename(folder / "train/t01.png", folder / "t01.png");
  CHECK(says("trainannot/t01.png: labels an image that does not exist", "t01.png"));
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
    MESSAGE("STRATA_DATA has no CamVid: the small folders above are used instead");
    return;
  }
  const SegmentationFiles files = open_segmentation(folder), listed = open_segmentation(folder, {.how = Split::lists});
  CHECK(files.name == "camvid");
  CHECK(stems(files.train) == stems(listed.train));
  CHECK(stems(files.validation) == stems(listed.validation));
  CHECK(files.train.size() == 367);
  CHECK(files.validation.size() == 101);
}

}  // namespace data_segmentation_files
