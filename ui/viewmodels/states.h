#pragma once

// The states of semantics.md as the console shows them: a word, a shape, and how bad it is.

#include <QString>

#include "client/connection.h"
#include "client/values.h"

namespace penstock::ui {

QString nameOf(PipelineStatus status);  // "catching_up": the one vocabulary, for links and commands
QString nameOf(PodPhase phase);
QString wordOf(PipelineStatus status);  // "catching up": for people
QString wordOf(PodPhase phase);
QString wordOf(EngineState state);

int shapeOf(PipelineStatus status);     // a mark::Shape
int shapeOf(PodPhase phase);
int shapeOf(EngineState state);
int replayShapeOf(const QString& status);

// 0 is worst: failing, then warnings, then unknown, then what moves, then healthy, then idle.
int rankOf(int shape);
int toneOf(int shape);                  // a voice::Voice

}  // namespace penstock::ui
