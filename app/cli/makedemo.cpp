// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "command.h"
#include "demo/demoworld.h"

namespace cellocus::cli {

namespace {

struct Options {
  std::filesystem::path folder;
  DemoOptions demo;
};

}  // namespace

Action declareMakeDemo(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("DIR", options->folder, "Folder to make")->required();
  app.add_option("--seed", options->demo.seed,
                 "Seed of the world; the same seed makes the same files")
      ->option_text("N")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--motifs", [options](const std::string& path) { options->demo.motifs = path; },
         "Motifs of the trunk as a MEME or JASPAR file (default: textbook consensus sites)")
      ->option_text("FILE");
  app.footer("Everything in the demo world is synthetic. Example:\n  cellocus-cli make-demo demo");
  return
      [options](Console& console) { makeDemo(options->folder, options->demo, console.progress()); };
}

}  // namespace cellocus::cli
