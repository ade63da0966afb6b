// SPDX-License-Identifier: MIT
// The connections that stay open between process 0 and the others after the meeting, and a thread in each process that
// watches them, so that a process that waits for another learns that it is gone: a sum over devices alone would wait
// forever, and on one machine NCCL does not notice. A process that leaves in order says goodbye; a connection that ends
// without one is a lost process, and process 0 tells the others which it is. Each second every process shows that it
// runs; one that is silent for a minute is lost, too.
//
//   "+"   I run      "."   goodbye      "!" rank   lost      "?" rank   silent
#pragma once

#include <strata/core/threads/thread_group.hpp>
#include <strata/dist/socket.hpp>

#include <atomic>
#include <mutex>

namespace strata::dist {

class Roster {
 public:
  void add(int rank, Socket connection) {
    connection.keep_alive();
    group_->peers.push_back({rank, std::move(connection), Shared::now()});
  }

  /// Starts the thread, once all are added. silence: after which a process is lost. Throws Error where it cannot be
  /// started.
  void watch(std::chrono::milliseconds silence = std::chrono::seconds(60)) {
    if (group_->peers.empty()) return;
    group_->silence = silence;
    group_.start(0, 1, {"which watches the other processes", "start fewer processes on this machine"},
                 [](Shared& shared, int) { shared.work(); });
  }

  /// Throws Error that names a process that is lost, or one that has left while the caller has been waiting for
  /// `timeout` or longer, since `waits_since`; and where it has been waiting for `longest`. Thread-safe.
  void check(Moment waits_since, std::chrono::seconds timeout = std::chrono::seconds(10),
             std::chrono::seconds longest = std::chrono::minutes(30)) {
    const std::lock_guard held(group_->mutex);
    group_->check_loss();
    const auto waited = Shared::now() - waits_since;
    for (const Shared::Peer& peer : group_->peers)
      if (peer.left && waited >= timeout)
        throw Error(
            "dist: process ", peer.rank,
            " left the training while others continue; give all processes the same data, options and number of epochs");
    if (!group_->peers.empty() && waited >= longest)
      throw Error(
          "dist: this process has waited ", long(longest.count()),
          " s for others, which run but do not come to the same step; give all processes the same data, options "
          "and STRATA_CUDA_EAGER, and see what they do");
  }

  /// Returns after `time`, or at once where no other process is connected. Throws Error that names a process as soon as
  /// it is lost.
  void await_loss(std::chrono::milliseconds time) {
    for (const Moment end = Shared::now() + time; Shared::now() < end;) {
      {
        const std::lock_guard held(group_->mutex);
        if (group_->peers.empty()) return;
        group_->check_loss();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  /// Tells the others that this process has done its part, and closes the connections.
  void leave() noexcept { close(true); }
  /// Closes the connections without a goodbye: to the others, this process is lost. Tells them first which it misses
  /// itself.
  void cut() noexcept { close(false); }

 private:
  static constexpr char runs = '+', goodbye = '.', lost = '!', silent = '?';

  struct Shared {
    struct Peer {
      int rank;
      Socket connection;
      Moment heard;
      std::string received{};  ///< of a message that is not complete
      bool left = false;
    };

    static Moment now() { return std::chrono::steady_clock::now(); }

    void work() {
      for (Moment next = now(); !ends;) {
        std::vector<pollfd> sockets;
        {
          const std::lock_guard held(mutex);
          for (const Peer& peer : peers)
            if (!peer.left && lost_rank < 0) sockets.push_back(peer.connection.to_read());
        }
        wait_for_any(sockets, now() + std::chrono::milliseconds(100));
        const std::lock_guard held(mutex);
        look();
        if (now() < next) continue;
        next = now() + std::chrono::seconds(1);
        for (const Peer& peer : peers)
          if (!peer.left) (void)peer.connection.send_now({&runs, 1});
      }
    }

    /// Takes what has arrived.
    void look() {
      for (Peer& peer : peers) {
        if (peer.left || lost_rank >= 0) continue;
        const bool open = receive(peer);
        if (lost_rank >= 0 || peer.left) continue;
        if (!open) report(lost, peer.rank);
        else if (now() - peer.heard >= silence) report(silent, peer.rank);
      }
    }

    /// Returns whether more may come.
    bool receive(Peer& peer) {
      constexpr std::size_t most = 4096;
      const std::size_t before = peer.received.size();
      const bool open = peer.connection.receive_now(peer.received, most);
      if (peer.received.size() > before) peer.heard = now();
      std::string_view rest = peer.received;
      while (!rest.empty() && !peer.left && lost_rank < 0) {
        const bool names = rest[0] == lost || rest[0] == silent;
        if (names && rest.size() < 5) break;
        if (names) report(rest[0], number_in(rest.substr(1, 4)));
        peer.left = rest[0] == goodbye;
        rest.remove_prefix(names ? 5 : 1);
      }
      peer.received.erase(0, peer.received.size() - rest.size());
      return open;
    }

    /// Remembers the first process that is lost, and tells the others.
    void report(char how, int rank) {
      lost_rank = rank, lost_how = how;
      std::string message(1, how);
      for (int shift = 0; shift < 32; shift += 8) message += char(std::uint32_t(rank) >> shift & 255);
      for (const Peer& peer : peers)
        if (!peer.left && peer.rank != rank) (void)peer.connection.send_now(message);
    }
    static int number_in(std::string_view sent) {
      std::uint32_t n = 0;
      for (std::size_t i = 4; i-- > 0;) n = n << 8 | static_cast<unsigned char>(sent[i]);
      return int(n & 0x7FFF'FFFF);
    }

    void check_loss() const {
      if (lost_rank < 0) return;
      if (lost_how == silent)
        throw Error("dist: process ", lost_rank, " was silent for ", long(silence.count() / 1000),
                    " s: is it stopped, or its machine gone? Restart all processes from the last checkpoint");
      throw Error("dist: process ", lost_rank,
                  " ended or was cut off: see what it printed, and restart all processes from the last checkpoint");
    }

    void end() { ends = true; }

    std::mutex mutex;
    std::vector<Peer> peers;
    std::chrono::milliseconds silence{};
    int lost_rank = -1;  ///< of the first process that was lost
    char lost_how = lost;
    std::atomic<bool> ends = false;
  };

  void close(bool in_order) noexcept {
    if (!group_ || group_.lost()) return;  // in a child of fork(), the connections are its parent's
    group_.stop();
    const std::lock_guard held(group_->mutex);
    if (in_order)
      for (const Shared::Peer& peer : group_->peers) (void)peer.connection.send_now({&goodbye, 1});
    else if (group_->silence.count() > 0) group_->look();
    group_->peers.clear();
  }

  core::detail::ThreadGroup<Shared> group_{std::in_place};
};

}  // namespace strata::dist
