// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/trainingstate.h"

#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "weights/checkpoint.h"

namespace cellocus {

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& folder, const std::string& fact,
                         const std::string& fix) {
  throw Error("TRAINING_STATE", shownPath(stateFile(folder)), fact, fix);
}

/// JSON has no NaN and no infinity; the rest is kept to the last digit.
json numberJson(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double numberOf(const json& value) {
  if (value.is_number()) return value.get<double>();
  const std::string& text = value.get_ref<const std::string&>();
  const double infinity = std::numeric_limits<double>::infinity();
  return text == "nan"   ? std::numeric_limits<double>::quiet_NaN()
         : text == "inf" ? infinity
                         : -infinity;
}

json numbersJson(const std::vector<double>& values) {
  json list = json::array();
  for (const double value : values) list.push_back(numberJson(value));
  return list;
}

std::vector<double> numbersOf(const json& list) {
  std::vector<double> values;
  for (const json& value : list) values.push_back(numberOf(value));
  return values;
}

json meansJson(const CorrelationMeans& means) {
  return numbersJson({means.crossGene, means.crossCell, means.overall});
}

CorrelationMeans meansOf(const json& list) {
  return {numberOf(list.at(0)), numberOf(list.at(1)), numberOf(list.at(2))};
}

json reportJson(const EpochReport& report) {
  return {{"epoch", report.epoch},
          {"step", report.step},
          {"losses", numbersJson({report.meanLoss, report.lastLoss, report.validLoss})},
          {"train", meansJson(report.train)},
          {"valid", meansJson(report.valid)},
          {"learning_rate", report.learningRate},
          {"seconds", report.seconds},
          {"best", report.best}};
}

EpochReport reportOf(const json& value) {
  EpochReport report;
  report.epoch = value.at("epoch").get<std::int64_t>();
  report.step = value.at("step").get<std::int64_t>();
  report.meanLoss = numberOf(value.at("losses").at(0));
  report.lastLoss = numberOf(value.at("losses").at(1));
  report.validLoss = numberOf(value.at("losses").at(2));
  report.train = meansOf(value.at("train"));
  report.valid = meansOf(value.at("valid"));
  report.learningRate = value.at("learning_rate").get<double>();
  report.seconds = value.at("seconds").get<double>();
  report.best = value.at("best").get<bool>();
  return report;
}

json statisticsJson(const CellStatistics& statistics) {
  return {numbersJson(statistics.predictedMean), numbersJson(statistics.predictedDeviation),
          numbersJson(statistics.observedMean), numbersJson(statistics.observedDeviation)};
}

json stateJson(const TrainingState& state) {
  json value{{"data", state.dataFingerprint},
             {"options", state.options},
             {"epochs", state.epochs},
             {"steps", state.steps},
             {"statistics", statisticsJson(state.statistics)}};
  value["rate"] = {{"epochs", state.rate.epochs},
                   {"rate", state.rate.rate},
                   {"best", numberJson(state.rate.plateau.best)},
                   {"bad_epochs", state.rate.plateau.badEpochs}};
  value["stopping"] = {{"best", numberJson(state.stopping.best)},
                       {"epochs_without", state.stopping.epochsWithout}};
  value["untrained"] = reportJson(state.untrained);
  value["history"] = json::array();
  for (const EpochReport& report : state.history) value["history"].push_back(reportJson(report));
  value["kept"] = json::array();
  for (const KeptHead& head : state.kept)
    value["kept"].push_back(
        {{"epoch", head.epoch}, {"score", numberJson(head.score)}, {"file", head.file}});
  if (state.end) value["end"] = static_cast<int>(*state.end);
  return value;
}

/// `state` has the fingerprint, options and limits of stopping already.
void readInto(TrainingState& state, const json& value) {
  state.epochs = value.at("epochs").get<std::int64_t>();
  state.steps = value.at("steps").get<std::int64_t>();
  const json& rate = value.at("rate");
  state.rate = {rate.at("epochs").get<std::int64_t>(),
                rate.at("rate").get<double>(),
                {numberOf(rate.at("best")), rate.at("bad_epochs").get<std::int64_t>()}};
  state.stopping.best = numberOf(value.at("stopping").at("best"));
  state.stopping.epochsWithout = value.at("stopping").at("epochs_without").get<std::int64_t>();
  state.untrained = reportOf(value.at("untrained"));
  for (const json& report : value.at("history")) state.history.push_back(reportOf(report));
  const json& statistics = value.at("statistics");
  state.statistics = {numbersOf(statistics.at(0)), numbersOf(statistics.at(1)),
                      numbersOf(statistics.at(2)), numbersOf(statistics.at(3))};
  for (const json& head : value.at("kept"))
    state.kept.push_back({head.at("epoch").get<std::int64_t>(), numberOf(head.at("score")),
                          head.at("file").get<std::string>()});
  if (const auto end = value.find("end"); end != value.end())
    state.end = end->get<int>() == static_cast<int>(TrainingEnd::NoImprovement)
                    ? TrainingEnd::NoImprovement
                    : TrainingEnd::AllEpochs;
}

/// What is not as expected among two sets of options, for the message.
std::string differenceOf(const json& found, const json& expected) {
  for (const auto& [key, value] : expected.items())
    if (!found.contains(key) || found.at(key) != value)
      return printable(key) + " was " +
             (found.contains(key) ? printable(found.at(key).dump()) : "not there") +
             " and is now " + printable(value.dump());
  return "an option is not there any more";
}

void requireSame(const std::filesystem::path& folder, const json& value,
                 const TrainingState& expected) {
  const std::string fix =
      "Go on with the same data and options, or choose another folder to begin anew.";
  if (value.at("options") != expected.options)
    refuse(folder,
           "it is the state of a training with other options: " +
               differenceOf(value.at("options"), expected.options) + ".",
           fix);
  if (value.at("data").get<std::string>() != expected.dataFingerprint)
    refuse(folder,
           "it is the state of a training on other data (embeddings, expression, sets or cells).",
           fix);
}

void restore(const Checkpoint& checkpoint, TrainableHead& head, const Progress& progress) {
  for (const TrainableHead::Part& part : head.state()) {
    const std::vector<float> values = checkpoint.read(part.name, part.shape, progress);
    std::ranges::copy(values, part.values.begin());
  }
}

}  // namespace

