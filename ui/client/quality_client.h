#pragma once

#include "client/answer.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/rows.h"
#include "client/values.h"

namespace penstock::ui {

class Connection;

// Expectations and the rows that failed them. Replies come on the UI thread while `receiver` lives.
class QualityClient {
 public:
  explicit QualityClient(Connection& engine) : engine_(engine) {}

  // `order`: "time" (newest first), "key" or "reason".
  Call listRejected(const RejectedFilter& filter, qint64 offset, int limit, const QString& order, QObject* receiver, Reply<RejectedPage> reply);
  // Where one row came from and how far it got, with its raw bytes.
  Call journey(const QString& rowId, QObject* receiver, Reply<RejectedJourney> reply);
  Call diagnose(const QString& stream, const QString& expectation, QObject* receiver, Reply<Diagnosis> reply);
  Call readSeed(const QString& name, QObject* receiver, Reply<Seed> reply);
  // Refused when the seed is no longer of `seed.revision`.
  Call writeSeed(const Command& command, const Seed& seed, QObject* receiver, Reply<CommandOutcome> reply);
  // Refused without a reason in the command.
  Call mute(const Command& command, const ExpectationName& expectation, QObject* receiver, Reply<CommandOutcome> reply);
  Call unmute(const Command& command, const ExpectationName& expectation, QObject* receiver, Reply<CommandOutcome> reply);

 private:
  Connection& engine_;
};

}  // namespace penstock::ui
