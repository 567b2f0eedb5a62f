// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "base/checked.h"
#include "base/limits.h"
#include "base/text.h"
#include "weights/elements.h"
#include "weights/formats.h"

// Source of the rules: huggingface/safetensors, safetensors/src/tensor.rs. Everything is checked
// before the first tensor is touched, so that a header that lies is found on opening.
namespace cellocus {

namespace {

using json = nlohmann::json;

constexpr std::uint64_t lengthBytes = 8;

struct TypeRow {
  std::string_view name;
  DType dtype;
  std::uint64_t bits;
};

/// Types that Cellocus does not compute with are listed too: the sizes of the file have to add up.
constexpr TypeRow typeTable[] = {
    {"F64", DType::Float64, 64},
    {"F32", DType::Float32, 32},
    {"F16", DType::Float16, 16},
    {"BF16", DType::BFloat16, 16},
    {"I64", DType::Int64, 64},
    {"I32", DType::Int32, 32},
    {"I16", DType::Int16, 16},
    {"I8", DType::Int8, 8},
    {"U8", DType::UInt8, 8},
    {"BOOL", DType::Bool, 8},
    {"U16", DType::Unsupported, 16},
    {"U32", DType::Unsupported, 32},
    {"U64", DType::Unsupported, 64},
    {"F8_E4M3", DType::Unsupported, 8},
    {"F8_E5M2", DType::Unsupported, 8},
    {"F8_E8M0", DType::Unsupported, 8},
    {"F6_E2M3", DType::Unsupported, 6},
    {"F6_E3M2", DType::Unsupported, 6},
    {"F4", DType::Unsupported, 4},
    {"C64", DType::Unsupported, 64},
};

[[noreturn]] void refuse(std::string code, const std::string& where, std::string fact) {
  throw Error(
      std::move(code), where, std::move(fact),
      "The file is damaged or was not written as the safetensors format demands; get it again "
      "from its source.");
}

/// One entry of the header as it stands there.
struct Entry {
  TensorInfo info;
  std::optional<std::string> type;
  std::optional<std::vector<std::uint64_t>> shape, offsets;
};

struct Header {
  std::vector<Entry> entries;
  json metadata = json::object();
};

/// Listens to the JSON parser. A document tree would keep the last of two equal keys without a word
/// and turn numbers beyond 2^64 into doubles; both have been used to make two readers see different
/// tensors.
class HeaderListener : public nlohmann::json_sax<json> {
 public:
  HeaderListener(Header& header, std::string where) : m_header(header), m_where(std::move(where)) {}

  bool start_object(std::size_t) override {
    if (m_level == Level::Outside) return enter(Level::Root);
    if (m_level != Level::Root) unexpected("an object");
    return enter(m_key == "__metadata__" ? Level::Metadata : Level::Tensor);
  }

  bool key(std::string& name) override {
    if (name.size() > limits::nameBytes)
      refuse("SAFETENSORS_HEADER", m_where, "a name in its header is longer than 1,024 bytes.");
    if (!(m_level == Level::Root ? m_names : m_fields).insert(name).second)
      refuse("SAFETENSORS_DUPLICATE", m_where, "its header names " + printable(name) + " twice.");
    m_key = name;
    if (m_level == Level::Root && name != "__metadata__") addEntry(name);
    return true;
  }

  bool end_object() override {
    if (m_level == Level::Tensor) finishEntry();
    return enter(m_level == Level::Root ? Level::Outside : Level::Root);
  }

  bool start_array(std::size_t) override {
    if (m_level != Level::Tensor || m_inArray) unexpected("a list");
    if (m_key == "shape") {
      m_header.entries.back().shape.emplace();
    } else if (m_key == "data_offsets") {
      m_header.entries.back().offsets.emplace();
    } else {
      unexpected("a list");
    }
    m_inArray = true;
    return true;
  }

  bool end_array() override {
    m_inArray = false;
    return true;
  }

