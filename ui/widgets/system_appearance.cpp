#include "widgets/system_appearance.h"

#include <QColor>
#include <QEvent>
#include <QGuiApplication>
#include <QPalette>
#include <QSettings>
#include <QStandardPaths>

#include <optional>

#ifdef PENSTOCK_HAS_DBUS
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>
#endif

namespace penstock::ui {

namespace {

#ifdef Q_OS_WIN

std::optional<bool> darkBySettings() {
  const QSettings settings(
      QStringLiteral("HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize"),
      QSettings::NativeFormat);
  const QVariant light = settings.value(QStringLiteral("AppsUseLightTheme"));
  return light.isValid() ? std::optional(light.toInt() == 0) : std::nullopt;
}

#else

std::optional<bool> darkByGtkVariable() {
  const QString theme = qEnvironmentVariable("GTK_THEME");
  if (theme.isEmpty()) return std::nullopt;
  return theme.endsWith(QLatin1String("dark"), Qt::CaseInsensitive);
}

std::optional<bool> darkByKde(const QString& folder) {
  const QSettings settings(folder + QStringLiteral("/kdeglobals"), QSettings::IniFormat);
  const QStringList rgb = settings.value(QStringLiteral("Colors:Window/BackgroundNormal")).toStringList();
  if (rgb.size() != 3) return std::nullopt;
  return QColor(rgb[0].toInt(), rgb[1].toInt(), rgb[2].toInt()).lightness() < 128;
}

std::optional<bool> darkByGtk(const QString& folder) {
  for (const char* version : {"gtk-4.0", "gtk-3.0"}) {
    const QSettings settings(folder + '/' + QLatin1String(version) + QStringLiteral("/settings.ini"), QSettings::IniFormat);
    const QVariant prefers = settings.value(QStringLiteral("Settings/gtk-application-prefer-dark-theme"));
    if (prefers.isValid()) return prefers.toString() == QLatin1String("1") || prefers.toBool();
  }
  return std::nullopt;
}

std::optional<bool> darkBySettings() {
  if (const auto dark = darkByGtkVariable()) return dark;
  const QString folder = QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation);
  if (const auto dark = darkByKde(folder)) return dark;
  return darkByGtk(folder);
}

#endif

}  // namespace

SystemAppearance::SystemAppearance(QObject* parent)
    : QObject(parent), paletteDark_(QGuiApplication::palette().color(QPalette::Window).lightness() < 128) {
  dark_ = darkBySettings().value_or(paletteDark_);
  qApp->installEventFilter(this);
  askPortal();
}

bool SystemAppearance::eventFilter(QObject* watched, QEvent* event) {
  // The operator comes back from the desktop's settings: that is when it may have changed.
  if (watched == qApp && event->type() == QEvent::ApplicationStateChange && !portalAnswers_) refresh();
  return QObject::eventFilter(watched, event);
}

void SystemAppearance::refresh() { set(darkBySettings().value_or(paletteDark_)); }

void SystemAppearance::set(bool dark) {
  if (dark == dark_) return;
  dark_ = dark;
  emit changed(dark);
}

#ifdef PENSTOCK_HAS_DBUS

namespace {

constexpr auto portalService = "org.freedesktop.portal.Desktop";
constexpr auto portalPath = "/org/freedesktop/portal/desktop";
constexpr auto portalInterface = "org.freedesktop.portal.Settings";
constexpr auto portalGroup = "org.freedesktop.appearance";
constexpr auto portalKey = "color-scheme";

// Without a known bus libdbus would start one, which takes seconds.
bool sessionBusKnown() {
  return qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS") ||
         QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + QStringLiteral("/bus"));
}

QVariant unwrapped(QVariant value) {
  while (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
  return value;
}

}  // namespace

void SystemAppearance::askPortal() {
  if (!sessionBusKnown()) return;
  QDBusConnection bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  QDBusMessage read = QDBusMessage::createMethodCall(portalService, portalPath, portalInterface, QStringLiteral("Read"));
  read << QString(portalGroup) << QString(portalKey);
  auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(read), this);
  connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
    const QDBusPendingReply<QVariant> reply = *watcher;
    if (!reply.isError()) onPortalSetting(portalGroup, portalKey, unwrapped(reply.value()));
    watcher->deleteLater();
  });
  bus.connect(portalService, portalPath, portalInterface, QStringLiteral("SettingChanged"), this,
              SLOT(onPortalChange(QString, QString, QDBusVariant)));
}

void SystemAppearance::onPortalChange(const QString& group, const QString& key, const QDBusVariant& value) {
  onPortalSetting(group, key, unwrapped(value.variant()));
}

#else

void SystemAppearance::askPortal() {}

#endif

// 1: dark, 2: light, 0: no wish. (https://flatpak.github.io/xdg-desktop-portal, Settings)
void SystemAppearance::onPortalSetting(const QString& group, const QString& key, const QVariant& value) {
  if (group != QLatin1String("org.freedesktop.appearance") || key != QLatin1String("color-scheme")) return;
  portalAnswers_ = true;
  if (value.toUInt() != 0) set(value.toUInt() == 1);
}

}  // namespace penstock::ui
