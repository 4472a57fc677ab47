#pragma once

// A batch as bytes: the form in which rows wait in the outbox, and travel from pod to engine.
//
//   u32 magic "PBR1", u32 rows, u16 columns, per column: u8 kind, u8 precision, u8 scale, u8 nullable,
//   u16 length + name, u8 has_validity, [validity bits], then fixed values, or i32 offsets (rows + 1) and data;
//   last a u32 CRC-32C of everything before. Integers are little endian.

#include <string>
#include <string_view>

#include "record/batch.h"

namespace penstock {

void append_batch_bytes(const Batch& batch, std::string& out);
// Reads one batch that fills `bytes`. Every length is checked: damaged bytes give ErrorKind::data_loss.
Result<Batch> parse_batch_bytes(std::string_view bytes);
// How many rows there are, without reading them; the checksum is looked at.
Result<std::int64_t> rows_of_batch_bytes(std::string_view bytes);

// CRC-32C (Castagnoli), as RFC 3720 gives it.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace penstock
