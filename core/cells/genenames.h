// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cells/celldataset.h"

namespace cellocus {

/// "ENSG00000136574" of "ENSG00000136574.12" or "ENSG00000136574.12_PAR_Y"; of any species; nothing
/// if it is no Ensembl gene id.
std::optional<std::string> ensemblGene(std::string_view text);

/// Share of names that are Ensembl gene ids, 0..1.
double ensemblShare(const std::vector<std::string>& names);

/// Share of names that look like barcodes of cells ("AAACCTGAGAAACCAT-1"), 0..1.
double barcodeShare(const std::vector<std::string>& names);

/// A gene table as far as names go.
struct GeneTable {
  std::vector<std::string> index;
  std::vector<std::string> columnNames;
  /// Texts of one column, "" where missing.
  std::function<std::vector<std::string>(const std::string& column)> texts;
};

/// Finds ids and symbols in the index or in a column of one of the usual names.
std::vector<GeneName> geneNames(const GeneTable& table);

}  // namespace cellocus
