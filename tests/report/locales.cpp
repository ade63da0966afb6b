// SPDX-License-Identifier: MIT
// A host program may call setlocale(LC_ALL, "") and std::locale::global(). The library still writes the same bytes, and
// reads them back.
#include <strata/core/available_memory.hpp>
#include <strata/core/text/text.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/heat_map.hpp>
#include <strata/report/history.hpp>
#include <strata/report/page.hpp>
#include <strata/report/segmentation_page.hpp>

#include <doctest/doctest.h>

#include <clocale>
#include <cstdlib>
#include <locale>
#include <map>
#include <sstream>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::graph;
using namespace strata::io;
using namespace strata::metrics;
using namespace strata::report;
using namespace strata::training;
using strata::testing::TemporaryFolder;

namespace {

/// Locales made here, since few machines have any: German, one with a decimal point of two bytes, as in Afghanistan's,
/// and one with a space between thousands, as in France's.
class Locales {
 public:
  Locales() {
    std::string definition;
    for (const auto& [category, model] : std::map<std::string, std::string>{{"ADDRESS", "i18n"},
                                                                            {"COLLATE", "POSIX"},
                                                                            {"CTYPE", "POSIX"},
                                                                            {"IDENTIFICATION", "i18n"},
                                                                            {"MEASUREMENT", "i18n"},
                                                                            {"MESSAGES", "POSIX"},
                                                                            {"MONETARY", "POSIX"},
                                                                            {"NAME", "i18n"},
                                                                            {"PAPER", "i18n"},
                                                                            {"TELEPHONE", "i18n"},
                                                                            {"TIME", "POSIX"}})
      definition += "LC_" + category + "\ncopy \"" + model + "\"\nEND LC_" + category + "\n";
    const auto with = [&](const std::string& point, const std::string& between) {
      return definition + "LC_NUMERIC\ndecimal_point \"" + point + "\"\nthousands_sep \"" + between +
             "\"\ngrouping 3\nEND LC_NUMERIC\n";
    };
    testing::write(folder_ / "two_bytes", with("<U066B>", "<U066C>"));
    testing::write(folder_ / "blank", with(",", "<U202F>"));
    make("de_DE", "de_DE.UTF-8");
    make(folder_ / "two_bytes", "two_bytes.UTF-8");
    make(folder_ / "blank", "blank.UTF-8");
    ::setenv("LOCPATH", folder_.path().c_str(), 1);
  }
  ~Locales() { choose("C"); }

  static void choose(const char* name) {
    REQUIRE_MESSAGE(std::setlocale(LC_ALL, name), name);
    std::locale::global(std::locale(name));
  }

 private:
  void make(const std::string& source, const std::string& name) {
    const std::string command = "localedef -i " + source + " -f UTF-8 " + (folder_ / name) + " 2>&1";
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, "no locale to test with: install the package locales");
  }

  TemporaryFolder folder_;
};

RunRecord sample() {
  RunRecord r;
  r.status = "complete", r.task = "classification", r.network = "Digits";
  r.parameters = 1234567, r.arena_bytes = 7654321;
  r.iterations = 1200, r.batch = 1024;
  r.seconds = {0.5, 1.25, 2.125, 3.0625, 1. / 3}, r.images_per_second = 12345.5;
  r.accuracy.test = 0.9876, r.device.memory_bytes = 123'456'789'012;
  r.metrics = {0.8, 0.7, 0.6, 0.5, 0.4, {{"road", 0.91, 0.81, 0.71}, {"pole", -1, -1, -1}}};
  r.confusion = Confusion(2), r.confusion.counts = {12345, 9, 1234, 5678};
  for (int i = 1; i <= 3; i++) {
    Record record{.epoch = i,
                  .iteration = 1000 * i,
                  .seconds = 1.5 * i,
                  .loss = 0.25 / i,
                  .rate = 0.5e-3,
                  .train_accuracy = 0.125 * i};
    if (i == 2)
      record.validation_loss = 1. / 3, record.validation_accuracy = 0.75, record.validation_mean_accuracy = 0.7,
      record.validation_mean_iou = 0.6;
    r.history.push_back(record);
  }
  return r;
}

template <class Print>
std::string printed(Print print) {
  const TemporaryFolder folder;
  std::FILE* const file = std::fopen((folder / "out").c_str(), "w");
  print(file);
  std::fclose(file);
  return testing::read(folder / "out");
}

/// A file of weights whose only tensor has two and a half numbers.
Bytes broken_weights() {
  const std::string header = R"({"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})";
  Bytes bytes(8 + header.size() + 8);
  bytes[0] = std::uint8_t(header.size());
  std::copy(header.begin(), header.end(), bytes.begin() + 8);
  return bytes;
}

