#pragma once

// A join as a step runs it: rows of two inputs in, rows of both out, as sql/join_plan.h lays them out. A joined row has the
// origin (`_source`, `_partition`, `_offset`, …) of that of its two rows whose time is the later, of the left one where they
// are the same: so the origin does not depend on which of them came first, and a replay finds what it has to replace.

#include <array>
#include <memory>
#include <vector>

#include "sql/join_plan.h"
#include "stream/epoch_context.h"
#include "stream/flow.h"
#include "stream/join_state.h"

namespace penstock {

class JoinStep {
 public:
  struct Side {
    SchemaPtr schema;
    bool behind_join = false;      // its rows say their watermark by themselves
  };
  // Errors say where in the workspace.
  static Result<std::unique_ptr<JoinStep>> compile(Session& session, const StepSpec& spec, const Side& left, const Side& right);

  // What the step makes of joined rows.
  const StepProgramSpec& output() const { return plan_.output; }
  // Small seeds stand in the condition as their values.
  Status recompile(Session& session);

  struct Joined {
    Flow flow;                     // rows of output().schema
    Flow late;                     // as they came
    std::int64_t matchless = 0;    // rows that match nothing and are not kept
    std::int64_t dead = 0;         // pairs for which the condition cannot be computed; they are in the context's dead letters
  };
  Result<Joined> run(const Flow& left, const Flow& right, EpochContext& context);

  JoinState& state() { return state_; }
  const JoinState& state() const { return state_; }

 private:
  JoinStep(const StepSpec& spec, JoinPlan plan, JoinState::Options state) : spec_(spec), plan_(std::move(plan)), state_(std::move(state)) {}

  Status take_side(std::size_t side, const Flow& input, EpochContext& context, Joined& joined);
  Status take_pairs(JoinState::Pairs pairs, EpochContext& context, Joined& joined);
  Status tell_unmatched(EpochContext& context, Joined& joined);
  void add_unmatched(std::size_t side, const Batch& rows, Joined& joined, bool has_waited) const;
  Flow::Part part_of(const std::array<Batch, 2>& sides, const std::vector<std::uint8_t>& origins, bool has_waited) const;

  // Constant after compile().
  const StepSpec spec_;
  const JoinPlan plan_;

  std::optional<StepProgram> condition_;
  JoinState state_;
};

}  // namespace penstock
