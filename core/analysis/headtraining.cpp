// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/headtraining.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "analysis/hyperparameters.h"
#include "analysis/trainablehead.h"
#include "analysis/trainingdata.h"
#include "analysis/trainingstate.h"
#include "base/file.h"
#include "base/seededrandom.h"
#include "base/text.h"

namespace cellocus {

namespace {

using Rows = std::vector<std::int64_t>;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// What stands for an independent stream of random numbers.
enum class Stream : std::uint64_t { Weights = 1, Batches = 2, Dropout = 3 };

std::uint64_t seedOf(const TrainingOptions& options, Stream stream, std::int64_t number = 0) {
  SeededRandom random(options.seed + (static_cast<std::uint64_t>(stream) << 56));
  return random.next() + static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15u;
}

nn::WeightUpdate::Rule ruleOf(const TrainingOptions& options) {
  return updateOf(options.optimizer, 0, 1).rule;
}

HeadShape shapeOf(const TrainingData& data, const TrainingOptions& options) {
  return {data.embeddings.cols(),     options.bottleneck ? options.bottleneckSize : 0,
          std::ssize(data.cellNames), options.bottleneck && options.relu,
          options.softplus,           options.bottleneck ? options.dropout : 0};
}

Matrix rowsOf(MatrixView all, std::span<const std::int64_t> rows) {
  Matrix chosen(std::ssize(rows), all.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    chosen.row(static_cast<Eigen::Index>(i)) = all.row(rows[i]);
  return chosen;
}

/// Slope of the transform of the prediction, from what it gave.
void applySlope(Transform transform, MatrixView transformed, Matrix& gradient) {
  if (transform == Transform::ExpMinusOne)
    gradient.array() *= transformed.array() + 1;
  else if (transform == Transform::LogPlusOne)
    gradient.array() *= (-transformed.array()).exp();
}

/// Of the weights as they are now.
std::string fingerprintOf(TrainableHead& head) {
  std::string digests;
  for (const TrainableHead::Part& part : head.state())
    digests +=
        sha256({reinterpret_cast<const char*>(part.values.data()), part.values.size_bytes()});
  return sha256(digests);
}

/// What the steps of one epoch leave for its report.
class EpochCollector {
 public:
  explicit EpochCollector(const MetricOptions& options)
      : m_transform(transformOf(Stage::TrainingMetrics, options)), m_whole(options.stdValidate) {}

  void add(double loss, MatrixView predicted, MatrixView observed) {
    m_lossSum += loss;
    m_lastLoss = loss;
    ++m_steps;
    if (m_transform == Transform::None && !m_whole) return m_metrics.add(predicted, observed);
    Matrix p = predicted, o = observed;
    apply(m_transform, p);
    apply(m_transform, o);
    m_metrics.add(p, o);
    if (m_whole) m_batches.emplace_back(std::move(p), std::move(o));
  }
  /// Empty unless values are standardised.
  CellStatistics statistics() const {
    return m_whole ? CellStatistics::of(m_metrics.sums()) : CellStatistics();
  }
  CorrelationMeans means() const {
    if (!m_whole) return m_metrics.means();
    EpochMetrics standardised(statistics());
    for (const auto& [predicted, observed] : m_batches) standardised.add(predicted, observed);
    return standardised.means();
  }
  double meanLoss() const { return m_lossSum / static_cast<double>(m_steps); }
  double lastLoss() const { return m_lastLoss; }

 private:
  Transform m_transform;
  bool m_whole;
  EpochMetrics m_metrics;
  std::vector<std::pair<Matrix, Matrix>> m_batches;
  double m_lossSum = 0, m_lastLoss = 0;
  std::int64_t m_steps = 0;
};

class Trainer {
 public:
  Trainer(const TrainingData& data, const TrainingOptions& options,
          const TrainingCallbacks& callbacks, const Progress& progress)
      : m_data(data),
        m_options(options),
        m_callbacks(callbacks),
        m_progress(progress),
        m_train(genesOf(data, SplitSet::Train)),
        m_valid(genesOf(data, SplitSet::Valid)),
        m_head(shapeOf(data, options), ruleOf(options)),
        m_rate(options.schedule, options.optimizer.learningRate) {}

  TrainingResult run();

 private:
  enum class Went { On, Stopped };

  void begin(const std::string& fingerprint);
  bool resume();
  Went epoch();
  Rows order(std::int64_t epoch) const;
  double step(std::span<const std::int64_t> genes, EpochCollector& collector);
  void validate(EpochReport& report);
  void finish(EpochReport report, const EpochCollector& collector);
  void keep(EpochReport& report);
  void save();
  std::shared_ptr<const Emb2Cell> snapshot(std::int64_t epoch) const;
  bool stopAsked() const { return m_callbacks.control && m_callbacks.control->stopAsked(); }
  std::int64_t stepsPerEpoch() const {
    return (std::ssize(m_train) + m_options.batchGenes - 1) / m_options.batchGenes;
  }

  const TrainingData& m_data;
  const TrainingOptions& m_options;
  const TrainingCallbacks& m_callbacks;
  Progress m_progress;
  Rows m_train, m_valid;
  TrainableHead m_head;
  LearningRate m_rate;
  LossValue m_loss;  ///< of the last step
  TrainingState m_state;
  std::shared_ptr<const Emb2Cell> m_best;
  bool m_resumed = false;
};

void Trainer::begin(const std::string& fingerprint) {
  m_state.dataFingerprint = fingerprint;
  m_state.options = seq2cellsArguments(m_options, m_data.embeddings.cols(), m_head.shape().cells);
  m_state.options.update(trainingDescription(m_options));
  m_state.options["checkpoints"] = m_options.checkpoints;
  m_state.stopping.patience = m_valid.empty() ? 0 : m_options.patience;
  m_state.stopping.minimalImprovement = m_options.minimalImprovement;
  if (!m_options.batchOrder.empty())
    m_state.options["batch_order"] = sha256(nlohmann::json(m_options.batchOrder).dump());
  m_head.randomise(seedOf(m_options, Stream::Weights));
  if (m_options.initial) {
    m_head.set(*m_options.initial);
    m_state.options["initial"] = fingerprintOf(m_head);
  }
  m_resumed = resume();
  if (m_resumed) return;
  validate(m_state.untrained);
}

bool Trainer::resume() {
  if (m_options.folder.empty()) return false;
  std::error_code ignored;  // saving says what is wrong
  std::filesystem::create_directories(m_options.folder, ignored);
  const auto found = loadState(m_options.folder, m_state, m_head, m_progress);
  if (!found) return false;
  m_state = *found;
  m_rate.restore(m_state.rate);
  if (!m_state.kept.empty())
    m_best = Emb2Cell::open(m_options.folder / m_state.kept.front().file,
                            {.onOpening = std::numeric_limits<std::uint64_t>::max()}, m_progress);
  return true;
}

TrainingResult Trainer::run() {
  begin(inspect(m_data, m_options.loss.loss, m_progress.part(0, 0.02)));
  TrainingEnd end = TrainingEnd::AllEpochs;
  while (!m_state.end && m_state.epochs < m_options.epochs) {
    if (epoch() == Went::Stopped) {
      end = TrainingEnd::StoppedByUser;
      break;
    }
  }
  TrainingResult result;
  result.end = m_state.end.value_or(end);
  result.last = snapshot(m_state.epochs);
  result.best = m_best ? m_best : result.last;
  for (const EpochReport& report : m_state.history)
    if (report.best) result.bestEpoch = report.epoch;
  result.untrained = m_state.untrained;
  result.history = m_state.history;
  result.resumed = m_resumed;
  return result;
}

/// Train genes as rows of the data, in the order of this epoch (from 0).
Rows Trainer::order(std::int64_t epoch) const {
  Rows order(m_train.size());
  if (!m_options.batchOrder.empty()) {
    const auto& given = m_options.batchOrder[static_cast<std::size_t>(epoch)];
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = m_train[static_cast<std::size_t>(given[i])];
    return order;
  }
  order = m_train;
  SeededRandom random(seedOf(m_options, Stream::Batches, epoch));
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1],
              order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
  return order;
}

Trainer::Went Trainer::epoch() {
  const auto started = std::chrono::steady_clock::now();
  const Rows genes = order(m_state.epochs);
  EpochCollector collector(m_options.metrics);
  const std::int64_t steps = stepsPerEpoch();
  for (std::int64_t i = 0; i < steps; ++i) {
    if (m_callbacks.control) m_callbacks.control->waitWhilePaused(m_progress);
    if (stopAsked()) return Went::Stopped;
    const double done =
        static_cast<double>(m_state.epochs) + static_cast<double>(i) / static_cast<double>(steps);
    m_progress.at(0.02 + 0.98 * done / static_cast<double>(m_options.epochs),
                  "epoch " + std::to_string(m_state.epochs + 1));
    const std::int64_t from = i * m_options.batchGenes;
    const auto batch = std::span(genes).subspan(
        static_cast<std::size_t>(from),
        static_cast<std::size_t>(std::min(m_options.batchGenes, std::ssize(genes) - from)));
    const double loss = step(batch, collector);
    if (m_callbacks.afterStep)
      m_callbacks.afterStep({m_state.steps, m_state.epochs + 1, steps, loss, m_rate.now()});
  }
  EpochReport report;
  validate(report);
  report.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  finish(std::move(report), collector);
  return Went::On;
}

double Trainer::step(std::span<const std::int64_t> genes, EpochCollector& collector) {
  const Transform transform = transformOf(Stage::Step, m_options.metrics);
  Matrix observed = m_data.expression(genes, m_progress.unreported());
  const Matrix& given =
      m_head.forward(rowsOf(m_data.embeddings, genes),
                     seedOf(m_options, Stream::Dropout, m_state.steps), m_progress);
  Matrix changed;
  if (transform != Transform::None) changed = given;
  apply(transform, observed);
  apply(transform, changed);
  const Matrix& predicted = transform == Transform::None ? given : changed;
  lossWithGradient(predicted, observed, m_options.loss, m_loss);
  if (!std::isfinite(m_loss.value))
    throw Error("TRAINING_DIVERGED", "training",
                "the loss of step " + withThousands(m_state.steps + 1) + " is not finite.",
                "Use a smaller learning rate, or another loss for this data.");
  applySlope(transform, predicted, m_loss.gradient);
  ++m_state.steps;
  m_head.backward(m_loss.gradient, updateOf(m_options.optimizer, m_rate.now(), m_state.steps),
                  m_progress);
  collector.add(m_loss.value, predicted, observed);
  return m_loss.value;
}

/// Loss and correlations of the validation genes. With standardising, statistics are those of the
/// last epoch's training; before the first one, their own.
void Trainer::validate(EpochReport& report) {
  report.validLoss = unknown;
  report.valid = {unknown, unknown, unknown};
  if (m_valid.empty()) return;
  const Transform transform = transformOf(Stage::Validation, m_options.metrics);
  Matrix observed = m_data.expression(m_valid, m_progress.unreported());
  Matrix predicted = m_head.predict(rowsOf(m_data.embeddings, m_valid), m_progress);
  apply(transform, observed);
  apply(transform, predicted);
  report.validLoss = lossOf(predicted, observed, m_options.loss);
  if (m_options.metrics.stdValidate && m_state.statistics.empty()) {
    CorrelationSums own;
    own.add(predicted, observed);
    m_state.statistics = CellStatistics::of(own);
  }
  EpochMetrics metrics(m_state.statistics);
  metrics.add(predicted, observed);
  report.valid = metrics.means();
}

void Trainer::finish(EpochReport report, const EpochCollector& collector) {
  m_state.statistics = collector.statistics();
  report.train = collector.means();
  report.meanLoss = collector.meanLoss();
  report.lastLoss = collector.lastLoss();
  report.learningRate = m_rate.now();
  report.step = m_state.steps;
  report.epoch = ++m_state.epochs;
  m_rate.epochDone(report.valid.crossGene);
  m_state.rate = m_rate.state();
  if (m_state.stopping.stopsAfter(report.valid.crossCell)) m_state.end = TrainingEnd::NoImprovement;
  if (!m_state.end && m_state.epochs == m_options.epochs) m_state.end = TrainingEnd::AllEpochs;
  keep(report);
  m_state.history.push_back(report);
  save();
  if (m_callbacks.afterEpoch) m_callbacks.afterEpoch(report);
}

/// Takes the head of this epoch among the best, as Lightning's ModelCheckpoint does: of equal ones
/// the earlier stays, NaN counts as the worst.
void Trainer::keep(EpochReport& report) {
  if (m_valid.empty()) return;
  const double score = std::isnan(report.valid.crossCell) ? -std::numeric_limits<double>::infinity()
                                                          : report.valid.crossCell;
  auto& kept = m_state.kept;
  const auto place =
      std::ranges::find_if(kept, [&](const KeptHead& head) { return score > head.score; });
  report.best = place == kept.begin();
  if (place == kept.end() && std::ssize(kept) >= m_options.checkpoints) return;
  const std::string file = "epoch-" + std::to_string(report.epoch) + ".safetensors";
  kept.insert(place, {report.epoch, score, file});
  const auto head = snapshot(report.epoch);
  if (report.best) m_best = head;
  if (!m_options.folder.empty()) head->save(m_options.folder / file, m_progress);
}

/// Heads are written before the state that names them, and removed after the state that does not.
void Trainer::save() {
  std::vector<KeptHead> dropped;
  for (; std::ssize(m_state.kept) > m_options.checkpoints; m_state.kept.pop_back())
    dropped.push_back(m_state.kept.back());
  if (m_options.folder.empty()) return;
  saveState(m_options.folder, m_state, m_head, m_progress);
  for (const KeptHead& head : dropped) {
    std::error_code ignored;  // a file too many harms nobody
    std::filesystem::remove(m_options.folder / head.file, ignored);
  }
}

std::shared_ptr<const Emb2Cell> Trainer::snapshot(std::int64_t epoch) const {
  Emb2Cell::Parts parts = m_head.parts();
  parts.cellNames = m_data.cellNames;
  parts.unit = m_data.unit;
  parts.gamma = m_data.gamma;
  parts.hyperParameters =
      seq2cellsArguments(m_options, m_data.embeddings.cols(), m_head.shape().cells);
  parts.training = trainingDescription(m_options);
  parts.training["epoch"] = epoch;
  parts.training["step"] = m_state.steps;
  return std::make_shared<const Emb2Cell>(std::move(parts));
}

void requireFitting(const TrainingData& data, const TrainingOptions& options) {
  const Rows train = genesOf(data, SplitSet::Train);
  if (options.schedule.schedule == Schedule::ReduceOnPlateau &&
      genesOf(data, SplitSet::Valid).empty())
    throw Error("TRAINING_OPTIONS", "training options",
                "the schedule reduce_on_plateau needs validation genes, and there are none.",
                "Put some genes into the set valid, or use the schedule constant.");
  if (options.batchOrder.empty()) return;
  bool fits = std::ssize(options.batchOrder) >= options.epochs;
  for (Rows order : options.batchOrder) {
    std::ranges::sort(order);
    Rows all(train.size());
    std::iota(all.begin(), all.end(), std::int64_t{0});
    fits = fits && order == all;
  }
  if (!fits)
    throw Error("TRAINING_OPTIONS", "order of batches",
                "it does not name each of the " + withThousands(std::ssize(train)) +
                    " train genes once in every epoch.",
                "Give one line an epoch with the positions 0 to " +
                    withThousands(std::ssize(train) - 1) + ".");
}

}  // namespace

std::string endText(TrainingEnd end, const TrainingOptions& options) {
  switch (end) {
    case TrainingEnd::AllEpochs:
      return "all " + std::to_string(options.epochs) + " epochs are done";
    case TrainingEnd::NoImprovement:
      return "the cross-cell correlation of the validation genes has not risen by " +
             readable(options.minimalImprovement) + " for " + std::to_string(options.patience) +
             " epochs";
    case TrainingEnd::StoppedByUser:
      return "stopped by you";
  }
  return {};
}

TrainingResult trainHead(const TrainingData& data, const TrainingOptions& options,
                         const TrainingCallbacks& callbacks, const Progress& progress) {
  requireUsable(options);
  requireFitting(data, options);
  return Trainer(data, options, callbacks, progress).run();
}

std::uint64_t trainingMemory(std::int64_t dimension, std::int64_t cells,
                             const TrainingOptions& options) {
  const auto inputs = static_cast<std::uint64_t>(dimension);
  const auto outputs = static_cast<std::uint64_t>(cells);
  const auto hidden = static_cast<std::uint64_t>(options.bottleneckSize);
  const std::uint64_t weights = options.bottleneck ? (inputs + outputs) * hidden : inputs * outputs;
  const nn::WeightUpdate update = updateOf(options.optimizer, 0, 1);
  const std::uint64_t copies = 1 + (update.remembersFirst() ? 1 : 0) +
                               (update.remembersSecond() ? 1 : 0) + 2;  // best and newest head
  const std::uint64_t batch =
      static_cast<std::uint64_t>(options.batchGenes) * (6 * outputs + 34 * hidden);
  return (weights * copies + batch) * sizeof(float);
}

}  // namespace cellocus
