// SPDX-License-Identifier: MIT
// The connections that stay open between process 0 and the others after the meeting, so that a process that waits for
// another learns that it is gone: a sum over devices alone would wait forever. A process that leaves in order says
// goodbye; a connection that ends without one is a lost process.
#pragma once

#include <strata/dist/socket.hpp>

#include <memory>
#include <mutex>

namespace strata::dist {

class Roster {
 public:
  void add(int rank, Socket connection) {
    connection.keep_alive();
    peers_.push_back({rank, std::move(connection)});
  }

  /// Throws Error that names a process that is lost, or one that has left while the caller has been waiting for
  /// `timeout` or longer, since `waits_since`. Thread-safe.
  void check(Moment waits_since, std::chrono::seconds timeout = std::chrono::seconds(10)) {
    const std::lock_guard held(*mutex_);
    for (Peer& peer : peers_) {
      std::string received;
      if (!peer.left && !peer.connection.receive_now(received, 1))
        throw Error("dist: process ", peer.rank,
                    " ended or was cut off: see what it printed, and restart all processes from the last checkpoint");
      peer.left = peer.left || received[0] == goodbye;
      if (peer.left && std::chrono::steady_clock::now() - waits_since >= timeout)
        throw Error(
            "dist: process ", peer.rank,
            " left the training while others continue; give all processes the same data, options and number of epochs");
    }
  }

  /// Tells the others that this process has done its part, and closes the connections.
  void leave() noexcept {
    const std::lock_guard held(*mutex_);
    for (const Peer& peer : peers_) peer.connection.send_now({&goodbye, 1});
    peers_.clear();
  }
  /// Closes the connections without a goodbye: to the others, this process is lost.
  void cut() noexcept {
    const std::lock_guard held(*mutex_);
    peers_.clear();
  }

 private:
  static constexpr char goodbye = '.';
  struct Peer {
    int rank;
    Socket connection;
    bool left = false;
  };
  std::vector<Peer> peers_;
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

}  // namespace strata::dist
