// widget_gallery FOLDER: writes <sheet>-<theme>.png of every widget in both themes; QT_SCALE_FACTOR=2 doubles them.
#include <QApplication>
#include <QEventLoop>
#include <QTimer>
#include <QWidget>

#include <cstdio>
#include <memory>

#include "gallery_sheets.h"
#include "widgets/theme.h"

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: widget_gallery FOLDER\n");
    return 2;
  }
  for (const bool dark : {true, false}) {
    penstock::ui::applyTheme(application, dark ? penstock::ui::Theme::darkTheme() : penstock::ui::Theme::lightTheme());
    for (const GallerySheet& sheet : gallerySheets()) {
      const std::unique_ptr<QWidget> widget(sheet.make());
      widget->show();
      // Layouts and overlays come a little later.
      QEventLoop settling;
      QTimer::singleShot(400, &settling, &QEventLoop::quit);
      settling.exec();
      const QString path = QString("%1/%2-%3.png").arg(argv[1], sheet.name, dark ? "dark" : "light");
      if (!widget->grab().save(path)) {
        std::fprintf(stderr, "cannot write %s\n", qPrintable(path));
        return 1;
      }
    }
  }
  return 0;
}
