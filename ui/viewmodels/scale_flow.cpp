#include "viewmodels/scale_flow.h"

#include "client/pipeline_client.h"
#include "viewmodels/format.h"
#include "viewmodels/states.h"

namespace penstock::ui {
namespace {

using namespace std::chrono_literals;

constexpr auto longestWait = 60s;       // for pods to be ready; then the pods page itself tells the rest
constexpr size_t mostMoves = 6;         // that are named

// "2 and 5 from sales-0 to sales-2": moves between the same pods stand together.
QStringList movesInWords(const std::vector<ShardMove>& moves) {
  std::vector<std::pair<QString, QStringList>> ways;
  for (const ShardMove& move : moves) {
    const QString way = ScaleFlow::tr("from %1 to %2").arg(move.from, move.to);
    auto known = std::find_if(ways.begin(), ways.end(), [&](const auto& one) { return one.first == way; });
    if (known == ways.end()) known = ways.insert(ways.end(), {way, {}});
    known->second << QString::number(move.shard);
  }
  QStringList lines;
  for (const auto& [way, shards] : ways) {
    if (lines.size() == static_cast<qsizetype>(mostMoves)) {
      lines << ScaleFlow::tr("and %1").arg(counted(static_cast<qint64>(ways.size() - mostMoves), ScaleFlow::tr("more move"), ScaleFlow::tr("more moves")));
      break;
    }
    lines << (shards.size() == 1 ? ScaleFlow::tr("Shard %1 %2") : ScaleFlow::tr("Shards %1 %2")).arg(shards.join(QStringLiteral(", ")), way);
  }
  return lines;
}

}  // namespace

ScaleFlow::ScaleFlow(Connection& engine, QString pipeline, int wanted, Begins begins, QObject* parent)
    : ActionFlow(engine, parent), pipeline_(std::move(pipeline)), begins_(begins), wanted_(wanted) {
  patience_.setSingleShot(true);
  connect(&engine, &Connection::changed, this, &ScaleFlow::lookAtPods);
  connect(&patience_, &QTimer::timeout, this, [this] {
    if (stage() == Stage::Running && !done_.isEmpty()) finish(done_ + tr(" · not all of them are ready yet"));
  });
}

void ScaleFlow::setWanted(int pods) {
  if (pods == wanted_ || isBusy() || !engine()) return;
  wanted_ = pods;
  if (stage() == Stage::Confirming) preview();
}

void ScaleFlow::preview() {
  call_ = PipelineClient(*engine()).previewScale(pipeline_, wanted_, this, [this](const Answer<ScalePreview>& answer) {
    if (!answer) return fail(answer.error());
    Sheet sheet;
    sheet.title = title();
    sheet.canRun = answer->pods != answer->wanted;
    const qint64 moved = static_cast<qint64>(answer->moves.size());
    sheet.facts << (sheet.canRun ? tr("From %1 to %2 · %3 of %4 shards move").arg(counted(answer->pods, tr("pod"), tr("pods"))).arg(answer->wanted).arg(moved).arg(answer->shards)
                                 : tr("It has %1: nothing would move").arg(counted(answer->pods, tr("pod"), tr("pods"))));
    sheet.facts << movesInWords(answer->moves);
    if (moved > 0) sheet.facts << tr("Each stops behind its epoch and goes on in its new pod; the others run meanwhile. Nothing is lost or sent twice.");
    sheet.why = tr("%1 pods for %2").arg(wanted_).arg(pipeline_);
    previewed(sheet, begins_ == Begins::AtOnce);
  });
}

QString ScaleFlow::expectedState() const {
  const auto found = engine()->picture().pipelines.constFind(pipeline_);
  return found == engine()->picture().pipelines.constEnd() ? QString() : nameOf(found->status);
}

void ScaleFlow::run(const Command& command) {
  done_.clear();
  call_ = PipelineClient(*engine()).scale(command, pipeline_, wanted_, this, [this](const Answer<CommandOutcome>& answer) {
    if (!answer) return fail(answer.error());
    done_ = answer->outcome;
    patience_.start(longestWait);
    lookAtPods();
  });
}

void ScaleFlow::lookAtPods() {
  if (stage() != Stage::Running || done_.isEmpty() || !engine()) return;
  const auto found = engine()->picture().pipelines.constFind(pipeline_);
  if (found == engine()->picture().pipelines.constEnd()) return;
  if (found->podsWanted == wanted_ && found->podsReady == wanted_) {
    patience_.stop();
    return finish(done_);
  }
  progressed(tr("%1 of %2 pods ready").arg(std::min(found->podsReady, wanted_)).arg(wanted_), std::nullopt);
}

}  // namespace penstock::ui
