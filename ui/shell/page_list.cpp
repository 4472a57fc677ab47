#include "shell/page_list.h"

#include "pages/activity_page.h"
#include "pages/latency_page.h"
#include "pages/lineage_page.h"
#include "pages/overview_page.h"
#include "pages/pods_page.h"
#include "pages/quality_page.h"
#include "pages/query_page.h"
#include "pages/replay_page.h"
#include "pages/settings_page.h"

namespace penstock::ui {
namespace {

template <typename P>
Page* make(Session& session) {
  return new P(session);
}

}  // namespace

const std::vector<PageEntry>& pageList() {
  static const std::vector<PageEntry> pages{
      {"overview", "Overview", Qt::Key_O, make<OverviewPage>},
      {"lineage", "Lineage", Qt::Key_L, make<LineagePage>},
      {"latency", "Latency", Qt::Key_T, make<LatencyPage>},
      {"quality", "Quality", Qt::Key_Q, make<QualityPage>},
      {"replay", "Replay", Qt::Key_R, make<ReplayPage>},
      {"pods", "Pods", Qt::Key_P, make<PodsPage>},
      {"query", "Query", Qt::Key_Y, make<QueryPage>},
      {"activity", "Activity", Qt::Key_A, make<ActivityPage>},
      {"settings", "Settings", Qt::Key_S, make<SettingsPage>},
  };
  return pages;
}

}  // namespace penstock::ui
