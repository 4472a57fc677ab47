#pragma once

#include "viewmodels/action_flow.h"

namespace penstock::ui {

// Chosen rows out of quarantine or dead letters, once more through the pipeline.
class RedriveFlow : public ActionFlow {
  Q_OBJECT
 public:
  RedriveFlow(Connection& engine, RedriveRequest request, QObject* parent = nullptr);
  QString title() const override;

 protected:
  void preview() override;
  void run(const Command& command) override;

 private:
  const RedriveRequest request_;
};

// Chosen rows are given up: they stay recorded, and will not be redriven.
class DiscardFlow : public ActionFlow {
  Q_OBJECT
 public:
  // `rows`: how many the filter matches, as shown.
  DiscardFlow(Connection& engine, RedriveRequest request, qint64 rows, QObject* parent = nullptr);
  QString title() const override;

 protected:
  void preview() override;
  void run(const Command& command) override;

 private:
  const RedriveRequest request_;
  const qint64 rows_;
};

// A range of positions or time again.
class ReplayFlow : public ActionFlow {
  Q_OBJECT
 public:
  ReplayFlow(Connection& engine, ReplayRequest request, QObject* parent = nullptr);
  QString title() const override;
  // Empty until the preview has come.
  const std::optional<ReplayPreview>& lastPreview() const { return preview_; }

 protected:
  void preview() override;
  void run(const Command& command) override;

 private:
  ReplayRequest request_;
  std::optional<ReplayPreview> preview_;
};

}  // namespace penstock::ui
