// SPDX-License-Identifier: GPL-3.0-or-later
#include "fullmodel.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <random>

#include "enformertensors.h"

namespace cellocus::bench {

EnformerConfig fullConfig() {
  EnformerConfig config;
  config.outputHeads = {{"human", 5313}, {"mouse", 1643}};
  config.modelName = "full-size Enformer with random weights";
  return config;
}

std::filesystem::path fullModelFile() {
  const std::filesystem::path file =
      std::filesystem::path(CELLOCUS_BENCH_FOLDER) / "full_enformer.safetensors";
  if (std::filesystem::exists(file)) return file;
  std::fprintf(stderr, "Writing %s (1 GB, once) ...\n", file.c_str());
  // In a process of its own, so that its memory does not count in what is measured afterwards.
  const pid_t child = fork();
  if (child == 0) {
    writeSafetensors(file, testing::enformerTensors(fullConfig(), testing::portableValues));
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("the model could not be written");
  return file;
}

std::string randomBases(std::int64_t count) {
  std::mt19937 random(1);
  std::string bases(static_cast<std::size_t>(count), 'A');
  for (char& base : bases) base = "ACGT"[random() % 4];
  return bases;
}

}  // namespace cellocus::bench
