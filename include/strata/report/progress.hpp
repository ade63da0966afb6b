// SPDX-License-Identifier: MIT
// Prints the progress of a training: on a terminal, one line that updates; elsewhere (also with TERM=dumb), one line
// per epoch. On a terminal the line fits its width. No escape codes are used.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/core/text/terminal.hpp>
#include <strata/train/options.hpp>

namespace strata::report {

/// Seconds as text: "0:42", "12:05", "3:07:12".
inline std::string duration(double seconds) {
  const long s = seconds > 0 && seconds < 1e9 ? std::lround(seconds) : 0;
  const auto two_digits = [](long n) { return core::padded(core::decimal(n), 2, '0'); };
  if (s >= 3600) return core::sentence(s / 3600, ':', two_digits(s / 60 % 60), ':', two_digits(s % 60));
  return core::sentence(s / 60, ':', two_digits(s % 60));
}

/// An observer that prints progress to `out`. live: one line that updates; by default, if `out` is a terminal that can
/// overwrite lines.
class ProgressLine {
 public:
  /// Prints to `out`, which stays open.
  explicit ProgressLine(std::FILE* out = stdout) : ProgressLine(out, core::rewrites_lines(out)) {}
  ProgressLine(std::FILE* out, bool live) : out_(out), live_(live) {}

  bool label_maps = false;  ///< the network classifies pixels: show the mean IoU, too

  void operator()(const training::Progress& p) {
    if (p.event == training::Event::start) {
      first_iteration_ = p.run.iterations;
      first_seconds_ = p.run.seconds;
      return;
    }
    if (p.event == training::Event::validation) {
      validation_ = p.run.measures_values ? p.run.validation.errors.rmse() : p.run.validation.accuracy;
      mean_iou_ = p.run.validation.confusion.mean_iou();
      heads_.clear();
      for (const metrics::Evaluation& head : p.run.validation.heads)
        heads_ +=
            (heads_.empty() ? "  validation " : ", ") + head.head +
            (head.measures_values() ? " RMSE " + core::fixed(head.errors.rmse(), 4) : ' ' + percent(head.accuracy));
    }
    if (p.event == training::Event::validation) {
      metrics_.clear();
      for (const metrics::MetricValue& metric : p.run.validation.metrics)
        metrics_ += (metrics_.empty() ? "  " : ", ") + metric.name + ' ' + core::fixed(metric.value, 4);
    }
    if (!p.record) return;
    if (live_) {
      const bool due = p.run.seconds - shown_ >= 0.1 || p.event == training::Event::end;
      if (due && (p.event == training::Event::iteration || p.event == training::Event::end)) show(p, true);
    } else if (p.event == training::Event::epoch || (p.event == training::Event::end && printed_ != p.run.iterations)) {
      show(p, false);
    }
    if (p.event == training::Event::end && live_) std::fputc('\n', out_);
    std::fflush(out_);
  }

 private:
  void show(const training::Progress& p, bool in_place) {
    const int room = core::line_room(out_), fill = room == 0 && in_place ? 119 : room;
    const std::string line = fill > 0 ? fitted(text(p), fill) : text(p);
    const int width = core::columns_of(line);
    if (in_place)
      std::fprintf(out_, "\r%s%*s", line.c_str(), std::clamp(fill, width, std::max(width_, width)) - width, "");
    else std::fprintf(out_, "%s\n", line.c_str());
    width_ = width;
    shown_ = p.run.seconds;
    printed_ = p.run.iterations;
  }

  static std::string percent(double share) { return core::fixed(100 * share, 2) + " %"; }

  std::string text(const training::Progress& p) const {
    std::string out = core::sentence("epoch ", p.record->epoch, '/', p.epochs, "  iteration ", p.run.iterations, '/',
                                     p.iterations, "  loss ", core::fixed(p.record->loss, 4));
    for (std::size_t h = 0; h < std::min(p.run.heads.size(), p.record->heads.size()); h++)
      out += (h == 0 ? "  " : ", ") + p.run.heads[h] + ' ' + core::fixed(p.record->heads[h].loss, 4);
    if (!heads_.empty()) {
      out += heads_;
    } else if (p.run.measures_values) {
      if (validation_ >= 0) out += "  validation RMSE " + core::fixed(validation_, 4);
    } else {
      out += "  accuracy " + percent(p.record->train_accuracy);
    }
    if (validation_ >= 0 && heads_.empty() && !p.run.measures_values) out += "  validation " + percent(validation_);
    if (validation_ >= 0 && label_maps) out += ", mean IoU " + percent(mean_iou_);
    out += metrics_;
    const double speed = p.run.images_per_second();
    out += core::sentence("  ", core::fixed(speed, speed < 10 ? 2 : 0), " images/s");
    const double done = double(p.run.iterations - first_iteration_), left = double(p.iterations - p.run.iterations);
    if (done > 0 && left > 0 && p.event != training::Event::end)
      out += "  " + duration((p.run.seconds - first_seconds_) / done * left) + " left";
    else out += "  " + duration(p.run.seconds);
    return out;
  }

  /// The parts of the line, separated by two spaces, that fit; numbers are never cut.
  static std::string fitted(const std::string& line, int room) {
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t end = std::min(line.find("  ", at), line.size());
      const std::string part = (out.empty() ? "" : "  ") + line.substr(at, end - at);
      if (core::columns_of(out) + core::columns_of(part) <= room) out += part;
      at = end + 2;
    }
    return out.empty() ? std::string(core::cut_to(line, room)) : out;
  }

  std::FILE* out_;
  bool live_;
  double validation_ = -1, mean_iou_ = 0, shown_ = -1, first_seconds_ = 0;
  long first_iteration_ = 0, printed_ = -1;
  int width_ = 0;
  std::string heads_;    ///< of the last validation of several heads
  std::string metrics_;  ///< of the last validation
};

}  // namespace strata::report
