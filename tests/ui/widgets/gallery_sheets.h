#pragma once

#include <QList>
#include <QString>

#include <functional>

class QWidget;

// What the gallery shows: each sheet makes one widget, filled with invented data.
struct GallerySheet {
  QString name;
  std::function<QWidget*()> make;
};

QList<GallerySheet> gallerySheets();
