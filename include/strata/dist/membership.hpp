// SPDX-License-Identifier: MIT
// How two processes prove to each other that they belong to one training: both know a secret, which is never sent. Each
// draws a nonce, and every message carries an HMAC of the message and both nonces under the secret: a stranger cannot
// forge it, change it on the way, or replay it in another meeting.
#pragma once

#include <strata/core/error.hpp>
#include <strata/data/sha256.hpp>

#include <sys/random.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace strata::dist {

/// HMAC-SHA-256 (RFC 2104) of a message: it takes the key to compute it.
inline data::Sha256::Digest hmac_sha256(std::string_view key, std::string_view message) {
  unsigned char block[64] = {};
  if (key.size() <= sizeof block) {
    for (std::size_t i = 0; i < key.size(); i++) block[i] = static_cast<unsigned char>(key[i]);
  } else {
    data::Sha256 of_key;
    of_key.add(key.data(), key.size());
    const data::Sha256::Digest digest = of_key.digest();
    for (std::size_t i = 0; i < digest.size(); i++) block[i] = digest[i];
  }
  data::Sha256 inner, outer;
  for (unsigned char& byte : block) byte ^= 0x36;
  inner.add(block, sizeof block);
  inner.add(message.data(), message.size());
  const data::Sha256::Digest digest = inner.digest();
  for (unsigned char& byte : block) byte ^= 0x36 ^ 0x5c;
  outer.add(block, sizeof block);
  outer.add(digest.data(), digest.size());
  return outer.digest();
}

inline constexpr std::size_t nonce_bytes = 32, proof_bytes = 32;

/// 32 unpredictable bytes. Throws Error where the system has none.
inline std::string new_nonce() {
  std::string nonce(nonce_bytes, '\0');
  for (std::size_t filled = 0; filled < nonce.size();) {
    const ssize_t got = ::getrandom(nonce.data() + filled, nonce.size() - filled, 0);
    if (got > 0) filled += std::size_t(got);
    else if (errno != EINTR) throw Error("dist: the system provides no random numbers: ", core::reason(errno));
  }
  return nonce;
}

/// Whether two proofs are equal; takes the same time wherever they differ.
inline bool same_proof(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned differ = 0;
  for (std::size_t i = 0; i < a.size(); i++)
    differ |= unsigned(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return differ == 0;
}

/// What process 0 and one other process share.
struct Handshake {
  std::string secret, guest, host;  ///< guest, host: their nonces

  /// Proves that `body`, as the message `what` (at most one of each in a meeting), comes from a holder of the secret.
  std::string proof(std::string_view what, std::string_view body = {}) const {
    std::string message(what);
    (message += '\0') += guest;
    (message += host) += body;
    const data::Sha256::Digest digest = hmac_sha256(secret, message);
    return {digest.begin(), digest.end()};
  }
  bool verifies(std::string_view given, std::string_view what, std::string_view body = {}) const {
    return same_proof(given, proof(what, body));
  }
};

}  // namespace strata::dist
