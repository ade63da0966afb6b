// SPDX-License-Identifier: MIT
// A folder has one writer at a time (folder_lock.hpp), and a new folder appears whole or not at all
// (folder_writer.hpp).
#include <strata/core/files/folder_lock.hpp>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include <strata/core/files/folder_writer.hpp>

#include "../../support/refusal.hpp"
#include "../../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;
namespace fs = std::filesystem;

namespace {

/// Runs `work` in a process that is then killed.
void in_killed_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
}

std::string own_process() { return sentence("another program is writing there (process ", int(::getpid()), " on "); }

}  // namespace

TEST_CASE("the second program is told who writes there, and may write once the first is gone") {
  const TemporaryFolder folder;
  std::optional<FolderLock> first(folder.path());
  const std::string said = refusal([&] { FolderLock second(folder.path()); });
  CHECK(said.starts_with(folder.path() + ": " + own_process()));
  CHECK(said.find(" since 20") != std::string::npos);
  CHECK(said.find(" UTC); wait for it to end, or give another folder") != std::string::npos);
  first.reset();
  CHECK(names_in(folder.path()).empty());
  const FolderLock third(folder.path());
}

TEST_CASE("a killed program's lock no longer holds, and its text is replaced") {
  const TemporaryFolder folder;
  in_killed_child([&] { new FolderLock(folder.path()); });
  REQUIRE(names_in(folder.path()) == std::vector<std::string>{".strata.lock"});
  write(folder / ".strata.lock", std::string(1000, 'x'));
  const FolderLock lock(folder.path());
  CHECK(read(folder / ".strata.lock").starts_with(sentence("process ", int(::getpid()))));
  CHECK(read(folder / ".strata.lock").size() < 200);
}

TEST_CASE("the holder's text is untrusted: control characters are removed") {
  const TemporaryFolder folder;
  const FolderLock lock(folder.path());
  write(folder / ".strata.lock", std::string("\x1b[2Jnobody\nmore"));
  CHECK(refuses([&] { FolderLock second(folder.path()); }, "(\\x1b[2Jnobody)"));
  write(folder / ".strata.lock", std::string());
  CHECK(refuses([&] { FolderLock second(folder.path()); }, "it does not say who"));
}

TEST_CASE("a lock is never taken through a link, a pipe or a missing folder") {
  const TemporaryFolder folder;
  write(folder / "precious", std::string("precious"));
  fs::create_symlink("precious", folder / ".strata.lock");
  CHECK(refuses([&] { FolderLock lock(folder.path()); }, "cannot be written"));
  CHECK(read(folder / "precious") == "precious");
  fs::remove(folder / ".strata.lock");
  REQUIRE(::mkfifo((folder / ".strata.lock").c_str(), 0600) == 0);
  CHECK(refuses([&] { FolderLock lock(folder.path()); }, "is not a regular file"));
  CHECK(refuses([&] { FolderLock lock(folder / "none"); }, "none: cannot be written"));
}

TEST_CASE("a folder is seen when it is whole; one writer at a time; nothing is left of one that gave up") {
  const TemporaryFolder folder;
  const std::string path = folder / "a/scenes";
  {
    FolderWriter out(path + "//");
    out.add_folder("train");
    out.add_file("train/x", std::string("x"));
    CHECK(!fs::exists(path));
    CHECK(refuses([&] { FolderWriter second(path); }, path, own_process()));
  }
  CHECK(names_in(folder / "a").empty());
  {
    FolderWriter out(path);
    out.add_file("x", std::string("x"));
    out.publish();
  }
  CHECK(names_in(folder / "a") == std::vector<std::string>{"scenes"});
  CHECK(names_in(path) == std::vector<std::string>{"x"});
  CHECK(refuses([&] { FolderWriter second(path); }, "is not empty"));
}

TEST_CASE("folders that killed writers left are removed by the next; a link is followed; the mode stays") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "target");
  fs::permissions(folder / "target", fs::perms::owner_all);
  fs::create_directory_symlink("target", folder / "scenes");
  in_killed_child([&] {
    auto* const out = new FolderWriter(folder / "scenes");
    out->add_folder("deep");
    out->add_file("deep/x", std::string("x"));
  });
  REQUIRE(names_in(folder.path()).size() == 4);  // scenes, target, target.lock, target.tmp-...
  write(folder / "target.tmp-0123456789abcdef", std::string("a file, not ours"));
  {
    FolderWriter out(folder / "scenes");
    out.publish();
  }
  CHECK(names_in(folder.path()) == std::vector<std::string>{"scenes", "target", "target.tmp-0123456789abcdef"});
  CHECK(fs::is_symlink(folder / "scenes"));
  CHECK(fs::status(folder / "target").permissions() == fs::perms::owner_all);
}
