// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace cellocus::cli {

/// Help as a person reads it: "--genome FILE (required)", explanations broken at 100 columns, and
/// none of the library's own notation for choices and ranges.
class HelpText : public CLI::Formatter {
 public:
  HelpText() { column_width(30); }
  std::string make_option(const CLI::Option* option, bool positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
};

}  // namespace cellocus::cli
