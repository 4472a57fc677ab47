#pragma once

#include <QWidget>

#include <array>
#include <memory>
#include <vector>

#include "viewmodels/lineage_model.h"
#include "viewmodels/series_feed.h"

class QGridLayout;
class QVBoxLayout;

namespace penstock::ui {

class ActionSheet;
class Button;
class ColumnPanel;
class ContractPanel;
class InlineSheet;
class Label;
class Panel;
class Session;
class ShapeMark;

// Beside the lineage: the selected node. What is wrong with it and what to press, its numbers against an hour ago, its
// expectations, how it delivers or by which contract it is read, its columns, and the ways on.
class NodeDetail : public QWidget {
  Q_OBJECT
 public:
  NodeDetail(Session& session, const LineageModel& lineage, QWidget* parent = nullptr);
  ~NodeDetail() override;

  // -1: none.
  void show(int node);
  // The same node, newer numbers.
  void refresh();

 signals:
  // The nodes that a column goes through which was chosen; empty: none is.
  void columnChosen(const QStringList& nodes);

 private:
  void refreshTrouble(const LineageModel::Node& node, const PipelineState* pipeline);
  void refreshNumbers(const LineageModel::Node& node, const PipelineState* pipeline);
  void refreshLists(const LineageModel::Node& node);
  void refreshDelivery(const LineageModel::Node& node, const PipelineState* pipeline);
  void setNumber(int row, const QString& name, const QString& now, const QString& before);
  void endNumbers(int rows);
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
  std::vector<std::array<Label*, 3>> rows_;     // of numbers_: kept, so that nothing flickers
  Label* listsTitle_;
  QVBoxLayout* expectations_;
  Label* deliveryTitle_;
  Label* delivery_;
  ContractPanel* contract_;
  ColumnPanel* columns_;
  QWidget* ways_;
};

}  // namespace penstock::ui
