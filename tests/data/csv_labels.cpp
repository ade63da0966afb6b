// SPDX-License-Identifier: MIT
#include <strata/data/csv_labels.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

using Rows = std::vector<std::vector<std::string>>;
Rows rows_of(const std::string& text, char separator = 0) {
  Rows out;
  for (CsvRows rows(text, "f", separator); rows.next();) out.push_back(rows.fields());
  return out;
}
LabelTable table_of(const std::string& text, const CsvFormat& format = {}) {
  return parse_label_table(text, "f", format);
}
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("rows as spreadsheets write them") {
  CHECK(rows_of("a,b\nc,d\n") == Rows{{"a", "b"}, {"c", "d"}});
  CHECK(rows_of("\xEF\xBB\xBF\"a, \"\"b\"\"\" , c \r\n\r\n\"d\ne\",f\r,\rlast") ==
        Rows{{"a, \"b\"", "c"}, {"d\ne", "f"}, {"", ""}, {"last"}});
  CHECK(rows_of("a;b,c\n") == Rows{{"a", "b,c"}});
  CHECK(rows_of("a b\tc\n\td") == Rows{{"a b", "c"}, {"", "d"}});
  CHECK(rows_of("a;b,c\n", ',') == Rows{{"a;b", "c"}});
  CHECK(rows_of("\n \n").empty());
  const std::string text = "\na\n\"b\nc\"\nd";
  CsvRows rows(text, "f");
  std::vector<int> lines;
  while (rows.next()) lines.push_back(rows.number());
  CHECK(lines == std::vector<int>{2, 3, 5});
  CHECK(refuses([] { rows_of("a\n\"b,c\n"); }, "f: line 2 has a quote that does not end"));
  CHECK(refuses([] { rows_of("\"b\"c,d\n"); }, "text after a quoted field"));
  CHECK(refuses(
      [] {
        rows_of(
            "\xFF\xFE"
            "a");
      },
      "UTF-16"));
  CHECK(refuses([] { rows_of("a,\xFF\n"); }, "not UTF-8"));
}

TEST_CASE("what follows the file: classes by number or name, values, tags") {
  const LabelTable classes = table_of("a.png,2\nb.png,0\nc.png,-1\n");
  CHECK(classes.files == Words{"a.png", "b.png", "c.png"});
  CHECK(classes.labels == std::vector<std::int32_t>{2, 0, -1});
  CHECK((classes.classes == 3 && classes.targets_per_file == 0 && classes.names.empty()));

  const LabelTable names = table_of("id,label\na,dog\nb,big cat\nc,dog\n");
  CHECK(names.names == Words{"big cat", "dog"});
  CHECK(names.labels == std::vector<std::int32_t>{1, 0, 1});
  CHECK(table_of("a,dog\nb,cat\n").files.size() == 2);
  CHECK(table_of("a,dog\nb,cat\n", {.header = CsvHeader::yes}).names == Words{"cat"});
  CHECK(table_of("image,dog\nb,cat\n", {.header = CsvHeader::no}).names == Words{"cat", "dog"});

  const LabelTable values = table_of("photo,x,y\na,1,2.5\nb,,-3e2\n");
  CHECK(values.names == Words{"x", "y"});
  CHECK((values.targets_per_file == 2 && values.labels.empty()));
  CHECK((values.targets[0] == 1 && values.targets[1] == 2.5f && std::isnan(values.targets[2]) &&
         values.targets[3] == -300));
  CHECK(table_of("a,1\nb,3\n", {.targets = CsvTargets::values}).targets == std::vector<float>{1, 3});
  CHECK(table_of("a,1\nb,3.5\n").targets_per_file == 1);
  CHECK(table_of("a,1,0\nb,0,1\n").targets == std::vector<float>{1, 0, 0, 1});

  const LabelTable tags = table_of("a,dog,big cat\nb\nc,big cat,dog\nd,fish\n");
  CHECK(tags.names == Words{"big cat", "dog", "fish"});
  CHECK(tags.targets == std::vector<float>{1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1});
  const LabelTable words =
      table_of("image_name,tags\na,haze primary\nb,clear|primary\n", {.targets = CsvTargets::tags});
  CHECK(words.names == Words{"clear", "haze", "primary"});
  CHECK(words.targets == std::vector<float>{0, 1, 1, 1, 0, 1});
}

