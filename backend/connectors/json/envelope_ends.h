#pragma once

// Of changes that postgres_cdc has written (connectors/postgres/cdc_record.h) the ends are known byte by byte, so that the row between
// them is found without a parser:
//
//   {"op":"r","before":null,"after":{…},"source":{"ts_us":1769860800000000,"lsn":"0/15D0A28","snapshot":true}}
//   {"op":"d","before":{…},"after":null,"source":{"ts_us":1769860800000000,"lsn":"0/15D0A28","txId":731}}

#include <string_view>

#include "connectors/json/debezium_envelope.h"

namespace penstock::json {

// False: a record of another shape, which may still be an envelope. What `before` or `after` is then begins and ends as an object does,
// and where it is one the record is just that envelope: whoever reads it must refuse what follows the object.
bool read_ends(std::string_view record, Envelope& envelope);

}  // namespace penstock::json
