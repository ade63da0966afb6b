// SPDX-License-Identifier: MIT
// Fetches a file by the program `curl`, so that the library links to no network code.
#pragma once

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>

extern char** environ;

namespace strata {

/// The bytes behind a URL (http, https or file).
inline Bytes download(const std::string& url) {
  char temporary[] = "/tmp/strata-download-XXXXXX";
  const int fd = ::mkstemp(temporary);
  if (fd < 0) throw Error(url, ": cannot be downloaded: no temporary file can be made in /tmp: ", std::strerror(errno));
  ::close(fd);
  struct Remove {
    const char* path;
    ~Remove() { ::unlink(path); }
  } remove{temporary};
  const char* arguments[] = {"curl",           "--fail",     "--silent", "--show-error", "--location",
                             "--proto",        "=http,https,file", "--connect-timeout", "20", "--speed-limit", "1000",
                             "--speed-time",   "30",         "--retry",  "2",  "--max-filesize", "1000000000",
                             "--output",       temporary,    "--",       url.c_str(), nullptr};
  pid_t child;
  const int failed = ::posix_spawnp(&child, "curl", nullptr, nullptr, const_cast<char**>(arguments), environ);
  if (failed) throw Error(url, ": cannot be downloaded: the program curl does not start (", std::strerror(failed),
                          "); install curl");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw Error(url, ": cannot be downloaded: ", std::strerror(errno));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    throw Error(url, ": cannot be downloaded: the program curl is not there; install curl");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Error(url, ": cannot be downloaded: curl ends with ", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                "; is the network there?");
  return read_file(temporary);
}

}  // namespace strata
