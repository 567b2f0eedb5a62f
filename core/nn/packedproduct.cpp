// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/packedproduct.h"

#include <array>
#include <cassert>
#include <dnnl.hpp>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "base/error.h"
#include "nn/librarythread.h"

namespace cellocus::nn {

namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::stream& stream() {
  thread_local dnnl::stream own(engine());
  return own;
}

memory::data_type typeOf(Precision precision) {
  return precision == Precision::Float32 ? memory::data_type::f32 : memory::data_type::bf16;
}

/// What a kernel of the library is built for.
struct Form {
  std::int64_t rows, xStride, yStride;
  memory::data_type yType;
  Into into;
  bool bias;
  auto operator<=>(const Form&) const = default;
};

dnnl::primitive_attr attributes(Into into, Finish finish) {
  dnnl::post_ops after;
  if (into == Into::Add) after.append_sum();
  if (finish == Finish::Relu)
    after.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
  else if (finish == Finish::Gelu)
    after.append_eltwise(1, dnnl::algorithm::eltwise_swish, 1.702f, 0);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

/// Working memory of the library's kernels, a few kilobytes.
void* scratchpad(std::size_t bytes) {
  thread_local std::vector<std::max_align_t> own;
  own.resize(std::max(own.size(), bytes / sizeof(std::max_align_t) + 1));
  return own.data();
}

[[noreturn]] void fail(const dnnl::error& error) {
  throw Error("MATRIX_PRODUCT_FAILED", "oneDNN",
              "a matrix product failed: " + std::string(error.what()) + ".",
              "The computer may be out of memory; close other programs and try again.");
}

}  // namespace

bool canMultiply(Precision precision) {
  const memory::desc any({16, 16}, typeOf(precision), memory::format_tag::ab),
      result({16, 16}, memory::data_type::f32, memory::format_tag::ab);
  try {
    const dnnl::matmul::primitive_desc unused(dnnl::matmul::desc(any, any, result), engine());
    return true;
  } catch (const dnnl::error&) {
    return false;
  }
}

struct PackedProduct::Packed {
  using Description = dnnl::matmul::primitive_desc;
  struct Kernel {
    dnnl::matmul primitive;
    memory::desc x, y, scratchpad;
  };

  Packed(const Weights& given, Vector biasValues, Precision kind, Finish then)
      : outputs(given.outputs),
        inputs(given.inputs),
        precision(kind),
        finish(then),
        bias(std::move(biasValues)),
        packedAs({inputs, outputs}, typeOf(kind), memory::format_tag::any) {
    // The library chooses the packing, which does not depend on the number of rows, and is then
    // held to it.
    constexpr std::int64_t usualRows = 256;
    const Form usual{usualRows, inputs, outputs, memory::data_type::f32, Into::Replace, false};
    packedAs = describe(usual).weights_desc();
    for (std::int64_t tap = 0; tap < given.kernel; ++tap) {
      memory plain({{inputs, outputs},
                    memory::data_type::f32,
                    memory::dims{given.kernel, inputs * given.kernel}},
                   engine(), const_cast<float*>(given.values.data()) + tap);
      dnnl::reorder(plain, taps.emplace_back(packedAs, engine()))
          .execute(stream(), plain, taps.back());
    }
  }

  memory::desc biasDesc() const {
    return {{1, outputs}, memory::data_type::f32, memory::format_tag::ab};
  }

  Description describe(const Form& form) const {
    const memory::desc x({form.rows, inputs}, typeOf(precision), memory::dims{form.xStride, 1}),
        y({form.rows, outputs}, form.yType, memory::dims{form.yStride, 1});
    using Operation = dnnl::matmul::desc;
    const Operation operation =
        form.bias ? Operation(x, packedAs, biasDesc(), y) : Operation(x, packedAs, y);
    return {operation, attributes(form.into, finish), engine()};
  }

  const Kernel& kernelFor(const Form& form) const {
    {
      const std::shared_lock lock(mutex);
      if (const auto found = kernels.find(form); found != kernels.end()) return found->second;
    }
    const Description made = describe(form);
    const std::unique_lock lock(mutex);
    return kernels
        .try_emplace(form, Kernel{dnnl::matmul(made), made.src_desc(), made.dst_desc(),
                                  made.scratchpad_desc()})
        .first->second;
  }

  void runTap(const memory& weights, void* x, const Form& form, void* y) const {
    const Kernel& kernel = kernelFor(form);
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC, memory(kernel.x, engine(), x)},
        {DNNL_ARG_WEIGHTS, weights},
        {DNNL_ARG_DST, memory(kernel.y, engine(), y)},
        {DNNL_ARG_SCRATCHPAD,
         memory(kernel.scratchpad, engine(), scratchpad(kernel.scratchpad.get_size()))}};
    if (form.bias)
      arguments.emplace(DNNL_ARG_BIAS,
                        memory(biasDesc(), engine(), const_cast<float*>(bias.data())));
    kernel.primitive.execute(stream(), arguments);
  }

  void run(const Operand& x, Form form, void* y) const {
    assert(x.precision == precision && x.columns == inputs);
    assert(x.rows == form.rows + static_cast<std::int64_t>(taps.size()) - 1);
    if (form.rows == 0) return;
    keepLibraryOnThisThread();
    try {
      form.bias = bias.size() > 0;
      for (std::size_t tap = 0; tap < taps.size(); ++tap) {
        runTap(taps[tap], x.row(static_cast<std::int64_t>(tap)), form, y);
        form.into = Into::Add;
        form.bias = false;
      }
    } catch (const dnnl::error& error) {
      fail(error);
    }
  }

  std::int64_t outputs, inputs;
  Precision precision;
  Finish finish;
  Vector bias;
  memory::desc packedAs;
  std::vector<memory> taps;  ///< one matrix [inputs, outputs] for each position of the kernel
  mutable std::shared_mutex mutex;
  mutable std::map<Form, Kernel> kernels;  ///< entries stay where they are
};

PackedProduct::PackedProduct(const Weights& weights, const Vector& bias, Precision precision,
                             Finish finish) {
  assert(weights.kernel == 1 || finish == Finish::Nothing);
  keepLibraryOnThisThread();
  try {
    m_packed = std::make_shared<const Packed>(weights, bias, precision, finish);
  } catch (const dnnl::error& error) {
    fail(error);
  }
}

std::int64_t PackedProduct::outputs() const {
  return m_packed->outputs;
}

void PackedProduct::apply(const Operand& x, MatrixBlock y, Into into) const {
  assert(y.cols() == outputs());
  const std::int64_t stride = y.rows() > 1 ? y.outerStride() : y.cols();
  m_packed->run(x, {y.rows(), x.stride, stride, memory::data_type::f32, into, false}, y.data());
}

void PackedProduct::applyToOperand(const Operand& x, const Operand& y) const {
  assert(y.columns == outputs());
  m_packed->run(x, {y.rows, x.stride, y.stride, typeOf(y.precision), Into::Replace, false}, y.data);
}

}  // namespace cellocus::nn
