#include "client/series_client.h"

#include <penstock/v1/telemetry.grpc.pb.h>

#include "client/connection.h"
#include "client/convert.h"
#include "client/unary_call.h"

namespace penstock::ui {

Call SeriesClient::series(const QStringList& names, Instant from, Instant to, int maxPoints, QObject* receiver, Reply<std::vector<Series>> reply) {
  v1::GetSeriesRequest request;
  setTexts(names, request.mutable_names());
  request.set_from(microsOf(from));
  request.set_to(microsOf(to));
  request.set_max_points(maxPoints);
  return startUnary<v1::TelemetryService>(engine_.transport(), &v1::TelemetryService::Stub::async::GetSeries, std::move(request),
                                    usualDeadline, seriesOf, receiver, std::move(reply));
}

}  // namespace penstock::ui