  bool number_unsigned(std::uint64_t value) override {
    if (!m_inArray) unexpected("a number");
    Entry& entry = m_header.entries.back();
    std::vector<std::uint64_t>& list = m_key == "shape" ? *entry.shape : *entry.offsets;
    if (list.size() >= limits::tensorRank)
      refuse("SAFETENSORS_HEADER", m_where,
             "the list " + m_key + " of tensor " + printable(entry.info.name) + " is too long.");
    list.push_back(value);
    return true;
  }

  bool string(std::string& value) override {
    if (m_level == Level::Metadata) {
      m_header.metadata[m_key] = value;
    } else if (m_level == Level::Tensor && m_key == "dtype" && !m_inArray) {
      m_header.entries.back().type = value;
    } else {
      unexpected("a text");
    }
    return true;
  }

  bool number_integer(std::int64_t) override { unexpected("a negative number"); }
  bool number_float(double, const std::string&) override {
    unexpected("a number that is no integer");
  }
  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("true or false"); }
  bool binary(json::binary_t&) override { unexpected("binary data"); }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    refuse("SAFETENSORS_HEADER", m_where,
           "its header is not valid JSON in UTF-8, from byte " +
               withThousands(static_cast<std::int64_t>(lengthBytes + position)) + ".");
  }

 private:
  enum class Level { Outside, Root, Metadata, Tensor };

  bool enter(Level level) {
    if (level == Level::Metadata || level == Level::Tensor) m_fields.clear();
    m_level = level;
    return true;
  }

  void addEntry(const std::string& name) {
    if (m_header.entries.size() >= limits::tensors)
      refuse("SAFETENSORS_HEADER", m_where, "its header lists more than 200,000 tensors.");
    m_header.entries.emplace_back().info.name = name;
  }

  void finishEntry() {
    const Entry& entry = m_header.entries.back();
    if (!entry.type || !entry.shape || !entry.offsets || entry.offsets->size() != 2 ||
        m_fields.size() != 3)
      refuse("SAFETENSORS_HEADER", m_where,
             "tensor " + printable(entry.info.name) +
                 " must be described by exactly dtype, shape and two data_offsets.");
  }

  [[noreturn]] void unexpected(const std::string& what) const {
    refuse("SAFETENSORS_HEADER", m_where,
           "its header holds " + what + " at " + printable(m_key.empty() ? "its start" : m_key) +
               ", where the format has none.");
  }

  Header& m_header;
  std::string m_where, m_key;
  Level m_level = Level::Outside;
  bool m_inArray = false;
  std::set<std::string> m_names, m_fields;
};

/// Where a tensor lies, counted from the start of the file.
struct Span {
  std::uint64_t begin = 0, end = 0;
};

class SafetensorsFile : public Checkpoint {
 public:
  SafetensorsFile(std::shared_ptr<const InputFile> file, Header header, std::uint64_t dataStart)
      : Checkpoint(file->path(), "safetensors"), m_file(std::move(file)) {
    std::vector<TensorInfo> tensors;
    for (Entry& entry : header.entries) {
      tensors.push_back(std::move(entry.info));
      m_spans.push_back({dataStart + entry.offsets->at(0), dataStart + entry.offsets->at(1)});
    }
    setTensors(std::move(tensors));
    setMetadata(std::move(header.metadata));
  }

 protected:
  std::vector<float> loadRows(std::size_t index, std::int64_t first, std::int64_t last,
                              const Progress& progress) const override {
    const TensorInfo& info = tensors()[index];
    if (info.dtype == DType::Unsupported)
      throw Error("TENSOR_DTYPE", shownPath(path()),
                  "tensor " + printable(info.name) +
                      " is stored in a number type that Cellocus cannot compute with.",
                  "Save the weights as float32, float16 or bfloat16.");
    const std::int64_t perRow = elementsPerRow(info.shape);
    const std::uint64_t start =
        m_spans[index].begin + static_cast<std::uint64_t>(first * perRow) * dtypeSize(info.dtype);
    const auto read = [&](std::uint64_t offset, std::span<std::byte> into) {
      m_file->read(start + offset, into);
    };
    return readElements(info.dtype, (last - first) * perRow, read, progress);
  }

 private:
  std::shared_ptr<const InputFile> m_file;
  std::vector<Span> m_spans;
};

