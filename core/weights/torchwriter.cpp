// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/torchwriter.h"

#include "base/file.h"
#include "weights/picklewriter.h"
#include "weights/zipwriter.h"

namespace cellocus {

namespace {

std::string pickleOf(const LightningCheckpoint& checkpoint) {
  PickleWriter pickle;
  pickle.emptyDict();
  pickle.beginItems();
  pickle.text("epoch");
  pickle.integer(checkpoint.epoch);
  pickle.text("global_step");
  pickle.integer(checkpoint.globalStep);
  pickle.text("pytorch-lightning_version");
  pickle.text("1.8.1");
  pickle.text("state_dict");
  pickle.emptyOrderedDict();
  pickle.beginItems();
  for (std::size_t i = 0; i < checkpoint.stateDict.size(); ++i) {
    pickle.text(checkpoint.stateDict[i].name);
    pickle.tensor(std::to_string(i), checkpoint.stateDict[i].shape);
  }
  pickle.endItems();
  for (const char* dict : {"loops", "callbacks"}) {
    pickle.text(dict);
    pickle.emptyDict();
  }
  for (const char* list : {"optimizer_states", "lr_schedulers"}) {
    pickle.text(list);
    pickle.emptyList();
  }
  pickle.text("hparams_name");
  pickle.text("kwargs");
  pickle.text("hyper_parameters");
  pickle.json(checkpoint.hyperParameters);
  pickle.endItems();
  return pickle.finished();
}

std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

void writeLightningCheckpoint(const std::filesystem::path& path,
                              const LightningCheckpoint& checkpoint, const Progress& progress) {
  const std::string pickle = pickleOf(checkpoint);
  saveAtomic(path, [&](const std::filesystem::path& temporary) {
    ZipWriter zip(temporary);
    zip.add("archive/data.pkl", bytesOf(pickle), progress);
    for (std::size_t i = 0; i < checkpoint.stateDict.size(); ++i)
      zip.add("archive/data/" + std::to_string(i), std::as_bytes(checkpoint.stateDict[i].values),
              progress);
    zip.add("archive/version", bytesOf("3\n"), progress);
    if (!zip.finish())
      throw Error("SAVE_FAILED", shownPath(path), "it could not be written in full.",
                  "Make room on the disk or choose another place.");
  });
}

}  // namespace cellocus
