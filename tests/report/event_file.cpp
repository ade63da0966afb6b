// SPDX-License-Identifier: MIT
// Files of events: folders with hostile names, several files of one process, full disks.
#include <strata/report/event_file.hpp>

#include <doctest/doctest.h>

#include <filesystem>

#include "../support/event_reader.hpp"
#include "../support/file_size_limit.hpp"
#include "../support/refusal.hpp"

namespace report_event_file {

using namespace strata;
using namespace strata::report;
using namespace strata::testing;

TEST_CASE("a file can be read while it grows") {
  const TemporaryFolder folder;
  EventFile file(folder / "runs/a");
  CHECK(file.path().find("/runs/a/events.out.tfevents.1") != std::string::npos);
  CHECK(events_of(read(file.path())).at(0).version == "brain.Event:2");
  for (int i = 1; i <= 3; i++) {
    file.add(i, {{"loss", 1. / i}});
    const std::vector<ReadEvent> events = events_of(read(file.path()));
    REQUIRE(events.size() == std::size_t(1 + i));
    CHECK(events.back().step == i);
    CHECK(events.back().wall_time > 1.7e9);
    CHECK(events.back().scalars.at(0).value == float(1. / i));
  }
  file.start(7);
  CHECK(events_of(read(file.path())).back().session == 1);
  CHECK(events_of(read(file.path())).back().step == 7);
  CHECK(file.failure() == "");
}

TEST_CASE("a file to which nothing is added does not stay") {
  const TemporaryFolder folder;
  std::string path;
  {
    const EventFile file(folder / "runs");
    path = file.path();
    CHECK(std::filesystem::exists(path));
  }
  CHECK(!std::filesystem::exists(path));
  CHECK(std::filesystem::exists(folder / "runs"));
}

TEST_CASE("several files in a folder, and what else is there, stay apart") {
  const TemporaryFolder folder;
  write(folder / "events.out.tfevents.0000000001.other.1.0", std::string("not ours"));
  EventFile first(folder.path()), second(folder.path());
  CHECK(first.path() != second.path());
  first.add(1, {{"a", 1}}), second.add(2, {{"b", 2}}), first.add(3, {{"a", 3}});
  CHECK(points_of(events_of(read(first.path())), "a") == "1:1 3:3");
  CHECK(points_of(events_of(read(second.path())), "b") == "2:2");
  CHECK(names_in(folder.path()).size() == 3);
  CHECK(read(folder / "events.out.tfevents.0000000001.other.1.0") == "not ours");
}

TEST_CASE("names of folders") {
  const TemporaryFolder folder;
  const std::string deep = "a/b//c/./d/../e/";
  for (const std::string& name : {std::string("a space"), std::string("%s%n%d"), std::string("-rf"),
                                  std::string("line\nbreak"), std::string("\xff\xfe"), std::string("\u00e4\u4e2d"),
                                  deep, std::string(200, 'x'), std::string("'\"`$(id)"), std::string("...")}) {
    INFO(name);
    EventFile file(folder / name);
    file.add(1, {{"a", 1}});
    CHECK(std::filesystem::is_directory(folder / name));
    CHECK(points_of(events_in(folder / name), "a") == "1:1");
  }
  write(folder / "file", std::string("1"));
  CHECK(refuses([&] { EventFile(""); }, "has no name"));
  CHECK(refuses([&] { EventFile(folder / "file"); }, "/file: the folder cannot be created", "give another folder"));
  CHECK(refuses([&] { EventFile(folder / "file/below"); }, "cannot be created: Not a directory"));
  CHECK(refuses([&] { EventFile(folder / std::string(300, 'x')); }, "File name too long"));
  CHECK(refuses([&] { EventFile("/proc/strata"); }, "cannot be created"));
  std::filesystem::create_symlink(folder / "nowhere", folder / "dangling");
  CHECK(refuses([&] { EventFile(folder / "dangling"); }, "cannot be created"));
  std::filesystem::create_directory(folder / "real");
  std::filesystem::create_symlink(folder / "real", folder / "link");
  EventFile(folder / "link").add(1, {{"a", 1}});
  CHECK(events_in(folder / "real").size() == 2);
  CHECK(read(folder / "file") == "1");
}

TEST_CASE("the name of the machine cannot leave the folder") {
  const std::string name = report::detail::machine_in_file_name();
  CHECK(!name.empty());
  for (const char c : name) CHECK((std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_'));
}

TEST_CASE("a full disk ends the file with a whole record") {
  const TemporaryFolder folder;
  EventFile file(folder / "a");
  file.add(1, {{"a", 1}});
  const std::string before = read(file.path());
  {
    const FileSizeLimit limit(before.size() + 10);
    file.add(2, {{"a", 2}});
    CHECK(file.failure().find("/a/events.out") != std::string::npos);
    CHECK(file.failure().find("cannot be written: File too large") != std::string::npos);
    file.add(3, {{"a", 3}});
  }
  file.add(4, {{"a", 4}});  // no gap after which it seems whole
  CHECK(read(file.path()) == before);
  const FileSizeLimit limit(10);
  CHECK(refuses([&] { EventFile(folder / "b"); }, "cannot be written"));
  CHECK(names_in(folder / "b").empty());
}

}  // namespace report_event_file