/// Everything that the library writes with numbers, by kind.
std::map<std::string, std::string> everything() {
  const RunRecord record = sample();
  std::map<std::string, std::string> out;
  out["history.csv"] = history_csv(record.history);
  out["run.json"] = report::detail::to_json(record).dump(1);
  out["an error"] = Error("the rate is ", 0.5, ", of ", 1234567, " and ", 1e10).what();
  out["a missing file"] = testing::refusal([] { read_file("/nowhere/at/all"); });
  out["broken weights"] = testing::refusal([] { parse_safetensors(broken_weights(), "x"); });
  out["a text at compile time"] = (Text("a ") << 0.25 << ' ' << 1234567).text;
  out["numbers"] =
      core::fixed(1234567.125, 2) + core::general(1234567.125) + core::shortest(0.1) + core::decimal(1234567);
  out["evaluation"] = printed([](std::FILE* file) {
    print(Evaluation{.loss = 0.5, .accuracy = 0.25, .counted = 1234567, .confusion = {}}, file);
  });
  out["progress"] = printed([&](std::FILE* file) {
    ProgressLine line(file, false);
    Run run;
    run.history = record.history, run.iterations = 3, run.seconds = 4000.5, run.train_seconds = 3000,
    run.images = 20'000;
    run.validation.accuracy = 0.5;
    for (Event event : {Event::start, Event::validation, Event::epoch, Event::end})
      line({event, run, &run.history.back(), 2, 6000, 3});
  });
  SummaryTable summary;
  summary.lines = {{.path = "1", .kind = "Conv", .spelled = "Conv<3, 8>", .parameters = 1234567, .macs = 7654321}};
  summary.parameters = 1234567;
  out["summary"] = printed([&](std::FILE* file) { print(summary, file); });
  out["report.html"] =
      html(ReportPage{.title = "digits", .record = record, .confusion = record.confusion, .summary = summary});
  out["heat map"] = heat_map(record.confusion, {"a", "b"}, "a map");
  SegmentationPage page{.title = "streets", .record = record};
  page.classes = {{"road", {128, 64, 128}}, {"pole", {192, 192, 192}}};
  page.pixels.pixels = {900'000, 0}, page.pixels.labeled = 900'000, page.pixels.total = 1'000'000;
  page.weights = {0.25f, 0};
  page.memory = {{"a plan", 1'234'567}};
  out["report of label maps"] = html(page);
  return out;
}

/// The memory and cores that the system grants, as its files state them.
std::string granted(const TemporaryFolder& folder) {
  std::filesystem::create_directories(folder / "proc/self");
  std::filesystem::create_directories(folder / "sys/fs/cgroup");
  testing::write(folder / "proc/meminfo", std::string("MemAvailable:   12345678 kB\n"));
  testing::write(folder / "proc/self/cgroup", std::string("0::/\n"));
  testing::write(folder / "sys/fs/cgroup/cpu.max", std::string("150000 100000\n"));
  return core::decimal(available_memory(folder.path())) + " bytes, " +
         core::decimal(core::detail::available_cores(16, folder.path())) + " cores";
}

}  // namespace

TEST_CASE("whatever the locale, the same bytes are written and read back") {
  const std::map<std::string, std::string> expected = everything();
  CHECK(expected.at("history.csv").ends_with("3,3000,4.500,0.0833333,0.0005,0.375,,,,\n"));
  CHECK(expected.at("an error") == "the rate is 0.5, of 1234567 and 1e+10");
  CHECK(expected.at("a missing file").find("No such file or directory") != std::string::npos);
  CHECK(expected.at("report.html").find("points=\"66.0,") != std::string::npos);

  CHECK(expected.at("broken weights") != "");

  const Locales made;
  for (const char* name : {"de_DE.UTF-8", "two_bytes.UTF-8", "blank.UTF-8"}) {
    CAPTURE(name);
    made.choose(name);
    char text[40];
    std::snprintf(text, sizeof text, "%.1f", 0.5);
    REQUIRE(text != std::string("0.5"));  // the locale is in force
    std::ostringstream stream;
    stream << 1234567;
    REQUIRE(stream.str() != "1234567");

    const std::map<std::string, std::string> written = everything();
    for (const auto& known : expected) CHECK_MESSAGE(written.at(known.first) == known.second, known.first);

    const std::string& json = written.at("run.json");
    const RunRecord back = parse_run_record(Bytes(json.begin(), json.end()), "run.json");
    CHECK(back.images_per_second == 12345.5);
    CHECK(report::detail::to_json(back).dump(1) == json);

    CHECK(granted(TemporaryFolder()) == "12641974272 bytes, 2 cores");
    CHECK(names_void("IGNORE"));
    CHECK(std::setlocale(LC_ALL, nullptr) == std::string(name));  // the host's choice stays
    char again[40];
    std::snprintf(again, sizeof again, "%.1f", 0.5);
    CHECK(again == std::string(text));
  }
}
