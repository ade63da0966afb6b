// SPDX-License-Identifier: MIT
// Finds MNIST: in a given folder, in $STRATA_DATA/mnist, in an earlier download, by downloading it, or, as a last
// resort, the Fashion-MNIST of Debian's package dataset-fashion-mnist. Needs strata::idx (zlib) and the program curl.
#pragma once

#include <sys/stat.h>

#include <cstdlib>

#include <strata/data/download.hpp>
#include <strata/data/mnist.hpp>
#include <strata/data/sha256.hpp>

namespace strata::mnist {

/// The address that the files are downloaded from; the environment variable STRATA_MNIST_URL overrides it.
inline constexpr const char* base_url = "https://ossci-datasets.s3.amazonaws.com/mnist";
inline constexpr const char* base_url_variable = "STRATA_MNIST_URL";

/// Where obtain() looks.
struct Places {
  std::string given{};  ///< empty: none
  std::string cache{};  ///< empty: $XDG_CACHE_HOME/strata/mnist or ~/.cache/strata/mnist, where these are absolute
  std::string fashion = "/usr/share/datasets/fashion-mnist";
  bool network = true;                        ///< whether to download
  void (*say)(const std::string&) = nullptr;  ///< receives progress messages, one sentence at a time
};

struct Found {
  std::string folder;
  std::string name;  ///< "MNIST" where the checksums match, or "Fashion-MNIST"; empty: load() determines it
};

inline constexpr std::size_t download_limit = std::size_t(1) << 25;  ///< bytes per file; the largest is 9.9 MB

namespace detail {

inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// Empty where the environment names no absolute path: then nothing is downloaded.
inline std::string cache_folder() {
  const std::string cache = variable("XDG_CACHE_HOME"), home = variable("HOME");
  if (cache.starts_with('/')) return cache + "/strata/mnist";
  return home.starts_with('/') ? home + "/.cache/strata/mnist" : "";
}

inline void make_folders(const std::string& path) {
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0777) != 0 && errno != EEXIST && at == std::string::npos)
      throw Error(part, ": the folder cannot be created: ", core::reason(errno));
    if (at == std::string::npos) return;
  }
}

/// Throws Error where the checksum of the content is not that of MNIST's file.
inline void verify(const core::Bytes& stored, const File& file, const std::string& name, const char* remedy) {
  const core::Bytes content = data::is_gzip(stored) ? data::gunzip(stored, name, std::size_t(1) << 26) : stored;
  const std::string digest = data::sha256(content.data(), content.size());
  if (digest != file.sha256)
    throw Error(name, ": has the checksum ", digest, " instead of ", file.sha256, ", so it is not used; ", remedy);
}

/// Why a folder does not hold MNIST; empty where it does and every checksum matches.
inline std::string flaw_of(const std::string& folder) {
  for (const File& file : files) {
    const std::string path = find(folder, file);
    if (path.empty()) return core::sentence(folder, ": does not hold ", file.name);
    try {
      verify(core::read_file(path), file, path, "remove it");
    } catch (const Error& error) {
      return error.what();
    }
  }
  return "";
}

}  // namespace detail

/// Downloads those of the four files that are missing or damaged in the folder, which is created. A file is written
/// only after the SHA-256 of its content matches. Throws Error where a download fails.
inline void download_files(const std::string& folder, void (*say)(const std::string&) = nullptr) {
  const std::string own = detail::variable(base_url_variable), base = own.empty() ? base_url : own;
  detail::make_folders(folder);
  for (const File& file : files) {
    const std::string there = find(folder, file);
    if (!there.empty()) {
      try {
        detail::verify(core::read_file(there), file, there, "it is downloaded again");
        continue;
      } catch (const Error& error) {
        if (say) say(error.what());
      }
    }
    const std::string url = base + "/" + file.name + ".gz", path = folder + "/" + file.name + ".gz";
    if (say) say("downloading " + url);
    const core::Bytes packed = data::download(url, download_limit);
    if (!data::is_gzip(packed)) throw Error(url, ": is not a .gz file; is the address right?");
    detail::verify(packed, file, url,
                   core::sentence("try again, or set ", base_url_variable, " to another address").c_str());
    core::write_file(path, packed);
    if (!there.empty() && there != path) ::unlink(there.c_str());  // the damaged file would be found first
  }
}

/// The folder of MNIST, or of Fashion-MNIST: the first of the places above that has the files. Throws Error if none
/// has.
inline Found obtain(const Places& places = {}) {
  const auto say = [&](const std::string& what) {
    if (places.say) places.say(what);
  };
  if (!places.given.empty()) {
    for (const File& file : files) detail::found(places.given, file);
    return {places.given, ""};
  }
  const std::string data = detail::variable("STRATA_DATA");
  if (!data.empty() && complete(data + "/mnist")) return {data + "/mnist", ""};
  if (!data.empty()) say(data + "/mnist does not hold MNIST's four files");
  const std::string cache = places.cache.empty() ? detail::cache_folder() : places.cache;
  std::string reason = "downloads are disabled";
  if (!cache.empty() && complete(cache)) {
    const std::string flaw = detail::flaw_of(cache);
    if (flaw.empty()) return {cache, "MNIST"};
    if (!places.network) say(reason = flaw);
  }
  if (places.network) {
    try {
      if (cache.empty())
        throw Error("there is no folder to store a download in; set HOME or XDG_CACHE_HOME to an absolute path");
      download_files(cache, places.say);
      return {cache, "MNIST"};
    } catch (const Error& error) {
      reason = error.what();
      say(reason);
    }
  }
  if (complete(places.fashion)) {
    say("MNIST is not available, so Fashion-MNIST in " + places.fashion +
        " is used: the same format, but harder; accuracies are not comparable to MNIST's");
    return {places.fashion, "Fashion-MNIST"};
  }
  throw Error("MNIST was not found: ", reason,
              "; give a folder with its four IDX files, set STRATA_DATA, or install "
              "Debian's dataset-fashion-mnist");
}

}  // namespace strata::mnist