TEST_CASE("an invalid table is refused, with its line") {
  CHECK(refuses([] { table_of(""); }, "f: has no row with a file and its label"));
  CHECK(refuses([] { table_of("file,label\n"); }, "has no row"));
  CHECK(refuses([] { table_of("a,b\n", {.header = CsvHeader::yes}); }, "has no row"));
  CHECK(refuses([] { table_of("a,1\nb\n", {.targets = CsvTargets::classes}); }, "line 2 has 1 field where 2 are"));
  CHECK(refuses([] { table_of("a,1\nb,x\n", {.targets = CsvTargets::classes}); }, "line 2 has the label x"));
  CHECK(refuses([] { table_of("a,1\nb,4294967296\n"); }, "line 2 has the label 4294967296"));
  CHECK(
      refuses([] { table_of("a,1\nb,x\n", {.targets = CsvTargets::values}); }, "line 2 has x, which is not a number"));
  CHECK(refuses([] { table_of("a,1\nb,1,2\n", {.targets = CsvTargets::values}); }, "line 1 has 2 fields where 3"));
  CHECK(refuses([] { table_of("a\nb\n", {.targets = CsvTargets::values}); }, "has 1 columns"));
  CHECK(refuses([] { table_of("a,x\n,y\n"); }, "line 2 names no file"));
  CHECK(refuses([] { table_of("a,x\nb,\n"); }, "line 2 names no class"));
  CHECK(refuses([] { table_of("a,x\nb,\x1b[1m\n"); }, "not plain UTF-8"));
  std::string many;
  for (int i = 0; i < 4200; i++) many += "f,name" + std::to_string(i) + "\n";
  CHECK(refuses([&] { table_of(many); }, "names 4200 classes; give at most 4096"));
  for (int i = 4200; i < 40000; i++) many += "f,name" + std::to_string(i) + "\n";
  CHECK(refuses([&] { table_of(many); }, "there are more than 4096 names so far"));
}

TEST_CASE("a table and its folder are a set of images: scaled, gray or in color, split by a seed") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "images/more");
  const auto image = [&](const std::string& name, std::uint8_t red, Shape shape) {
    std::vector<std::uint8_t> pixels(std::size_t(shape.size()), 0);
    for (std::size_t i = 0; i < pixels.size(); i += 3) pixels[i] = red;
    write(folder / "images/" + name, encode_png(pixels.data(), shape));
  };
  image("a.png", 100, {4, 4, 3}), image("more/b.png", 200, {8, 6, 3}), image("c.png", 50, {4, 4, 3});
  write(folder / "labels.csv", std::string("file,label\na,cat\nmore\\b.png,dog\nc.png,cat\n"));
  const Splits all = load_csv_labels(folder / "labels.csv", folder / "images", {4, 4, 3});
  CHECK(all.name == "labels");
  CHECK(all.classes == 2);
  CHECK(all.class_names == Words{"cat", "dog"});
  REQUIRE(all.train.count() == 3);
  CHECK((all.train.bytes(1)[0] == 200 && all.train.bytes(1)[1] == 0 && all.train.label(1) == 1));
  CHECK(all.train.bytes(2)[45] == 50);
  const Splits gray =
      load_csv_labels(folder / "labels.csv", folder / "images", {2, 2, 1}, {.validation = 0.34, .seed = 3});
  CHECK(gray.train.count() == 2);
  REQUIRE(gray.validation.count() == 1);
  CHECK(gray.train.shape() == Shape{2, 2, 1});
  int sum = gray.validation.bytes(0)[3];
  for (int i = 0; i < 2; i++) sum += gray.train.bytes(i)[3];
  CHECK(sum == 30 + 60 + 15);
  write(folder / "values.csv", std::string("a;1.5;2\nc;3;4\n"));
  const Dataset values = load_csv_labels(folder / "values.csv", folder / "images", {4, 4, 3}).train;
  CHECK((values.targets(1)[0] == 3 && values.batch(nullptr, 2).labels.per_image == 2));

  const auto loads = [&](const std::string& table, Shape input, const CsvOptions& options) {
    write(folder / "t.csv", table);
    return [&folder, input, options] { load_csv_labels(folder / "t.csv", folder / "images", input, options); };
  };
  CHECK(refuses(loads("d,1\n", {4, 4, 3}, {}), "t.csv: names the file d, which is not in"));
  CHECK(refuses(loads("../t.csv,1\n", {4, 4, 3}, {}), "give paths below that folder"));
  CHECK(refuses(loads("/etc/passwd,1\n", {4, 4, 3}, {}), "give paths below that folder"));
  CHECK(refuses(loads("a,1\n", {4, 4, 2}, {}), "4 x 4 x 2; give"));
  CHECK(refuses(loads("a,1\n", {5, 4, 3}, {.resize = data::Resize::refuse}), "but the network takes 5 x 4"));
  CHECK(refuses(loads("a,1\n", {4, 4, 3}, {.validation = 1}), "validation is 1"));
  CHECK(refuses(loads("a,1\n", {4, 4, 3}, {.validation = 0.9}), "1 of 1 samples"));
}
