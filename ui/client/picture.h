#pragma once

#include <QHash>
#include <vector>

#include "client/values.h"

namespace penstock::ui {

// All that one engine has told, merged. Kept while it is silent, so that the console can show it dimmed with its age.
struct EnginePicture {
  QHash<QString, PipelineState> pipelines;          // by name
  QHash<QString, PodState> pods;                    // by name
  QHash<QString, EdgeState> edges;                  // by edgeKey()
  QHash<QString, ExpectationState> expectations;    // by expectationKey()
  QHash<QString, ReplayState> replays;              // by id
  std::vector<Attention> attention;                 // worst first
  std::vector<BackgroundWork> background;
  quint64 sequence = 0;
  Instant at;

  void take(const TelemetryChanges& changes);
};

QString edgeKey(const QString& pipeline, const QString& from, const QString& to);
QString expectationKey(const QString& pipeline, const QString& step, const QString& name);

}  // namespace penstock::ui
