// SPDX-License-Identifier: GPL-3.0-or-later
#include "helptext.h"

#include <sstream>

namespace cellocus::cli {

namespace {

constexpr std::size_t lineWidth = 100;

/// `name` in a column of its own, `text` beside it, broken between words.
std::string entry(const std::string& name, const std::string& text, std::size_t column) {
  std::string line = "  " + name;
  std::string result;
  if (line.size() + 2 > column) {
    result = line + '\n';
    line.clear();
  }
  line.resize(column, ' ');
  std::istringstream words(text);
  bool first = true;
  for (std::string word; words >> word; first = false) {
    if (!first && line.size() + 1 + word.size() > lineWidth) {
      result += line + '\n';
      line.assign(column, ' ');
    } else if (!first) {
      line += ' ';
    }
    line += word;
  }
  return result + line + '\n';
}

}  // namespace

std::string HelpText::make_option(const CLI::Option* option, bool positional) const {
  std::string name = option->get_name(positional, true);
  const bool takesValue = option->get_items_expected_max() > 0;
  if (!positional && takesValue) name += ' ' + option->get_option_text();
  std::string text = option->get_description();
  if (option->get_required()) text += " (required)";
  if (!option->get_default_str().empty()) text += " (default: " + option->get_default_str() + ")";
  return entry(name, text, get_column_width());
}

std::string HelpText::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description(), get_column_width());
}

std::string HelpText::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "Usage: " + name;
  if (!app->get_subcommands({}).empty()) return usage + " COMMAND [OPTIONS]\n";
  usage += " [OPTIONS]";
  for (const CLI::Option* option : app->get_options())
    if (option->get_positional()) usage += ' ' + option->get_name(true);
  return usage + '\n';
}

}  // namespace cellocus::cli