std::uint64_t headerLength(const InputFile& file, const std::string& where) {
  if (file.size() < lengthBytes)
    refuse("SAFETENSORS_HEADER", where, "it has only " + byteText(file.size()) + ".");
  std::uint64_t length = 0;
  file.read(0, std::as_writable_bytes(std::span(&length, 1)));
  if (length < 2 || length > limits::safetensorsHeaderBytes || length > file.size() - lengthBytes)
    refuse("SAFETENSORS_HEADER", where,
           "its header claims to be " + byteText(length) + " long, and the file has " +
               byteText(file.size()) + ".");
  return length;
}

Header parseHeader(const std::string& text, const std::string& where) {
  if (!text.starts_with('{'))
    refuse("SAFETENSORS_HEADER", where, "its header does not begin with a brace.");
  Header header;
  HeaderListener listener(header, where);
  json::sax_parse(text, &listener);
  return header;
}

/// Type, shape and number of bytes of one tensor have to agree.
void resolve(Entry& entry, const std::string& where) {
  const std::string tensor = "tensor " + printable(entry.info.name);
  const auto type = std::find_if(std::begin(typeTable), std::end(typeTable),
                                 [&](const TypeRow& row) { return row.name == *entry.type; });
  if (type == std::end(typeTable))
    refuse("SAFETENSORS_DTYPE", where,
           tensor + " has the number type " + printable(*entry.type) + ", which does not exist.");
  std::uint64_t bits = type->bits;
  for (const std::uint64_t size : *entry.shape)
    bits = checkedMultiply(bits, size, where + ", " + tensor);
  const std::uint64_t begin = entry.offsets->at(0), end = entry.offsets->at(1);
  if (begin > end || bits % 8 != 0 || end - begin != bits / 8)
    refuse("SAFETENSORS_SIZE", where,
           tensor + " takes bytes " + std::to_string(begin) + " to " + std::to_string(end) +
               ", and its shape needs " + std::to_string(bits / 8) + " of them.");
  entry.info.dtype = type->dtype;
  for (const std::uint64_t size : *entry.shape) {
    if (size > static_cast<std::uint64_t>(INT64_MAX))
      refuse("SAFETENSORS_SIZE", where, tensor + " has a dimension beyond 64 bits.");
    entry.info.shape.push_back(static_cast<std::int64_t>(size));
  }
  elementCount(entry.info.shape);
}

/// No holes, no overlaps, nothing after the last tensor.
void checkLayout(const std::vector<Entry>& entries, std::uint64_t dataBytes,
                 const std::string& where) {
  std::vector<const Entry*> sorted;
  for (const Entry& entry : entries) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(),
            [](const Entry* a, const Entry* b) { return *a->offsets < *b->offsets; });
  std::uint64_t position = 0;
  for (const Entry* entry : sorted) {
    if (entry->offsets->at(0) != position)
      refuse("SAFETENSORS_OFFSETS", where,
             "tensor " + printable(entry->info.name) + " begins at byte " +
                 std::to_string(entry->offsets->at(0)) +
                 " of the data, and the one before it ends at " + std::to_string(position) + ".");
    position = entry->offsets->at(1);
  }
  if (position != dataBytes)
    refuse("SAFETENSORS_OFFSETS", where,
           "its tensors take " + byteText(position) + ", and the file holds " +
               byteText(dataBytes) + " after the header.");
}

}  // namespace

std::shared_ptr<const Checkpoint> openSafetensors(const std::shared_ptr<const InputFile>& file) {
  const std::string where = shownPath(file->path());
  const std::uint64_t length = headerLength(*file, where);
  std::string text(length, '\0');
  file->read(lengthBytes, std::as_writable_bytes(std::span(text)));
  Header header = parseHeader(text, where);
  for (Entry& entry : header.entries) resolve(entry, where);
  const std::uint64_t dataStart = lengthBytes + length;
  checkLayout(header.entries, file->size() - dataStart, where);
  return std::make_shared<SafetensorsFile>(file, std::move(header), dataStart);
}

}  // namespace cellocus
