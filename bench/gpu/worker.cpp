// SPDX-License-Identifier: MIT
#include "worker.hpp"

#include <strata/core/error.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace gpu_check {

Worker::Worker(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw strata::Error("no pipe to a worker can be made: ", ::strerror(errno), "; close some files");
  child_ = ::fork();
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ends[0];
  if (child_ < 0) {
    ::close(output_);
    throw strata::Error("no worker can be started: ", ::strerror(errno), "; is there enough memory?");
  }
}

Worker::~Worker() {
  if (status_ < 0) {
    ::kill(child_, SIGKILL);
    (void)reap(2000);
  }
  ::close(output_);
}

Worker::Said Worker::read(std::string& line, int milliseconds) {
  for (;;) {
    if (const std::size_t end = pending_.find('\n'); end != pending_.npos) {
      line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return Said::line;
    }
    pollfd ready{output_, POLLIN, 0};
    const int count = ::poll(&ready, 1, milliseconds);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) return Said::nothing;
    char bytes[4096];
    const ssize_t got = ::read(output_, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Said::ended;
    pending_.append(bytes, std::size_t(got));
  }
}

std::string Worker::end() {
  if (!reap(2000)) {  // its output is closed, but it does not end
    ::kill(child_, SIGKILL);
    if (!reap(2000)) return "a driver that does not let it end";
  }
  if (WIFSIGNALED(status_))
    return strata::core::sentence("signal ", WTERMSIG(status_), " (", ::strsignal(WTERMSIG(status_)), ")");
  return strata::core::sentence("exit status ", WEXITSTATUS(status_));
}

bool Worker::reap(int milliseconds) {
  for (int waited = 0; status_ < 0; waited += 10) {
    int status = 0;
    if (::waitpid(child_, &status, WNOHANG) == child_) status_ = status;
    else if (waited >= milliseconds) return false;
    else ::usleep(10'000);
  }
  return true;
}

}  // namespace gpu_check
