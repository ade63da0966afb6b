// SPDX-License-Identifier: MIT
// Reading refuses what is not a regular file and what does not fit in memory; writing leaves the old file or the new
// one, even with several writers.
#include <strata/core/files/file.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "../../support/file_size_limit.hpp"
#include "../../support/refusal.hpp"
#include "../../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;
namespace fs = std::filesystem;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat status;
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

/// Runs `work` in a child process and returns its result; negative: the signal that ended the child.
int in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Leaves a half-written `path`, as a process that was killed does.
void be_killed_writing(const std::string& path) {
  CHECK(in_child([&] {
          FileWriter out(path);
          out.write("half", 4);
          ::raise(SIGKILL);
          return 0;
        }) == -SIGKILL);
}

}  // namespace

TEST_CASE("what is not a regular file is refused in a sentence, without waiting for it") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  folder.path().copy(address.sun_path, sizeof address.sun_path - 8);
  (folder / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  const core::detail::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  REQUIRE(::bind(socket.number, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(refuses([&] { read_file(folder / "pipe"); }, "pipe: is a pipe, not a file; give the path of a file"));
  CHECK(refuses([&] { read_file(folder / "socket"); }, "is a socket"));
  CHECK(refuses([&] { read_file("/dev/zero"); }, "/dev/zero: is a device"));
  CHECK(refuses([&] { read_file("/dev/tty"); }, "/dev/tty: is a device"));
  CHECK(refuses([&] { read_file(folder.path()); }, "is a folder"));
  CHECK(refuses([&] { read_file(folder / "none"); }, "none: cannot be opened"));
  for (const std::string& path : {folder / "pipe", folder / "socket", std::string("/dev/null"), folder.path()})
    CHECK(refuses([&] { write_file(path, std::string("x")); }, "not a regular file"));
  fs::create_symlink(folder / "pipe", folder / "link");
  CHECK(refuses([&] { read_file(folder / "link"); }, "is a pipe"));
  CHECK(refuses([&] { write_file(folder / "link", std::string("x")); }, "not a regular file"));
}

TEST_CASE("a file larger than the memory is refused before a byte is read") {
  const TemporaryFolder folder;
  write(folder / "sparse", std::string("x"));
  fs::resize_file(folder / "sparse", std::uintmax_t(1) << 40);
  CHECK(
      refuses([&] { read_file(folder / "sparse"); }, "sparse: holds 1099.51 GB, but only ", " GB of memory are free"));
#ifndef STRATA_SANITIZED  // the sanitizers' shadow memory needs more
  fs::resize_file(folder / "sparse", std::uintmax_t(1) << 28);
  CHECK(in_child([&] {
          const rlimit limit{std::uint64_t(1) << 28, std::uint64_t(1) << 28};
          ::setrlimit(RLIMIT_AS, &limit);
          return refuses([&] { read_file(folder / "sparse"); }, "sparse: holds 0.268435 GB",
                         "more memory than this process can get")
                     ? 7
                     : 1;
        }) == 7);
#endif
}

TEST_CASE("files whose size the system does not know are read whole") {
  CHECK(fs::file_size("/proc/self/maps") == 0);
  const Bytes maps = read_file("/proc/self/maps");
  CHECK(maps.size() > 100);
  CHECK(maps.back() == '\n');
  CHECK(read_file("/sys/kernel/mm/transparent_hugepage/enabled").size() < 100);
  const TemporaryFolder folder;
  for (const std::size_t size : {std::size_t(0), std::size_t(1), std::size_t(100'000)}) {
    write(folder / "f", std::string(size, 'x'));
    CHECK(read_file(folder / "f") == Bytes(size, 'x'));
  }
}

TEST_CASE("a writer shows nothing before it commits, and leaves nothing if it does not") {
  const TemporaryFolder folder;
  write_file(folder / "f", std::string("old"));
  {
    FileWriter out(folder / "f");
    out.write("new", 3);
    CHECK(read(folder / "f") == "old");
    CHECK(names_in(folder.path()).size() == 2);
  }
  CHECK(names_in(folder.path()) == std::vector<std::string>{"f"});
  {
    const FileSizeLimit limit(1000);
    CHECK(refuses([&] { write_file(folder / "f", std::string(2000, 'x')); }, "cannot be written",
                  "what was there before is unchanged"));
  }
  CHECK(read(folder / "f") == "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"f"});
  CHECK(refuses([&] { write_file(folder / "none/f", std::string("x")); }, "none/f: cannot be created"));
  const std::string longest(255, 'n');
  write_file(folder / longest, std::string("x"));
  CHECK(read(folder / longest) == "x");
}

TEST_CASE("a replaced file keeps its mode; a new one gets the default") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  write_file(folder / "new", std::string("x"));
  CHECK(mode_of(folder / "new") == 0640);
  for (const mode_t mode : {mode_t(0600), mode_t(0664), mode_t(0444)}) {
    ::chmod((folder / "new").c_str(), mode);
    write_file(folder / "new", std::string("y"));
    CHECK(mode_of(folder / "new") == mode);
  }
  ::umask(before);
}

TEST_CASE("a link is followed, and what it leads to is replaced") {
  const TemporaryFolder folder, other;
  write_file(other / "target", std::string("old"));
  fs::create_symlink(other / "target", folder / "absolute");
  fs::create_symlink("absolute", folder / "relative");
  write_file(folder / "relative", std::string("new"));
  CHECK(read(other / "target") == "new");
  CHECK(fs::is_symlink(folder / "relative"));
  CHECK(fs::is_symlink(folder / "absolute"));
  CHECK(names_in(other.path()) == std::vector<std::string>{"target"});
  fs::create_symlink("nothing yet", folder / "dangling");
  write_file(folder / "dangling", std::string("made"));
  CHECK(read(folder / "nothing yet") == "made");
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  CHECK(refuses([&] { write_file(folder / "a", std::string("x")); }, "circular link"));
}

TEST_CASE("names of temporary files are drawn, so nothing can be planted there") {
  const TemporaryFolder folder;
  write_file(folder / "precious", std::string("precious"));
  std::vector<std::string> drawn;
  for (int i = 0; i < 100; i++) {
    drawn.push_back(core::detail::temporary_beside(folder / "f"));
    CHECK(core::detail::is_temporary_of(drawn.back().substr(folder.path().size() + 1), "f"));
  }
  std::sort(drawn.begin(), drawn.end());
  CHECK(std::unique(drawn.begin(), drawn.end()) == drawn.end());
  fs::create_symlink(folder / "precious", folder / ("f.tmp-" + std::to_string(::getpid())));
  fs::create_symlink(folder / "precious", folder / "f.tmp-0123456789abcdef");
  write_file(folder / "f", std::string("x"));
  CHECK(read(folder / "precious") == "precious");
  CHECK(!fs::is_symlink(folder / "f"));
}

TEST_CASE("the next writer removes what a killed one left, but not what is locked or belongs to another file") {
  const TemporaryFolder folder;
  be_killed_writing(folder / "f");
  be_killed_writing(folder / "g");
  be_killed_writing(folder / "f.tmp-0123456789abcdef");
  write_file(folder / "f.tmp-1234", std::string("the user's"));
  write_file(folder / "f.tmp-0123456789abcdefg", std::string("the user's"));
  fs::create_directory(folder / "f.tmp-0000000000000000");
  REQUIRE(names_in(folder.path()).size() == 6);
  {
    FileWriter first(folder / "f"), second(folder / "f");
    CHECK(names_in(folder.path()).size() == 7);  // one leftover fewer, two locked files more
    first.write("1", 1), second.write("22", 2);
    first.commit();
    CHECK(read(folder / "f") == "1");
    second.commit();
  }
  CHECK(read(folder / "f") == "22");
  CHECK(names_in(folder.path()).size() == 6);
  core::detail::remove_leftovers(folder.path(), "");  // leftovers of any name, as a program does when it starts
  CHECK(names_in(folder.path()) ==
        std::vector<std::string>{"f", "f.tmp-0000000000000000", "f.tmp-0123456789abcdefg", "f.tmp-1234"});
}

TEST_CASE("two writers of one path, threads or processes: never torn, and neither fails") {
  const TemporaryFolder folder;
  const std::string path = folder / "f";
  constexpr std::size_t size = 1 << 18;
  write_file(path, Bytes(size, 'A'));
  const auto write_often = [&](char letter) {
    const Bytes bytes(size, (unsigned char)letter);
    for (int i = 0; i < 60; i++) {
      FileWriter out(path);
      for (std::size_t at = 0; at < size; at += size / 16) out.write(bytes.data() + at, size / 16);
      out.commit();
    }
  };
  const auto whole = [&] {
    const Bytes bytes = read_file(path);
    return bytes.size() == size &&
           std::all_of(bytes.begin(), bytes.end(), [&](unsigned char c) { return c == bytes[0]; });
  };
  std::atomic<int> failures{0}, torn{0}, loads{0};
  const auto guarded = [&](char letter) {
    try {
      write_often(letter);
    } catch (const Error&) {
      failures++;
    }
  };
  SUBCASE("threads") {
    std::jthread reader([&](const std::stop_token& stop) {
      for (; !stop.stop_requested(); loads++) torn += !whole();
    });
    std::jthread one(guarded, 'A');
    guarded('B');
    one.join();
  }
  SUBCASE("processes") {
    const pid_t child = ::fork();
    if (child == 0) {
      guarded('B');
      ::_exit(failures);
    }
    std::jthread reader([&](const std::stop_token& stop) {
      for (; !stop.stop_requested(); loads++) torn += !whole();
    });
    guarded('A');
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(loads > 0);
  CHECK(torn == 0);
  CHECK(failures == 0);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"f"});
}

TEST_CASE("many files written to one folder: it is scanned only once in a while") {
  const TemporaryFolder folder;
  for (int i = 0; i < 200; i++) write(folder / std::to_string(i), std::string("x"));
  be_killed_writing(folder / "0");
  int writers = 0;
  while (names_in(folder.path()).size() > 200 && writers < 20) write_file(folder / "0", std::string("y")), writers++;
  CHECK(writers <= 4);
}
