#pragma once

#include <QWidget>

#include <memory>

#include "viewmodels/lineage_model.h"
#include "viewmodels/series_feed.h"

class QGridLayout;
class QVBoxLayout;

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;
class Label;
class Panel;
class Session;
class ShapeMark;

// Beside the lineage: the selected node. What is wrong with it and what to press, its numbers against an hour ago, its
// expectations and columns, and the ways on.
class NodeDetail : public QWidget {
  Q_OBJECT
 public:
  NodeDetail(Session& session, const LineageModel& lineage, QWidget* parent = nullptr);
  ~NodeDetail() override;

  // -1: none.
  void show(int node);
  // The same node, newer numbers.
  void refresh();

 private:
  void refreshTrouble(const LineageModel::Node& node, const PipelineState* pipeline);
  void refreshNumbers(const LineageModel::Node& node, const PipelineState* pipeline);
  void refreshLists(const LineageModel::Node& node);
  void addNumber(int row, const QString& name, const QString& now, const QString& before);
  QString podOf(const QString& pipeline) const;
  void go(const QString& page, const QString& object);

  Session& session_;
  const LineageModel& lineage_;
  SeriesFeed hourAgo_;
  int node_ = -1;
  ShapeMark* mark_;
  Label* title_;
  Label* kind_;
  Panel* trouble_;
  Label* troubleTitle_;
  Label* troubleText_;
  Button* reset_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
  Label* numbersTitle_;
  QGridLayout* numbers_;
  Label* listsTitle_;
  QVBoxLayout* expectations_;
  Label* columnsTitle_;
  Label* columns_;
  QWidget* ways_;
};

}  // namespace penstock::ui