std::filesystem::path stateFile(const std::filesystem::path& folder) {
  return folder / "state.safetensors";
}

void saveState(const std::filesystem::path& folder, const TrainingState& state, TrainableHead& head,
               const Progress& progress) {
  std::vector<TensorSpan> tensors;
  for (const TrainableHead::Part& part : head.state())
    tensors.push_back({part.name, part.shape, part.values});
  writeSafetensors(stateFile(folder), tensors, {{"cellocus_training", stateJson(state).dump()}},
                   progress);
}

std::optional<TrainingState> loadState(const std::filesystem::path& folder,
                                       const TrainingState& expected, TrainableHead& head,
                                       const Progress& progress) {
  if (!std::filesystem::exists(stateFile(folder))) return {};
  const std::string begin = "Remove the folder to begin anew.";
  const auto checkpoint = Checkpoint::open(stateFile(folder), progress);
  try {
    const json value =
        json::parse(checkpoint->metadata().at("cellocus_training").get_ref<const std::string&>());
    requireSame(folder, value, expected);
    TrainingState state = expected;
    readInto(state, value);
    restore(*checkpoint, head, progress);
    for (const KeptHead& kept : state.kept)
      if (std::filesystem::path(kept.file).filename() != kept.file)
        refuse(folder, "it names a head outside of its folder.", begin);
    return state;
  } catch (const json::exception& problem) {
    refuse(folder, std::string("it is not as expected (") + problem.what() + ").", begin);
  }
}

}  // namespace cellocus
