// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace cellocus {

/// The one exception of the engine. It reads as a sentence to a biologist: which file, tensor or
/// contig
/// (`where`), what was found and what was expected (`fact`), and what can be done (`fix`). `code`
/// is stable, so that tests and scripts need not compare sentences.
class Error : public std::runtime_error {
 public:
  Error(std::string code, std::string where, std::string fact, std::string fix = {})
      : std::runtime_error(sentence(where, fact, fix)),
        m_code(std::move(code)),
        m_where(std::move(where)),
        m_fact(std::move(fact)),
        m_fix(std::move(fix)) {}

  const std::string& code() const { return m_code; }
  const std::string& where() const { return m_where; }
  const std::string& fact() const { return m_fact; }
  const std::string& fix() const { return m_fix; }

 private:
  static std::string sentence(const std::string& where, const std::string& fact,
                              const std::string& fix) {
    std::string text = where.empty() ? fact : where + ": " + fact;
    return fix.empty() ? text : text + " " + fix;
  }

  std::string m_code, m_where, m_fact, m_fix;
};

/// Thrown by Progress when the user has asked to stop. Not an error, and never shown as one.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace cellocus
