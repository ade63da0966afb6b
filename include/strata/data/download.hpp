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

namespace detail {

/// What curl's exit status means, where it says more than that it failed.
inline const char* curl_trouble(int status) {
  switch (status) {
    case 3: return "the address is malformed";
    case 6: return "the host is not known here; is the network there?";
    case 7: return "nobody answers at the address";
    case 22: return "the server has no such file, or refuses it";
    case 28: return "it takes too long";
    case 60: return "the server's certificate is not trusted";
    case 127: return "the program curl is not there; install curl";
    default: return "the transfer failed; is the network there?";
  }
}

}  // namespace detail

/// The bytes behind a URL (http, https or file).
inline Bytes download(const std::string& url) {
  char temporary[] = "/tmp/strata-download-XXXXXX";
  const int fd = ::mkstemp(temporary);
  if (fd < 0) throw Error(url, ": cannot be downloaded: no temporary file can be made in /tmp: ", core::reason(errno));
  ::close(fd);
  struct Remove {
    const char* path;
    ~Remove() { ::unlink(path); }
  } remove{temporary};
  const char* arguments[] = {"curl",           "--fail",     "--silent", "--location",
                             "--proto",        "=http,https,file", "--connect-timeout", "20", "--speed-limit", "1000",
                             "--speed-time",   "30",         "--retry",  "2",  "--max-filesize", "1000000000",
                             "--output",       temporary,    "--",       url.c_str(), nullptr};
  pid_t child;
  const int failed = ::posix_spawnp(&child, "curl", nullptr, nullptr, const_cast<char**>(arguments), environ);
  if (failed) throw Error(url, ": cannot be downloaded: the program curl does not start (", core::reason(failed),
                          "); install curl");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw Error(url, ": cannot be downloaded: ", core::reason(errno));
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code != 0) throw Error(url, ": cannot be downloaded: ", detail::curl_trouble(code), " (curl ends with ", code, ")");
  return read_file(temporary);
}

}  // namespace strata
