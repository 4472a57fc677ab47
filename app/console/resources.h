#pragma once

#include <QString>

namespace penstock {

// The demo workspace in the user's own data folder, copied there at its first start, because the demo is there to be
// changed. Empty when it cannot be found or written; then `problem` says why.
QString demoWorkspace(QString& problem);

}  // namespace penstock
