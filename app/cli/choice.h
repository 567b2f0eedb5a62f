// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "command.h"

namespace cellocus::cli {

/// The values of an option that takes one of some words.
template <typename Enum>
using Choices = std::map<std::string, Enum>;

template <typename Enum>
std::string nameOf(const Choices<Enum>& names, Enum value) {
  for (const auto& [name, named] : names)
    if (named == value) return name;
  return {};
}

/// An option that sets `value`, which holds its default, to one of `names`; these must outlive it.
template <typename Enum>
void addChoice(CLI::App& app, const std::string& name, Enum& value, const Choices<Enum>& names,
               const std::string& purpose) {
  std::string choices;
  for (const auto& [choice, meaning] : names) choices += (choices.empty() ? "" : "|") + choice;
  app.add_option_function<std::string>(
         name, [&value, &names](const std::string& choice) { value = names.at(choice); }, purpose)
      ->check(CLI::IsMember(names))
      ->default_str(nameOf(names, value))
      ->option_text(choices);
}

}  // namespace cellocus::cli
