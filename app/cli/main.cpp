// SPDX-License-Identifier: GPL-3.0-or-later
// cellocus-cli: everything the engine can do, without a display. One file a command; this one holds
// the list of commands, what they share, and the meaning of the exit status.
#include <array>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "command.h"
#include "console.h"
#include "export/provenance.h"
#include "helptext.h"
#include "stoponsignal.h"

namespace cellocus::cli {

namespace {

constexpr std::array commands = {
    Command{"make-demo", "Make the synthetic demo world: genome, genes, cells, trunk and head.",
            declareMakeDemo},
    Command{"info", "Say what files are and what is in them.", declareInfo},
    Command{"sequence", "Write the bases of loci as FASTA, with edits if wanted.", declareSequence},
    Command{"predict", "Predict embeddings and tracks of sequences with an Enformer.",
            declarePredict},
    Command{"windows", "Lay seq2cells' query windows around start sites of genes.", declareWindows},
    Command{"embed", "Compute one embedding a gene from seq2cells' query windows.", declareEmbed},
    Command{"merge", "Join the parts that 'embed --shard' made.", declareMerge},
    Command{"train-head", "Train a head that predicts expression per cell from embeddings.",
            declareTrainHead},
    Command{"predict-cells", "Predict expression per gene and cell from embeddings.",
            declarePredictCells},
    Command{"evaluate", "Correlate predicted with observed expression, by gene and by cell.",
            declareEvaluate},
    Command{"variants", "Score the effects of variants on genes in every cell.", declareVariants},
    Command{"verify-weights", "Compare a trunk's embeddings with published ones.",
            declareVerifyWeights},
};

enum Status { Done = 0, WrongUsage = 2, BadInput = 3, Interrupted = 4, OutOfRoom = 5 };

struct Declared {
  CLI::App* app = nullptr;
  Action action;
};

void addCommonOptions(CLI::App& app, CommonOptions& options) {
  app.add_option("--threads", options.threads, "Threads to use (default: all cores)")
      ->option_text("N")
      ->check(CLI::Range(1, 4096));
  app.add_flag("--quiet", options.quiet, "No progress and no remarks, only errors");
  app.add_option_function<std::string>(
         "--progress", [&options](const std::string&) { options.progress = ProgressStyle::Json; },
         "'json': progress as one JSON object a line on standard error (job, fraction, step, "
         "eta_s)")
      ->option_text("json")
      ->check(CLI::IsMember({"json"}));
}

std::vector<Declared> declareAll(CLI::App& program, CommonOptions& common) {
  std::vector<Declared> declared;
  for (const Command& command : commands) {
    CLI::App* app = program.add_subcommand(std::string(command.name), std::string(command.purpose));
    Action action = command.declare(*app);
    addCommonOptions(*app, common);
    declared.push_back({app, std::move(action)});
  }
  return declared;
}

int fail(Status status, const std::string& message) {
  std::fprintf(stderr, "cellocus-cli: %s\n", message.c_str());
  return status;
}

/// A disk without room is told apart from bad input, because a script may wait and try again.
bool isDiskFull(const Error& error) {
  return error.code() == "SAVE_FAILED" && (containsIgnoringCase(error.fact(), "no space left") ||
                                           containsIgnoringCase(error.fact(), "quota exceeded"));
}

/// Runs the work and turns the ways in which it can end into the exit status.
template <typename Work>
int statusOf(const Work& work) {
  try {
    work();
    return Done;
  } catch (const UsageError& error) {
    return fail(WrongUsage, error.what());
  } catch (const Cancelled&) {
    return fail(Interrupted, "stopped. No file was left half written.");
  } catch (const Error& error) {
    return fail(isDiskFull(error) ? OutOfRoom : BadInput, error.what());
  } catch (const std::bad_alloc&) {
    return fail(OutOfRoom,
                "there is not enough memory for this. Close other programs or ask for less.");
  } catch (const std::exception& error) {
    return fail(BadInput, error.what());
  }
}

int run(int count, char** arguments) {
  const StopOnSignal stop;
  CLI::App program("From a base to a cell: the engine of Cellocus on the command line.",
                   "cellocus-cli");
  program.set_version_flag("--version", programVersion());
  program.require_subcommand(1);
  program.footer(
      "cellocus-cli COMMAND --help shows a command's options and an example.\n"
      "Exit status: 0 done, 2 wrong usage, 3 bad input, 4 interrupted, 5 no memory or disk.");
  program.formatter(std::make_shared<HelpText>());
  CommonOptions common;
  const std::vector<Declared> declared = declareAll(program, common);
  try {
    program.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? Done : WrongUsage;
  }
  for (const Declared& command : declared)
    if (command.app->parsed()) {
      if (common.threads > 0) setThreadCount(common.threads);
      Console console(command.app->get_name(), quotedCommandLine(count, arguments), common,
                      stop.token());
      return statusOf([&] {
        command.action(console);
        console.finished();
      });
    }
  return WrongUsage;
}

}  // namespace

}  // namespace cellocus::cli

int main(int count, char** arguments) {
  return cellocus::cli::run(count, arguments);
}
