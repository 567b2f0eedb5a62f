// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/elements.h"

#include <Eigen/Core>
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/checked.h"

namespace cellocus {

static_assert(std::endian::native == std::endian::little, "weights files are little-endian");

namespace {

constexpr std::size_t pieceBytes = 8u << 20;

template <typename Stored>
void convertAs(const std::byte* from, std::span<float> into) {
  for (float& value : into) {
    Stored stored;
    std::memcpy(&stored, from, sizeof stored);
    value = static_cast<float>(stored);
    from += sizeof stored;
  }
}

/// As `convertAs` for the types that C++20 does not have.
template <typename FromBits>
void convertBits(const std::byte* from, std::span<float> into, FromBits fromBits) {
  for (float& value : into) {
    std::uint16_t bits;
    std::memcpy(&bits, from, sizeof bits);
    value = fromBits(bits);
    from += sizeof bits;
  }
}

float fromHalf(std::uint16_t bits) {
  return Eigen::half_impl::half_to_float(Eigen::half_impl::raw_uint16_to_half(bits));
}

float fromBFloat(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace

std::int64_t elementCount(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count = checkedMultiply(count, size, "A tensor");
  return count;
}

std::int64_t elementsPerRow(const Shape& shape) {
  return shape.empty() ? 1 : elementCount(Shape(shape.begin() + 1, shape.end()));
}

void convertElements(DType dtype, const std::byte* from, std::span<float> into) {
  switch (dtype) {
    case DType::Float64:
      return convertAs<double>(from, into);
    case DType::Float32:
      return convertAs<float>(from, into);
    case DType::Float16:
      return convertBits(from, into, fromHalf);
    case DType::BFloat16:
      return convertBits(from, into, fromBFloat);
    case DType::Int64:
      return convertAs<std::int64_t>(from, into);
    case DType::Int32:
      return convertAs<std::int32_t>(from, into);
    case DType::Int16:
      return convertAs<std::int16_t>(from, into);
    case DType::Int8:
      return convertAs<std::int8_t>(from, into);
    case DType::UInt8:
      return convertAs<std::uint8_t>(from, into);
    case DType::Bool:
      for (float& value : into) value = *from++ == std::byte{0} ? 0.0f : 1.0f;
      return;
    case DType::Unsupported:
      break;
  }
  throw Error("TENSOR_DTYPE", "A tensor",
              "its number type is not one that Cellocus can compute with.",
              "Save the weights as float32, float16 or bfloat16.");
}

std::vector<float> readElements(DType dtype, std::int64_t count, const ReadBytes& read,
                                const Progress& progress) {
  const std::size_t width = dtypeSize(dtype);
  const std::size_t total = static_cast<std::size_t>(count);
  const std::size_t pieceElements = pieceBytes / std::max<std::size_t>(width, 1);
  std::vector<float> values(total);
  std::vector<std::byte> buffer(dtype == DType::Float32 ? 0
                                                        : std::min(pieceElements, total) * width);
  for (std::size_t first = 0; first < total; first += pieceElements) {
    progress.at(static_cast<double>(first) / static_cast<double>(total));
    const std::span<float> piece =
        std::span(values).subspan(first, std::min(pieceElements, total - first));
    if (dtype == DType::Float32) {
      read(first * width, std::as_writable_bytes(piece));
    } else {
      const std::span<std::byte> bytes = std::span(buffer).first(piece.size() * width);
      read(first * width, bytes);
      convertElements(dtype, bytes.data(), piece);
    }
  }
  return values;
}

}  // namespace cellocus
