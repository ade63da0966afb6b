// SPDX-License-Identifier: MIT
// Downloads a file with the program `curl`, so the library links no network code. The bytes come through a pipe, so no
// temporary file can be left over, and curl ends when this program does.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/files/descriptor.hpp>
#include <strata/core/files/file.hpp>

extern char** environ;

namespace strata::data {

namespace detail {

/// What curl's exit status means, for an error message.
inline const char* curl_trouble(int status) {
  switch (status) {
    case 1: return "the address is not http, https or file";
    case 3: return "the address is malformed";
    case 6: return "the host name cannot be resolved; is the network up?";
    case 7: return "no answer from the address";
    case 18: return "the transfer was cut short; try again";
    case 22: return "the server has no such file, or refuses to send it";
    case 28: return "the transfer takes too long";
    case 47: return "the server redirects too many times";
    case 60: return "the server's certificate is not trusted";
    case 63: return "the file is larger than the limit";
    case 127: return "the program curl was not found; install curl";
    default: return "the transfer failed; is the network up?";
  }
}

/// A running curl whose output is a pipe; the destructor kills it.
class Curl {
 public:
  Curl(const std::string& url, std::size_t limit) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw Error(url, ": cannot be downloaded: a pipe cannot be created: ", core::reason(errno));
    output_.number = ends[0];
    const core::detail::Descriptor input(ends[1]);
    const std::string most = std::to_string(limit);
    // --disable, which must come first, ignores ~/.curlrc. --globoff takes [ ] { } in the address literally.
    const char* arguments[] = {"curl",
                               "--disable",
                               "--globoff",
                               "--fail",
                               "--silent",
                               "--location",
                               "--proto",
                               "=http,https,file",
                               "--proto-redir",
                               "=http,https",
                               "--max-redirs",
                               "5",
                               "--connect-timeout",
                               "20",
                               "--speed-limit",
                               "1000",
                               "--speed-time",
                               "30",
                               "--max-filesize",
                               most.c_str(),
                               "--",
                               url.c_str(),
                               nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, input.number, 1);
    const int failed = ::posix_spawnp(&child_, "curl", &actions, nullptr, const_cast<char**>(arguments), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed)
      throw Error(url, ": cannot be downloaded: the program curl cannot be started (", core::reason(failed),
                  "); install curl");
  }
  Curl(const Curl&) = delete;
  ~Curl() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    wait();
  }

  /// Reads at most `size` bytes and returns their number; 0 at the end.
  std::size_t read(void* to, std::size_t size, const std::string& url) {
    for (;;) {
      const ssize_t got = ::read(output_.number, to, size);
      if (got >= 0) return std::size_t(got);
      if (errno != EINTR) throw Error(url, ": cannot be downloaded: ", core::reason(errno));
    }
  }
  /// Waits for curl to end and returns its exit status; -1 where a signal ended it.
  int wait() {
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  core::detail::Descriptor output_{-1};
  pid_t child_ = 0;
};

/// Fills `out` and returns curl's exit status. Throws Error where there are more than `limit` bytes.
inline int fetch(const std::string& url, std::size_t limit, core::Bytes& out) {
  Curl curl(url, limit);
  unsigned char part[1 << 16];
  while (const std::size_t got = curl.read(part, sizeof part, url)) {
    if (got > limit - out.size())
      throw Error(url, ": is longer than ", limit, " bytes, the limit; is the address right?");
    out.insert(out.end(), part, part + got);
  }
  return curl.wait();
}

}  // namespace detail

/// Downloads the bytes of a URL (http, https or file). A transfer that breaks is tried three times in all. Throws Error
/// where the download fails, or exceeds `limit` bytes, whatever size the server declares.
inline core::Bytes download(const std::string& url, std::size_t limit) {
  for (int attempt = 1;; attempt++) {
    core::Bytes out;
    const int code = detail::fetch(url, limit, out);
    if (code == 0) return out;
    const bool broken = code == 18 || code == 52 || code == 56 || code == 92;
    if (!broken || attempt == 3)
      throw Error(url, ": cannot be downloaded: ", code < 0 ? "curl was stopped" : detail::curl_trouble(code),
                  " (curl returned ", code, ")");
  }
}

}  // namespace strata::data
