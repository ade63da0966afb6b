// SPDX-License-Identifier: MIT
// Recognizes files that are not safetensors by their first bytes, and says what to do with them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>

namespace strata::io::detail {

/// What the file is and how to convert it, "is a PyTorch archive (.pt); ..."; empty: unknown.
inline std::string recognized_format(const core::Bytes& bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 512));
  const auto begins = [&](std::string_view what) { return start.substr(0, what.size()) == what; };
  const auto torch = [](const char* what) {
    return core::sentence(
        what,
        "; convert it in Python: safetensors.torch.save_file(torch.load(\"model.pt\", weights_only=True), \"model.safetensors\")");
  };
  if (begins("PK\3\4") && start.find(".npy") != start.npos)
    return "is a NumPy archive (.npz); convert it in Python: safetensors.numpy.save_file(dict(numpy.load(\"model.npz\")), "
           "\"model.safetensors\")";
  if (begins("PK\3\4") && start.find("data.pkl") != start.npos) return torch("is a PyTorch archive (.pt)");
  if (begins("\x80\2\x8a\n") || begins("\x80\2}") || begins("\x80\2c"))
    return torch("is a PyTorch file from before version 1.6 (.pt)");
  if (begins("PK\3\4")) return torch("is a zip archive (PyTorch's .pt files are zip archives)");
  if (begins("\x89HDF\r\n"))
    return "is an HDF5 file, such as Keras writes (.h5); save its weights with safetensors.numpy.save_file in Python";
  if (begins("GGUF")) return "is a GGUF file; get the model as safetensors";
  if (begins("\x93NUMPY"))
    return "is a single NumPy array (.npy); save arrays under their names with safetensors.numpy.save_file in Python";
  if (begins("\x1f\x8b")) return "is compressed (.gz); decompress it with gunzip";
  if (begins("version https://git-lfs"))
    return "is a Git LFS pointer, not the file itself; get the file with git lfs pull";
  if (begins("<!") || begins("<html") || begins("<?xml")) return "is a web page; download the file itself";
  return "";
}

}  // namespace strata::io::detail
