// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/progress.h"
#include "export/provenance.h"

namespace cellocus::cli {

enum class ProgressStyle {
  Automatic,  ///< a bar where standard error is a terminal, else nothing
  Json        ///< one object a line
};

/// What every command has.
struct CommonOptions {
  int threads = 0;  ///< 0 = all cores
  bool quiet = false;
  ProgressStyle progress = ProgressStyle::Automatic;
};

/// How a command talks to the person or script that started it. Results go to standard output or
/// files; progress and remarks to standard error.
class Console {
 public:
  Console(std::string job, std::string commandLine, const CommonOptions& options,
          std::stop_token stop);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// To be handed to the engine; stops when the program was asked to.
  Progress progress() const;
  /// A remark the user should see; not shown with --quiet.
  void note(std::string_view text);
  /// Results on standard output.
  void print(std::string_view text);
  /// Says that all is done, so that who reads the progress sees its end.
  void finished();
  /// Provenance that names this command line.
  Provenance provenance() const;

 private:
  class Display;
  std::string m_commandLine;
  CommonOptions m_options;
  std::stop_token m_stop;
  std::shared_ptr<Display> m_display;
};

/// The command line as a shell would take it again.
std::string quotedCommandLine(int count, char** arguments);

}  // namespace cellocus::cli
