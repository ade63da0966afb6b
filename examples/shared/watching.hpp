// SPDX-License-Identifier: MIT
// Who watches a training: the console, and TensorBoard with --tensorboard.
#pragma once

#include <optional>
#include <string>

#include <strata/report/event_log.hpp>
#include <strata/report/progress.hpp>

namespace shared {

inline constexpr const char* tensorboard_help =
    "write the progress to this folder, too, as events that TensorBoard shows";

/// A validator of --tensorboard.
inline std::string folder_with_name(const std::string& given) {
  return given.empty() ? "the folder has no name; give one" : "";
}

/// The observer of a training.
class Watching {
 public:
  /// tensorboard: a folder; empty: none. label_maps: the network classifies pixels. Throws strata::Error if the folder
  /// cannot be written.
  Watching(bool quiet, const std::string& tensorboard, bool label_maps) : quiet_(quiet) {
    line_.label_maps = label_maps;
    if (tensorboard.empty()) return;
    events_.emplace(tensorboard);
    events_->label_maps = label_maps;
  }

  void operator()(const strata::training::Progress& progress) {
    if (!quiet_) line_(progress);
    if (events_) (*events_)(progress);
  }

  /// After everything else was saved: throws strata::Error if not all events could be written.
  void finish() const {
    if (events_ && !events_->failure().empty()) throw strata::Error(events_->failure());
  }

 private:
  bool quiet_;
  strata::report::ProgressLine line_;
  std::optional<strata::report::EventLog> events_;
};

}  // namespace shared
