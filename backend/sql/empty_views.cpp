#include "sql/empty_views.h"

#include "sql/sql_text.h"

namespace penstock {

EmptyViews::EmptyViews(Session& session, const NameSet& names, const Schema& schema) : session_(session), names_(names) {
  std::string columns;
  for (const Field& field : schema.fields()) {
    columns += (columns.empty() ? "NULL::" : ", NULL::") + field.type.sql_name() + " AS " + quote_name(field.name);
  }
  for (const std::string& name : names_) {
    const auto created = session_.execute("CREATE OR REPLACE TEMP VIEW " + quote_name(name) + " AS SELECT " + columns + " WHERE false");
    if (!created.ok() && status_.ok()) status_ = created.error();
  }
}

EmptyViews::~EmptyViews() {
  for (const std::string& name : names_) (void)session_.execute("DROP VIEW IF EXISTS temp.main." + quote_name(name));
}

}  // namespace penstock
