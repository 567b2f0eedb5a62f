// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPaintDevice>
#include <QPainter>
#include <QSize>
#include <memory>

namespace cellocus {

/// Hands everything on to another painter, but letters as paths: for figures that must look alike
/// where the font is missing. The target must outlive the painting.
class OutlineDevice : public QPaintDevice {
 public:
  OutlineDevice(QPainter& target, QSize size);
  ~OutlineDevice() override;
  QPaintEngine* paintEngine() const override;

 protected:
  int metric(PaintDeviceMetric metric) const override;

 private:
  class Engine;
  std::unique_ptr<Engine> m_engine;
  QSize m_size;
};

}  // namespace cellocus
