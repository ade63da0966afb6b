// SPDX-License-Identifier: MIT
// The lines that stay open between process 0 and the others after they met, so that who waits for a process learns that
// it is gone: a sum over devices alone would wait for ever. Who leaves in order says so; a line that ends without is a
// process that was lost.
#pragma once

#include <strata/dist/socket.hpp>

#include <memory>
#include <mutex>

namespace strata::dist {

class Roster {
 public:
  void add(int rank, Socket line) {
    line.keep_alive();
    peers_.push_back({rank, std::move(line)});
  }

  /// Throws an Error that names who is lost, or who left `patience` or longer before and is waited for since. Anybody's
  /// call.
  void check(Moment waits_since, std::chrono::seconds patience = std::chrono::seconds(10)) {
    const std::lock_guard held(*mutex_);
    for (Peer& peer : peers_) {
      std::string said;
      if (!peer.left && !peer.line.receive_now(said, 1))
        throw Error("dist: process ", peer.rank,
                    " ended or was cut off: see what it said, and start all again from the last checkpoint");
      peer.left = peer.left || said[0] == goodbye;
      if (peer.left && std::chrono::steady_clock::now() - waits_since >= patience)
        throw Error(
            "dist: process ", peer.rank,
            " left the training while others go on; give all processes the same data, options and number of epochs");
    }
  }

  /// Tells the others that this process has done its part.
  void leave() noexcept {
    const std::lock_guard held(*mutex_);
    for (const Peer& peer : peers_) peer.line.send_now({&goodbye, 1});
    peers_.clear();
  }
  /// Ends the lines without a word, by which the others learn that this process is lost to them.
  void cut() noexcept {
    const std::lock_guard held(*mutex_);
    peers_.clear();
  }

 private:
  static constexpr char goodbye = '.';
  struct Peer {
    int rank;
    Socket line;
    bool left = false;
  };
  std::vector<Peer> peers_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

}  // namespace strata::dist
