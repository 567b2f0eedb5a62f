// SPDX-License-Identifier: GPL-3.0-or-later
#include "console.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/parallel.h"
#include "base/text.h"

namespace cellocus::cli {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string durationText(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 90) return std::to_string(whole) + " s";
  if (whole < 5400) return std::to_string((whole + 30) / 60) + " min";
  return readable(static_cast<double>(whole) / 3600, 2) + " h";
}

void toStandardError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

/// Draws progress at most ten times a second, so that fast steps do not drown a log.
class Console::Display {
 public:
  Display(std::string job, ProgressStyle style, bool shown)
      : m_job(std::move(job)), m_style(style), m_shown(shown) {}

  void at(double fraction, std::string_view step) {
    const std::lock_guard lock(m_mutex);
    if (!m_shown || (m_drawn && secondsSince(m_last) < 0.1 && fraction < 1)) return;
    m_last = Clock::now();
    m_drawn = true;
    if (m_style == ProgressStyle::Json)
      drawJson(fraction, step);
    else
      drawBar(fraction, step);
  }

  /// Takes the bar away, so that text can follow.
  void clear() {
    const std::lock_guard lock(m_mutex);
    if (m_barWidth > 0) toStandardError('\r' + std::string(m_barWidth, ' ') + '\r');
    m_barWidth = 0;
  }

 private:
  double eta(double fraction) const {
    return fraction > 0 ? secondsSince(m_start) * (1 - fraction) / fraction : -1;
  }

  void drawJson(double fraction, std::string_view step) {
    nlohmann::json line = {{"job", m_job}, {"fraction", fraction}, {"step", printable(step)}};
    line["eta_s"] = nullptr;
    if (fraction > 0) line["eta_s"] = std::round(eta(fraction) * 10) / 10;
    toStandardError(line.dump() + '\n');
  }

  void drawBar(double fraction, std::string_view step) {
    constexpr int width = 30;
    const int done = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * width);
    std::string line = m_job + " [" + std::string(static_cast<std::size_t>(done), '=') +
                       std::string(static_cast<std::size_t>(width - done), ' ') + "] " +
                       std::to_string(static_cast<int>(fraction * 100)) + " %";
    if (fraction > 0 && secondsSince(m_start) > 1)
      line += ", " + readable(fraction * 100 / secondsSince(m_start), 2) + " %/s, " +
              durationText(eta(fraction)) + " left";
    if (!step.empty()) line += " (" + printable(step, 40) + ")";
    const std::size_t used = line.size();
    if (used < m_barWidth) line += std::string(m_barWidth - used, ' ');
    toStandardError('\r' + line);
    m_barWidth = used;
  }

  const std::string m_job;
  const ProgressStyle m_style;
  const bool m_shown;
  const Clock::time_point m_start = Clock::now();
  std::mutex m_mutex;
  Clock::time_point m_last = m_start;
  bool m_drawn = false;
  std::size_t m_barWidth = 0;  // characters of the bar that stands on the terminal
};

Console::Console(std::string job, std::string commandLine, const CommonOptions& options,
                 std::stop_token stop)
    : m_commandLine(std::move(commandLine)), m_options(options), m_stop(std::move(stop)) {
  const bool shown =
      options.progress == ProgressStyle::Json || (!options.quiet && ::isatty(STDERR_FILENO) == 1);
  m_display = std::make_shared<Display>(std::move(job), options.progress, shown);
}

Console::~Console() {
  m_display->clear();
}

Progress Console::progress() const {
  return Progress(m_stop, [display = m_display](double fraction, std::string_view step) {
    display->at(fraction, step);
  });
}

void Console::note(std::string_view text) {
  if (m_options.quiet) return;
  m_display->clear();
  toStandardError(std::string(text) + '\n');
}

void Console::print(std::string_view text) {
  m_display->clear();
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Console::finished() {
  m_display->at(1, "done");
}

Provenance Console::provenance() const {
  Provenance provenance;
  provenance.command = m_commandLine;
  provenance.threads = threadCount();
  return provenance;
}

std::string quotedCommandLine(int count, char** arguments) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,=+@%";
  std::string line = "cellocus-cli";
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    line += ' ';
    if (!argument.empty() && argument.find_first_not_of(plain) == std::string_view::npos) {
      line += argument;
      continue;
    }
    line += '\'';
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace cellocus::cli
