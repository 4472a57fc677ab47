#pragma once

// Private to this folder.

#include "sql/session.h"
#include "sql/sql_rules.h"

namespace penstock {

// Views of a schema without rows, so that SQL can be bound as its author wrote it; gone with the object.
class EmptyViews {
 public:
  EmptyViews(Session& session, const NameSet& names, const Schema& schema);
  ~EmptyViews();
  EmptyViews(const EmptyViews&) = delete;
  EmptyViews& operator=(const EmptyViews&) = delete;

  const Status& status() const { return status_; }      // whether they could be made

 private:
  Session& session_;
  const NameSet names_;
  Status status_;
};

}  // namespace penstock
