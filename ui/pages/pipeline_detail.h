#pragma once

#include <memory>
#include <QWidget>

namespace penstock::ui {

class ActionSheet;
class Button;
class InlineSheet;
class Label;
class LineageModel;
class SavepointPanel;
class Session;

// The selected pipeline below the overview's table: its path, its sums, and the ways on.
class PipelineDetail : public QWidget {
  Q_OBJECT
 public:
  explicit PipelineDetail(Session& session, QWidget* parent = nullptr);
  ~PipelineDetail() override;

  void show(const QString& engine, const QString& pipeline);
  void refresh();
  void showSavepoints(bool shown);
  bool showsSavepoints() const;
  // "pause", "resume", "run", "stop", "savepoints": as its button would.
  void press(const QString& act);
  const QString& pipeline() const { return pipeline_; }

 private:
  QString path() const;
  QString sum() const;
  void press(int act);

  Session& session_;
  QString engine_;
  QString pipeline_;
  std::unique_ptr<LineageModel> lineage_;
  Label* title_;
  Label* subtitle_;
  Label* path_;
  Label* reason_;
  Label* sum_;
  Label* sinks_;
  SavepointPanel* savepoints_;
  Button* savepointsButton_;
  Button* pauseOrResume_;
  Button* stopOrRun_;
  InlineSheet* sheet_;
  std::unique_ptr<ActionSheet> action_;
};

}  // namespace penstock::ui
