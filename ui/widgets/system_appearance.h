#pragma once

#include <QObject>
#include <QVariant>

#ifdef PENSTOCK_HAS_DBUS
#include <QDBusVariant>
#endif

namespace penstock::ui {

// Whether the desktop wants dark windows. Qt 6.4 cannot tell, so this asks: on Windows the registry, elsewhere the
// desktop portal, then KDE's and GTK's settings, then the palette that Qt started with. UI thread only; make it after
// the QApplication and before applyTheme(). Never blocks: the portal's answer comes as changed().
class SystemAppearance final : public QObject {
  Q_OBJECT

 public:
  explicit SystemAppearance(QObject* parent = nullptr);

  bool dark() const { return dark_; }

 signals:
  void changed(bool dark);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

#ifdef PENSTOCK_HAS_DBUS
 private slots:
  void onPortalChange(const QString& group, const QString& key, const QDBusVariant& value);
#endif

 private:
  void onPortalSetting(const QString& group, const QString& key, const QVariant& value);
  void askPortal();
  void refresh();
  void set(bool dark);

  const bool paletteDark_;
  bool portalAnswers_ = false;
  bool dark_ = false;
};

}  // namespace penstock::ui
