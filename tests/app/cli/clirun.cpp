// SPDX-License-Identifier: GPL-3.0-or-later
#include "clirun.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/shared.h"

namespace cellocus::testing {

namespace fs = std::filesystem;

namespace {

/// In the child: becomes cellocus-cli. Only calls that are allowed after fork.
[[noreturn]] void become(const std::vector<char*>& arguments, const char* folder, const char* out,
                         const char* err, const std::vector<char*>& environment) {
  const int null = ::open("/dev/null", O_RDONLY);
  const int outFile = ::open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int errFile = ::open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (null < 0 || outFile < 0 || errFile < 0 || ::chdir(folder) != 0) ::_exit(126);
  ::dup2(null, 0);
  ::dup2(outFile, 1);
  ::dup2(errFile, 2);
  ::execve(arguments[0], arguments.data(), environment.data());
  ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// A signal and the moment to send it, told from the file that standard error goes to.
struct Interruption {
  int signal;
  std::function<bool(const fs::path& err)> when;
};

CliResult run(const std::vector<std::string>& arguments, const fs::path& workFolder,
              const std::optional<Interruption>& interruption = {}) {
  const fs::path folder = scratchFolder("clirun");
  std::vector<std::string> all = {CELLOCUS_CLI};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "HOME=" + folder.string(),
                                          "XDG_CACHE_HOME=" + folder.string()};
  const auto argumentPointers = pointers(all), environmentPointers = pointers(environment);
  const std::string out = folder / "out", err = folder / "err";
  const pid_t child = ::fork();
  if (child == 0)
    become(argumentPointers, workFolder.c_str(), out.c_str(), err.c_str(), environmentPointers);
  int state = 0;
  bool signalled = !interruption;
  while (::waitpid(child, &state, signalled ? 0 : WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (interruption->when(err)) {
      ::kill(child, interruption->signal);
      signalled = true;
    }
  }
  const int status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  return {status, fileText(out), fileText(err)};
}

}  // namespace

CliResult runCli(const std::vector<std::string>& arguments) {
  return run(arguments, fs::current_path());
}

CliResult runCliIn(const fs::path& folder, const std::vector<std::string>& arguments) {
  return run(arguments, folder);
}

CliResult runCliAndSignal(const std::vector<std::string>& arguments, int signal) {
  const auto somethingWritten = [](const fs::path& err) {
    std::error_code missing;
    return fs::file_size(err, missing) > 0 && !missing;
  };
  return run(arguments, fs::current_path(), Interruption{signal, somethingWritten});
}

CliResult runCliAndSignal(const std::vector<std::string>& arguments, int signal,
                          const std::function<bool()>& when) {
  return run(arguments, fs::current_path(),
             Interruption{signal, [&when](const fs::path&) { return when(); }});
}

fs::path tinySequences(const fs::path& folder) {
  const fs::path copy = folder / "input.fa";
  fs::copy_file(dataPath("enformer/E1_tiny/input.fa"), copy, fs::copy_options::overwrite_existing);
  return copy;
}

}  // namespace cellocus::testing
